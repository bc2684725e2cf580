internal import Glibc

/// A file that grows at its end, such as a spool of received bytes.
///
/// It belongs to one thread at a time. What was appended is visible to other readers at once and
/// survives a crash of the process; it survives a power cut after ``sync()``.
public struct AppendFile: ~Copyable, Sendable {
  private let file: Descriptor
  /// Bytes in the file.
  public private(set) var size: Int

  /// Opens the file, creating it (and not its folder) where missing.
  public init(_ path: String, mode: UInt32 = 0o644) throws(FileError) {
    let opened = try Descriptor(opening: path, O_RDWR | O_CREAT | O_APPEND, mode: mode)
    size = try opened.size()
    file = opened
  }

  public var path: String { file.path }

  /// Adds the bytes at the end.
  ///
  /// - Throws: ``FileError``; the file then ends where it did before, or, if even cutting it back
  ///   failed, ``size`` tells what is there.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    do throws(FileError) {
      try file.write(bytes)
      size += bytes.count
    } catch {
      if ftruncate(file.number, off_t(size)) != 0 { size = (try? file.size()) ?? size }
      throw error
    }
  }

  /// Adds the bytes at the end, as ``append(_:)`` does.
  public mutating func append(_ bytes: [UInt8]) throws(FileError) {
    var failure: FileError?
    bytes.withUnsafeBytes { buffer in
      do throws(FileError) { try append(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Drops what lies beyond `length`; a length beyond the end changes nothing.
  public mutating func truncate(to length: Int) throws(FileError) {
    guard length < size else { return }
    let number = file.number
    guard uninterrupted({ ftruncate(number, off_t(length)) }) == 0 else {
      throw .last("truncate", path)
    }
    size = length
  }

  /// The bytes at `offset`, at most `count`; fewer only where the file ends.
  public borrowing func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    let available = max(0, min(count, size - offset))
    return try file.read(at: offset, count: available)
  }

  public borrowing func sync() throws(FileError) { try file.sync() }
}
