internal import Glibc

/// An open file, or a part of it, to be sent; any number of responses and threads may share it.
///
/// It stays readable when the name is removed or replaced meanwhile. The file must not become
/// shorter: write a new one and rename.
public final class FileBody: Sendable {
  private final class Descriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
  }

  public let path: String
  public let offset: Int
  /// Bytes from `offset` on.
  public let size: Int
  private let descriptor: Descriptor

  /// Opens a regular file.
  public init(_ path: String) throws(ServerError) {
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { throw .file(path, errno: errno) }
    descriptor = Descriptor(number)
    var status = stat()
    guard fstat(number, &status) == 0 else { throw .file(path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .file(path, errno: EISDIR) }
    self.path = path
    offset = 0
    size = Int(status.st_size)
  }

  private init(_ whole: FileBody, _ range: Range<Int>) {
    path = whole.path
    descriptor = whole.descriptor
    offset = whole.offset + range.lowerBound
    size = range.count
  }

  /// The bytes `range` of this one, over the same descriptor.
  public func slice(_ range: Range<Int>) -> FileBody {
    FileBody(self, range.clamped(to: 0..<size))
  }

  /// A descriptor of its own for a response, which closes it; negative when there are no more.
  func duplicate() -> Int32 { fcntl(descriptor.number, F_DUPFD_CLOEXEC, 0) }
}
