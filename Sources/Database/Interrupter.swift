internal import CSQLite
internal import Synchronization

/// Stops, from any thread, the call that a connection is busy with.
public final class Interrupter: Sendable {
  // The pointer as a number: it is used under the lock only, and is nil once the file is closed.
  private let connection: Mutex<UInt?>

  init(_ handle: OpaquePointer) {
    connection = Mutex(UInt(bitPattern: handle))
  }

  /// Makes the statements that run now fail with `isInterrupted`; a write that was not in a
  /// transaction of its own is rolled back.
  public func interrupt() {
    connection.withLock { address in
      if let address, let handle = OpaquePointer(bitPattern: address) { sqlite3_interrupt(handle) }
    }
  }

  func forget() { connection.withLock { $0 = nil } }
}
