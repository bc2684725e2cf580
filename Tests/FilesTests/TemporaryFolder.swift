import Files
import Glibc

/// Runs `body` with a new folder that is removed afterwards.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let path = "/tmp/fil-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
  try Files.ensureDirectory(path)
  defer { try? Files.removeTree(path) }
  return try body(path)
}
