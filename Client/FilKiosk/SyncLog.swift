public import FilClient
internal import Synchronization

/// What the syncs beside a kiosk do, for its page of state.
///
/// Thread-safe: a sync writes, pages read. It is kept in memory only.
public final class SyncLog: Sendable {
  /// The end of one sync.
  public struct Outcome: Sendable {
    /// Seconds since 1970-01-01T00:00Z, by the local clock.
    public var time: Int
    public var report: SyncReport
    /// Nil: it ended well.
    public var error: FilError?
  }

  private struct State {
    var progress: SyncProgress?
    var last: Outcome?
  }

  private let state = Mutex(State())

  public init() {}

  /// A sync is under way.
  public func note(_ progress: SyncProgress) { state.withLock { $0.progress = progress } }

  /// A sync ended, at `now` in seconds since 1970-01-01T00:00Z.
  public func note(_ result: Result<SyncReport, SyncFailure>, now: Int) {
    let outcome =
      switch result {
      case .success(let report): Outcome(time: now, report: report, error: nil)
      case .failure(let failure):
        Outcome(time: now, report: failure.report, error: failure.error)
      }
    state.withLock { $0 = State(progress: nil, last: outcome) }
  }

  /// Of the sync under way; nil: there is none, or nothing has come yet.
  public var progress: SyncProgress? { state.withLock { $0.progress } }

  public var last: Outcome? { state.withLock { $0.last } }
}
