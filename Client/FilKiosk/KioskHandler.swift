internal import Dispatch
public import HTTP
internal import Synchronization

/// Hands the requests of a server to a kiosk: pages at once, wishes one after another on a thread of
/// their own.
///
/// A wish is written where syncs write too, and may have to wait for one. The few threads of a server
/// must not, or nobody could read meanwhile. Thread-safe.
public final class KioskHandler: Sendable {
  /// How many wishes may wait: each does for five seconds at most while another program writes, and a
  /// reply is due within a minute.
  private static let limit = 8

  private let kiosk: Kiosk
  private let queue = DispatchQueue(label: "wishes")
  private let waiting = Mutex(0)

  public init(_ kiosk: Kiosk) { self.kiosk = kiosk }

  /// The answer to `request` at `now`, as of ``Kiosk/answer(_:now:)``.
  public func answer(_ request: Request, now: Int) -> Answer {
    guard request.method == .post, Route(request.path) == .wish else {
      return .ready(kiosk.answer(request, now: now))
    }
    return .later { [self] reply in
      let hasPlace = waiting.withLock { count in
        guard count < KioskHandler.limit else { return false }
        count += 1
        return true
      }
      guard hasPlace else { return reply.send(kiosk.busy) }
      queue.async { [self] in
        let response = kiosk.answer(request, now: now)
        waiting.withLock { $0 -= 1 }
        reply.send(response)
      }
    }
  }
}
