internal import Glibc

/// A system call on a file that failed, told as what could not be done to which path.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done, in one word.
  ///
  /// One of `open`, `stat`, `read`, `write`, `sync`, `truncate`, `rename`, `create`, `remove`, `list`,
  /// `lock`.
  public let verb: String
  public let path: String
  /// The value of `errno`.
  public let code: Int32

  public init(_ verb: String, _ path: String, code: Int32) {
    self.verb = verb
    self.path = path
    self.code = code
  }

  /// The error of the system call that has just failed on this thread.
  static func last(_ verb: String, _ path: String) -> FileError {
    FileError(verb, path, code: errno)
  }

  /// Nothing is there under this path.
  public var isMissing: Bool { code == ENOENT }
  /// The disk or the quota is full.
  public var isFull: Bool { code == ENOSPC || code == EDQUOT }
  /// The file is larger than the reader allowed.
  public var isTooLarge: Bool { code == EFBIG }

  public var description: String {
    "cannot \(verb) \(path): \(String(cString: strerror(code)))"
  }
}

/// Calls again as long as a signal interrupted the call.
func uninterrupted<T: SignedInteger>(_ call: () -> T) -> T {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
