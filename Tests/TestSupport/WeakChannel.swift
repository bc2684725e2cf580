internal import Glibc

/// One connection through the link, both its sockets and what is on the way between them.
///
/// Used by the link's thread only.
final class WeakChannel {
  private struct Segment {
    var due: Double
    var piece: WeakPiece
  }

  let id: Int
  let client: Int32
  let server: Int32
  /// When the line cuts it.
  let death: Double
  private unowned let loop: WeakLoop
  private let exchange: WeakExchange
  private let readyAt: Double
  private var up: [Segment] = []
  private var down: [Segment] = []
  private var toServer: [UInt8] = []
  private var toClient: [WeakPiece] = []
  private var waitingBytes = 0
  private var received = 0
  private var lastDown = 0.0
  private var hasServerEnded = false
  private var isSilent = false
  private(set) var end: WeakLog.End?

  init(_ id: Int, _ client: Int32, _ server: Int32, _ loop: WeakLoop, now: Double) {
    self.id = id
    self.client = client
    self.server = server
    self.loop = loop
    readyAt = now + loop.line.real(loop.line.roundTrip)
    var death = now + loop.line.draw(&loop.random)
    if let seconds = loop.cutAfter() { death = min(death, now + loop.line.real(seconds)) }
    self.death = death
    exchange = WeakExchange(loop.shared, connection: id, segment: weakSegment(client))
  }

  /// What to wait for at the client's socket, and at the server's.
  var events: (client: Int16, server: Int16) {
    let room = waitingBytes < loop.line.buffer && !isSilent && !hasServerEnded
    let ask = up.count < 64 ? Int16(POLLIN) : 0
    return (
      ask | (toClient.isEmpty ? 0 : Int16(POLLOUT)),
      (room ? Int16(POLLIN) : 0) | (toServer.isEmpty ? 0 : Int16(POLLOUT))
    )
  }

  /// When there is something to do next.
  var due: Double {
    guard !isSilent else { return death }
    var due = min(death, up.first?.due ?? .infinity)
    if toClient.isEmpty { due = min(due, down.first?.due ?? .infinity) }
    return due
  }

  func readClient(now: Double) {
    switch weakRead(client, atMost: 16_384) {
    case .end: close(.client)
    case .nothing: return
    case .bytes(let bytes):
      loop.shared.note(connection: id) { $0.up += bytes.count }
      for start in stride(from: 0, to: bytes.count, by: 1_400) {
        let part = Array(bytes[start..<min(start + 1_400, bytes.count)])
        let due = loop.occupy(part.count, down: false, from: max(now, readyAt))
        up.append(Segment(due: due, piece: WeakPiece(bytes: part, row: nil, isBody: false)))
      }
    }
  }

  func readServer(now: Double) {
    switch weakRead(server, atMost: loop.line.buffer) {
    case .end: hasServerEnded = true
    case .nothing: return
    case .bytes(let bytes): exchange.take(answer: bytes)
    }
    schedule(now: now)
  }

  /// Puts what the exchange has to say on the line.
  private func schedule(now: Double) {
    for piece in exchange.out where !piece.bytes.isEmpty {
      let size = piece.drip == nil ? 1_400 : 1
      for start in stride(from: 0, to: piece.bytes.count, by: size) {
        var part = piece
        part.bytes = Array(piece.bytes[start..<min(start + size, piece.bytes.count)])
        let pause = piece.drip.map { max(now, lastDown) + loop.line.real($0) } ?? 0
        let due = max(pause, lastDown, loop.occupy(part.bytes.count, down: true, from: now))
        lastDown = due
        waitingBytes += part.bytes.count
        down.append(Segment(due: due, piece: part))
      }
    }
    exchange.out = []
    if exchange.isLost { close(.lost) }
  }

  /// Does what is due.
  func advance(now: Double) {
    if now >= death { return close(.cut) }
    guard !isSilent, end == nil else { return }
    while let first = up.first, first.due <= now, end == nil {
      up.removeFirst()
      toServer += exchange.take(request: first.piece.bytes)
      schedule(now: now)
    }
    flushServer()
    while end == nil, !isSilent, toClient.isEmpty, let first = down.first, first.due <= now {
      down.removeFirst()
      waitingBytes -= first.piece.bytes.count
      deliver(first.piece)
    }
    guard end == nil, !isSilent else { return }
    if down.isEmpty, toClient.isEmpty {
      if hasServerEnded, exchange.endsWithServer { return close(.server) }
    }
    if waitingBytes < loop.line.buffer / 2 {
      exchange.refill()
      schedule(now: now)
    }
  }

  /// Hands a segment to the client, as far as the line lets it pass.
  private func deliver(_ piece: WeakPiece) {
    if loop.line.resets > 0, loop.random.unit() < loop.line.resets { return close(.reset) }
    var piece = piece
    let stroke = loop.shared.strike(piece.row) { fault in
      fault.limit.map { received + piece.bytes.count > $0 } ?? false
    }
    if let limit = stroke?.limit {
      piece.bytes = Array(piece.bytes.prefix(max(0, limit - received)))
    }
    if piece.isBody { loop.flip(&piece) }
    received += piece.bytes.count
    toClient.append(piece)
    flushClient()
    switch stroke {
    case .cut: close(.cut)
    case .reset: close(.reset)
    case .stall: isSilent = true
    default: break
    }
  }

  func flushServer() {
    guard !toServer.isEmpty else { return }
    guard let sent = weakSend(server, toServer[...]) else {
      toServer = []
      return
    }
    toServer.removeFirst(sent)
  }

  func flushClient() {
    while let piece = toClient.first, end == nil {
      let row = piece.isBody ? piece.row : nil
      let count = loop.shared.noting(row, connection: id) { weakSend(client, piece.bytes[...]) }
      guard let sent = count else { return close(.client) }
      if sent < piece.bytes.count {
        toClient[0].bytes.removeFirst(sent)
        return
      }
      toClient.removeFirst()
    }
  }

  func close(_ reason: WeakLog.End) {
    guard end == nil else { return }
    end = reason
    loop.shared.note(connection: id) { $0.end = reason }
    if reason == .reset { weakReset(client) } else { Glibc.close(client) }
    Glibc.close(server)
  }
}

extension WeakFault {
  /// How many bytes of a connection pass before it strikes.
  fileprivate var limit: Int? {
    switch self {
    case .cut(let count), .reset(let count), .stall(let count): count
    default: nil
    }
  }
}
