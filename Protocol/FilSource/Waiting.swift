internal import Dispatch
internal import Synchronization

/// Requests that wait for a newer head: `?wait=` of `Protocol/http.md` [HTTP-10].
///
/// Thread-safe. While nobody waits nothing runs; else the head is looked at twice a second, once for
/// all of them. A client can hold a place for a minute at most, and there are `limit` places.
final class Waiting: Sendable {
  /// One request: what it knows, until when it waits, and what is done then.
  struct Waiter: Sendable {
    var version: Int
    /// Seconds of the monotonic clock.
    var until: Double
    var wake: @Sendable () -> Void
  }

  private struct State {
    var waiters: [Waiter] = []
    var isTicking = false
  }

  private static let interval = 0.5
  private let limit: Int
  private let head: @Sendable () -> Int?
  private let state = Mutex(State())

  /// `head`: the newest version; nil where it cannot be told, which wakes all.
  init(limit: Int, head: @escaping @Sendable () -> Int?) {
    self.limit = limit
    self.head = head
  }

  /// Has `wake` called when there is a version above `version`, or after `seconds`; false: no place.
  func wait(from version: Int, seconds: Int, wake: @escaping @Sendable () -> Void) -> Bool {
    let until = Waiting.now() + Double(seconds)
    let start = state.withLock { state -> Bool? in
      guard state.waiters.count < limit else { return nil }
      state.waiters.append(Waiter(version: version, until: until, wake: wake))
      defer { state.isTicking = true }
      return !state.isTicking
    }
    if start == true { again() }
    return start != nil
  }

  var count: Int { state.withLock { $0.waiters.count } }

  /// Wakes those for whom there is something new, or whose time is up at `now`; whether any wait on.
  func tick(now: Double) -> Bool {
    let version = head()
    let (due, goesOn) = state.withLock { state in
      let isDue = { (waiter: Waiter) in
        waiter.until <= now || version.map { $0 != waiter.version } ?? true
      }
      let due = state.waiters.filter(isDue)
      state.waiters.removeAll(where: isDue)
      state.isTicking = !state.waiters.isEmpty
      return (due, state.isTicking)
    }
    for waiter in due { waiter.wake() }
    return goesOn
  }

  private func again() {
    DispatchQueue.global().asyncAfter(deadline: .now() + Waiting.interval) { [self] in
      if tick(now: Waiting.now()) { again() }
    }
  }

  private static func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
}
