import Files
import Glibc
import Testing

@Suite struct FilesTests {
  @Test func `a written file holds the bytes, with the mode asked for, and leaves nothing else`()
    throws
  {
    try withTemporaryFolder { folder in
      let path = "\(folder)/secret"
      try Files.writeDurably(path, [1, 2, 3], mode: 0o600)
      try Files.writeDurably(path, [4, 5], mode: 0o600)
      #expect(try Files.read(path, atMost: 2) == [4, 5])
      #expect(try Files.list(folder).map(\.name) == ["secret"])
      var status = stat()
      #expect(stat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
  }

  @Test func `a file longer than allowed is refused, not cut`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      try Files.writeDurably(path, [UInt8](repeating: 7, count: 100))
      let error = #expect(throws: FileError.self) { try Files.read(path, atMost: 99) }
      #expect(error?.isTooLarge == true)
      #expect(try Files.read(path, atMost: 100).count == 100)
      #expect(try Files.read(path, atMost: .max).count == 100)
    }
  }

  @Test func `a missing file is told by its path`() {
    let error = #expect(throws: FileError.self) { try Files.read("/nowhere/a", atMost: 1) }
    #expect(error == FileError("open", "/nowhere/a", code: ENOENT))
    #expect(error?.isMissing == true)
    #expect(error?.description == "cannot open /nowhere/a: No such file or directory")
  }

  @Test func `a failed write leaves the file and the folder as they were`() throws {
    try withTemporaryFolder { folder in
      try Files.ensureDirectory("\(folder)/target/inside")
      #expect(throws: FileError.self) { try Files.writeDurably("\(folder)/target", [1]) }
      #expect(try Files.list(folder).map(\.name) == ["target"])
    }
  }

  @Test func `folders are made with those above them, once`() throws {
    try withTemporaryFolder { folder in
      try Files.ensureDirectory("\(folder)/a/b/c")
      try Files.ensureDirectory("\(folder)/a/b/c")
      try Files.writeDurably("\(folder)/a/b/file", [1, 2])
      let entries = try Files.list("\(folder)/a/b")
      #expect(entries.map(\.name) == ["c", "file"])
      #expect(entries.map(\.isDirectory) == [true, false])
      #expect(entries.last?.size == 2)
      #expect(throws: FileError.self) { try Files.ensureDirectory("\(folder)/a/b/file") }
      #expect(throws: FileError.self) { try Files.ensureDirectory("\(folder)/a/b/file/d") }
    }
  }

  @Test func `a path has one spelling without links`() throws {
    try withTemporaryFolder { folder in
      try Files.ensureDirectory("\(folder)/a")
      try Files.writeDurably("\(folder)/a/file", [1])
      #expect(symlink("\(folder)/a", "\(folder)/link") == 0)
      #expect(
        try Files.canonical("\(folder)/link/../link/file") == Files.canonical("\(folder)/a/file"))
      #expect(throws: FileError.self) { try Files.canonical("\(folder)/none") }
    }
  }

  @Test func `removing a tree does not follow links out of it`() throws {
    try withTemporaryFolder { folder in
      try Files.ensureDirectory("\(folder)/kept")
      try Files.writeDurably("\(folder)/kept/file", [1])
      try Files.ensureDirectory("\(folder)/tree/deep")
      #expect(symlink("\(folder)/kept", "\(folder)/tree/deep/link") == 0)
      try Files.removeTree("\(folder)/tree")
      try Files.removeTree("\(folder)/tree")
      #expect(try Files.list(folder).map(\.name) == ["kept"])
      #expect(try Files.list("\(folder)/kept").map(\.name) == ["file"])
    }
  }

  @Test func `a lock has one owner until it is let go`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/lock"
      func isFree() throws -> Bool {
        let lock = try FileLock.tryLock(path)
        return lock != nil
      }
      do {
        let first = try FileLock.tryLock(path)
        let held = first != nil
        #expect(held)
        #expect(try !isFree())
        #expect(try FileLock.isHeld(path))
        _ = consume first
      }
      #expect(try isFree())
      #expect(try !FileLock.isHeld(path) && !FileLock.isHeld("\(folder)/none"))
      #expect(throws: FileError.self) { _ = try FileLock.tryLock("\(folder)/no/lock") }
    }
  }

  @Test func `a lock ends with its owner though a forked child has its file open`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/lock"
      var lock = try FileLock.tryLock(path)
      let held = lock != nil
      #expect(held)
      // What a child has between fork and exec: another number for the same open file.
      let number = (3..<1_024).first { number in
        var link = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/fd/\(number)", &link, link.count)
        return count > 0
          && link.prefix(count).map(UInt8.init(bitPattern:)).elementsEqual(path.utf8)
      }
      let copy = dup(Int32(try #require(number)))
      #expect(copy >= 0)
      defer { close(copy) }
      lock = nil
      let again = try FileLock.tryLock(path)
      let isFree = again != nil
      #expect(isFree)
    }
  }

  @Test func `a spool grows, is read back, is cut, and goes on after reopening`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/spool"
      var spool = try AppendFile(path)
      try spool.append([1, 2, 3, 4])
      try spool.append([5, 6])
      try spool.truncate(to: 5)
      try spool.truncate(to: 9)
      #expect(spool.size == 5)
      #expect(try spool.read(at: 3, count: 10) == [4, 5])
      #expect(try spool.read(at: 9, count: 10) == [])
      try spool.sync()
      var again = try AppendFile(path)
      #expect(again.size == 5)
      try again.append([7])
      #expect(try Files.read(path, atMost: 10) == [1, 2, 3, 4, 5, 7])
    }
  }

  @Test func `a full disk is told as such and the spool ends where it did`() throws {
    var full = try AppendFile("/dev/full")
    var seen: FileError?
    do throws(FileError) { try full.append([1]) } catch { seen = error }
    #expect(seen?.isFull == true)
    #expect(full.size == 0)
  }
}
