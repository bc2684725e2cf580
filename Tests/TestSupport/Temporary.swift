import Files
import Glibc

/// Runs `body` with a folder of its own, which is removed afterwards.
public func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = try makeTemporaryFolder()
  defer { try? Files.removeTree(folder) }
  return try body(folder)
}

/// A new folder with a name of its own.
public func makeTemporaryFolder() throws -> String {
  var template = Array("/tmp/fil-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw FileError("create", "/tmp", code: errno) }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
