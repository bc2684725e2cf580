public import FilClient
import Files

/// Copies a replica that nobody has open.
public func copyReplica(_ path: String, to copy: String) throws {
  for suffix in ["", "-wal"] where Files.exists(path + suffix) {
    try Files.writeDurably(copy + suffix, try Files.read(path + suffix, atMost: 1 << 30))
  }
}

public func removeReplica(_ path: String) throws {
  for suffix in ["", "-wal", "-shm", "-lock"] { try Files.removeTree(path + suffix) }
}

extension SyncClock {
  /// Time stands still, and waiting takes none.
  public static let still = SyncClock(
    now: { 1_800_000_000 }, monotonic: { 0 }, sleep: { _, _ in }, random: { 0.5 })
}
