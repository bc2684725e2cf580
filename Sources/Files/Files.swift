internal import Glibc

/// Whole-file operations that survive a power cut.
///
/// All functions may be called from any thread; descriptors are closed on `exec`.
public enum Files {
  /// Replaces the file at `path` with `bytes`, as a whole.
  ///
  /// After a crash it holds the old bytes or the new ones.
  ///
  /// The bytes go to a temporary file of the same folder, which is synced, renamed, and the folder
  /// synced. Give secrets the mode `0o600`.
  ///
  /// - Throws: ``FileError``; the file at `path` is then as it was, unless only the folder's sync
  ///   failed.
  public static func writeDurably(
    _ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644
  ) throws(FileError) {
    let temporary = temporaryName(for: path)
    do throws(FileError) {
      let file = try Descriptor(
        opening: temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
      var failure: FileError?
      bytes.withUnsafeBytes { buffer in
        do throws(FileError) { try file.write(buffer) } catch { failure = error }
      }
      if let failure { throw failure }
    } catch {
      if error.code != EEXIST { unlink(temporary) }
      throw error
    }
    try replaceDurably(path, with: temporary)
  }

  /// Moves the finished file `temporary` over `path`, of the same folder, and syncs both.
  ///
  /// - Throws: ``FileError``; `temporary` is then removed.
  public static func replaceDurably(
    _ path: String, with temporary: String
  ) throws(FileError) {
    do throws(FileError) {
      try Descriptor(opening: temporary, O_RDONLY).sync()
      guard rename(temporary, path) == 0 else { throw FileError.last("rename", path) }
    } catch {
      unlink(temporary)
      throw error
    }
    try syncDirectory(parent(of: path))
  }

  /// A name in `path`'s folder that no other thread or process uses.
  public static func temporaryName(for path: String) -> String {
    "\(path).\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 36)).tmp"
  }

  /// The bytes of a regular file of at most `limit` bytes, as long as it is when it is opened.
  ///
  /// - Throws: ``FileError``, with `isTooLarge` when the file is longer than `limit`.
  public static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    let size = try file.size()
    guard size <= limit else { throw FileError("read", path, code: EFBIG) }
    return try file.read(at: 0, count: size)
  }

  /// Makes sure that the folder's entries (names created, renamed, removed) survive a crash.
  public static func syncDirectory(_ path: String) throws(FileError) {
    try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).sync()
  }

  /// `path` from the root on; the process's folder must be there.
  public static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }

  /// The path of what is at `path`, from the root and without links.
  ///
  /// - Throws: ``FileError``, such as when there is nothing.
  public static func canonical(_ path: String) throws(FileError) -> String {
    guard let found = unsafe realpath(path, nil) else { throw .last("resolve", path) }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// The folder that holds `path`.
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

extension Files {
  /// Whether there is something at `path`, also a link that leads nowhere.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }
}
