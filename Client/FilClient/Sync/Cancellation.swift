internal import HTTP

/// Stops a sync from another thread; what was received is kept.
///
/// Thread-safe; once cancelled it stays so.
public final class Cancellation: Sendable {
  let transport = HTTP.Cancellation()

  public init() {}

  public func cancel() { transport.cancel() }

  public var isCancelled: Bool { transport.isCancelled }
}
