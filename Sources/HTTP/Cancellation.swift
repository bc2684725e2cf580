internal import Synchronization

/// A flag, raised once and for ever from any thread, that ends the calls it was given to.
public final class Cancellation: Sendable {
  private struct State {
    var isCancelled = false
    var next = 0
    var wakers: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  public var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Ends the calls that run with this flag, and those that will.
  public func cancel() {
    state.withLock { state in
      state.isCancelled = true
      for wake in state.wakers.values { wake() }
    }
  }

  /// Has `wake` called by ``cancel()``, under the lock, until ``forget(_:)``.
  func onCancel(_ wake: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.next += 1
      state.wakers[state.next] = wake
      return state.next
    }
  }

  func forget(_ waker: Int) { state.withLock { $0.wakers[waker] = nil } }
}
