internal import Glibc
internal import Synchronization

/// The link's thread: waits for sockets and for due segments, for ever until it is told to stop.
final class WeakLoop {
  let shared: WeakShared
  let line: WeakLine
  var random: SplitMix64
  private var flips: SplitMix64
  private var untilFlip: Int?
  private var channels: [WeakChannel] = []
  private var connections = 0
  /// When each direction of the line is free again.
  private var free = (up: 0.0, down: 0.0)

  init(_ shared: WeakShared) {
    self.shared = shared
    line = shared.line
    random = SplitMix64(seed: shared.seed)
    flips = SplitMix64(seed: ~shared.seed)
  }

  func run() {
    while !shared.state.withLock({ $0.isStopping }) {
      turn()
      for channel in channels { channel.advance(now: Self.now()) }
      channels.removeAll { $0.end != nil }
    }
    for channel in channels { channel.close(.stopped) }
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Waits until a socket is ready or a segment is due, and reads and writes.
  private func turn() {
    var polled = [
      pollfd(fd: shared.waker, events: Int16(POLLIN), revents: 0),
      pollfd(fd: shared.listener, events: Int16(POLLIN), revents: 0),
    ]
    for channel in channels {
      let events = channel.events
      // A closed socket would wake us for ever while nothing is wanted of it.
      for (socket, wanted) in [(channel.client, events.client), (channel.server, events.server)] {
        polled.append(pollfd(fd: wanted == 0 ? -1 : socket, events: wanted, revents: 0))
      }
    }
    let due = channels.map(\.due).min() ?? .infinity
    let patience = max(0, min(due - Self.now(), 1))
    guard poll(&polled, UInt(polled.count), Int32((patience * 1_000).rounded(.up))) > 0 else {
      return
    }
    let now = Self.now()
    for (index, channel) in channels.enumerated() {
      let client = polled[2 + 2 * index].revents
      let server = polled[3 + 2 * index].revents
      if client & Int16(POLLOUT) != 0 { channel.flushClient() }
      if channel.end == nil, server & Int16(POLLOUT) != 0 { channel.flushServer() }
      if channel.end == nil, client & ~Int16(POLLOUT) != 0 { channel.readClient(now: now) }
      if channel.end == nil, server & ~Int16(POLLOUT) != 0 { channel.readServer(now: now) }
    }
    if polled[1].revents != 0 { accept(now: now) }
  }

  private func accept(now: Double) {
    let client = Glibc.accept(shared.listener, nil, nil)
    guard client >= 0 else { return }
    weakPrepare(client)
    guard let server = weakConnect(shared.target) else {
      close(client)
      return
    }
    shared.state.withLock { $0.log.connections.append(WeakLog.Connection()) }
    channels.append(WeakChannel(connections, client, server, self, now: now))
    connections += 1
  }

  /// Reserves the line for `count` bytes; when their last one arrives.
  func occupy(_ count: Int, down isDown: Bool, from now: Double) -> Double {
    let start = max(now, isDown ? free.down : free.up)
    let end = start + line.time(count, down: isDown)
    if isDown { free.down = end } else { free.up = end }
    return end + line.real(line.roundTrip / 2)
  }

  /// How long a new connection may live because of a fault.
  func cutAfter() -> Double? {
    let stroke = shared.strike(nil) { if case .cutAfter = $0 { true } else { false } }
    guard case .cutAfter(let seconds)? = stroke else { return nil }
    return seconds
  }

  /// Flips bits at the places that the seed gives, counted over all bodies of the link.
  func flip(_ piece: inout WeakPiece) {
    var at = 0
    while let mean = flipMean() {
      let distance = untilFlip ?? Int(-Double(mean) * log(1 - flips.unit()))
      guard at + distance < piece.bytes.count else {
        untilFlip = distance - (piece.bytes.count - at)
        return
      }
      at += distance
      piece.bytes[at] ^= 1 << UInt8(flips.next() % 8)
      untilFlip = nil
      at += 1
      _ = shared.strike(piece.row) { if case .flip = $0 { true } else { false } }
    }
    untilFlip = nil
  }

  private func flipMean() -> Int? {
    shared.state.withLock { state in
      for rule in state.rules where rule.times > 0 {
        if case .flip(let mean) = rule.fault { return max(1, mean) }
      }
      return nil
    }
  }
}
