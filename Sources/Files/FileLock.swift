internal import Glibc

/// Exclusive use of a path among processes (and threads) that ask for it, for as long as it lives.
///
/// The kernel lets go of it when the value is destroyed or the process dies, in whatever way. The
/// file stays: removing it would let two owners in.
public struct FileLock: ~Copyable, Sendable {
  private let file: Descriptor

  private init(_ file: consuming Descriptor) { self.file = file }

  // Closing is not enough: a child that another thread has just forked holds the open file until it
  // execs, and the lock with it.
  deinit { flock(file.number, LOCK_UN) }

  /// The lock on `path`, or nil while somebody else holds it; the file is created where missing.
  public static func tryLock(_ path: String) throws(FileError) -> FileLock? {
    let file = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o644)
    if try lock(file, LOCK_EX) { return FileLock(file) }
    // Whoever only looks, with ``isHeld(_:)``, has it for an instant.
    usleep(10_000)
    return try lock(file, LOCK_EX) ? FileLock(file) : nil
  }

  /// Whether somebody has the lock on `path` at this moment; a missing file is nobody's.
  public static func isHeld(_ path: String) throws(FileError) -> Bool {
    guard Files.exists(path) else { return false }
    let file = try Descriptor(opening: path, O_RDONLY)
    guard try lock(file, LOCK_SH) else { return true }
    flock(file.number, LOCK_UN)
    return false
  }

  private static func lock(
    _ file: borrowing Descriptor, _ kind: Int32
  ) throws(FileError) -> Bool {
    let number = file.number
    if uninterrupted({ flock(number, kind | LOCK_NB) }) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw .last("lock", file.path) }
    return false
  }
}
