internal import Glibc

/// Something that one thread rings and another waits for, as a descriptor that `poll` understands.
///
/// Thread-safe. Rung once or a thousand times, it is rung until it is cleared.
public final class Bell: Sendable {
  /// Readable while the bell is rung; it lives as long as the bell does.
  public let descriptor: Int32
  private let writing: Int32

  /// - Throws: ``FileError`` when the process has no descriptor left.
  public init() throws(FileError) {
    var ends: [Int32] = [-1, -1]
    // A pair of sockets rather than a pipe: nobody else's exec can fall between making and marking it.
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    guard socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0 else { throw .last("create", "bell") }
    descriptor = ends[0]
    writing = ends[1]
  }

  deinit {
    close(descriptor)
    close(writing)
  }

  public func ring() {
    var byte: UInt8 = 1
    // One that is full is rung already.
    _ = uninterrupted { write(writing, &byte, 1) }
  }

  /// Stops the ringing; true when it was rung.
  @discardableResult
  public func clear() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 64)
    var wasRung = false
    while uninterrupted({ read(descriptor, &bytes, bytes.count) }) > 0 { wasRung = true }
    return wasRung
  }
}
