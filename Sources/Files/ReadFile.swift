internal import Glibc

/// An open file that is only read, at any place, such as one on a stick that may be pulled out.
///
/// It belongs to one thread at a time. It goes on reading the file that was opened, whatever takes
/// its name meanwhile.
public struct ReadFile: ~Copyable, Sendable {
  private let file: Descriptor
  /// Bytes in the file when it was opened.
  public let size: Int

  /// Opens the file at `path`.
  ///
  /// - Throws: ``FileError``, also for a folder.
  public init(_ path: String) throws(FileError) {
    let opened = try Descriptor(opening: path, O_RDONLY)
    // Opening a folder works; reading it does not.
    _ = try opened.read(at: 0, count: 1)
    size = try opened.size()
    file = opened
  }

  /// The bytes at `offset`, at most `count`; fewer only where the file ends.
  public borrowing func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try file.read(at: offset, count: max(0, min(count, size - offset)))
  }
}
