internal import CMicrohttpd
internal import Synchronization

/// What a handler says to a request.
public enum Answer: Sendable {
  case ready(Response)
  /// The connection is parked, without a thread; the closure is called at once, and the reply it
  /// gets is sent when there is something to say.
  ///
  /// A client that hangs up meanwhile is noticed only at the reply: answer within a minute.
  case later(@Sendable (Reply) -> Void)
}

/// The answer that a parked client waits for: sent once, from any thread.
///
/// A reply that is dropped without having been sent is a 500.
public final class Reply: Sendable {
  private let parking: Parking
  private let exchange: Exchange

  init(_ parking: Parking, _ exchange: Exchange) {
    self.parking = parking
    self.exchange = exchange
  }

  deinit { parking.answer(exchange, with: .text(500, "no answer\n")) }

  /// Sends the answer and wakes the connection; only the first call, before the server stops,
  /// does anything.
  public func send(_ response: Response) { parking.answer(exchange, with: response) }
}

/// The connections that wait for a reply.
///
/// A connection is woken under the lock, by whoever takes its exchange out: never twice, and never
/// after the server has let it go.
final class Parking: Sendable {
  private struct State {
    // Connections as numbers: they are used under the lock only.
    var parked: [ObjectIdentifier: (exchange: Exchange, connection: UInt)] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.parked.count } }

  /// Parks the connection, or answers it at once when the server stops.
  func park(_ exchange: Exchange, _ connection: OpaquePointer) {
    MHD_suspend_connection(connection)
    let address = UInt(bitPattern: connection)
    let isClosed = state.withLock { state in
      state.parked[ObjectIdentifier(exchange)] = (exchange, address)
      return state.isClosed
    }
    if isClosed { answer(exchange, with: .text(503, "stopping\n")) }
  }

  func answer(_ exchange: Exchange, with response: Response) {
    state.withLock { state in
      guard let entry = state.parked.removeValue(forKey: ObjectIdentifier(exchange)) else { return }
      exchange.state.withLock { $0.answer = response }
      MHD_resume_connection(OpaquePointer(bitPattern: entry.connection))
    }
  }

  /// Answers all that wait, and from now on all that come.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      return state.parked.values.map(\.exchange)
    }
    for exchange in waiting { answer(exchange, with: .text(503, "stopping\n")) }
  }
}
