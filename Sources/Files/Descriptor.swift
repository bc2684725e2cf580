internal import Glibc

/// An open file, closed exactly once when its owner lets go of it.
struct Descriptor: ~Copyable {
  let number: Int32
  let path: String

  init(opening path: String, _ flags: Int32, mode: UInt32 = 0) throws(FileError) {
    let number = uninterrupted { open(path, flags | O_CLOEXEC, mode_t(mode)) }
    guard number >= 0 else { throw .last("open", path) }
    self.number = number
    self.path = path
  }

  deinit { close(number) }

  borrowing func size() throws(FileError) -> Int {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw .last("stat", path) }
    return Int(status.st_size)
  }

  borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = uninterrupted { Glibc.write(number, rest.baseAddress, rest.count) }
      guard count >= 0 else { throw .last("write", path) }
      done += count
    }
  }

  /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
  borrowing func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let position = off_t(offset + filled)
        let got = uninterrupted { pread(number, rest.baseAddress, rest.count, position) }
        if got < 0 { failure = .last("read", path) }
        if got <= 0 { return }
        filled += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  borrowing func sync() throws(FileError) {
    guard uninterrupted({ fsync(number) }) == 0 else { throw .last("sync", path) }
  }
}
