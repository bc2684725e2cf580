internal import Glibc

/// What a bad line is like: how fast, how far, and how long it lives.
///
/// Seconds and bits per second are those of the real line; `scale` makes everything that many times
/// faster, so that a test need not wait. TCP's slow start is not imitated; 40 bytes a segment are.
public struct WeakLine: Sendable, Equatable {
  /// How long a connection lives.
  public enum Life: Sendable, Equatable {
    case unbounded
    case seconds(Double)
    /// Each connection draws its own.
    case exponential(mean: Double)
  }

  /// Bits per second towards the client, shared by all connections; 0: no bound.
  public var down = 0.0
  /// Bits per second towards the server.
  public var up = 0.0
  /// Seconds; making a connection costs one more.
  public var roundTrip = 0.0
  public var life = Life.unbounded
  /// The share of the segments towards the client that reset their connection instead.
  public var resets = 0.0
  public var scale = 1.0
  /// Bytes of one connection that the line holds back before it stops reading from the server.
  public var buffer = 16_384

  public init() {}

  /// The same line, `factor` times as fast.
  public func faster(_ factor: Double) -> WeakLine {
    var line = self
    line.scale *= factor
    return line
  }

  public static let clear = WeakLine()

  public static let twoG = WeakLine(down: 35_000, up: 32_000, roundTrip: 1.3)

  public static let edge = WeakLine(down: 240_000, up: 200_000, roundTrip: 0.84)

  /// EDGE, cut every 20 seconds.
  public static let coupure = edge.living(.seconds(20))

  /// 2G, cut every 6 seconds on average; every hundredth segment resets its connection.
  public static let enfer = {
    var line = twoG.living(.exponential(mean: 6))
    line.resets = 0.01
    return line
  }()

  /// The lines that have a name.
  public static let profiles = [
    "clear": clear, "2g": twoG, "edge": edge, "coupure": coupure, "enfer": enfer,
  ]

  private init(down: Double, up: Double, roundTrip: Double) {
    self.down = down
    self.up = up
    self.roundTrip = roundTrip
  }

  private func living(_ life: Life) -> WeakLine {
    var line = self
    line.life = life
    return line
  }

  /// Seconds of the test's clock.
  func real(_ seconds: Double) -> Double { seconds / scale }

  /// Seconds of the test's clock that a segment of `count` bytes occupies one direction.
  func time(_ count: Int, down isDown: Bool) -> Double {
    let rate = isDown ? down : up
    return rate > 0 ? Double(count + 40) * 8 / (rate * scale) : 0
  }

  /// Seconds of the test's clock that a new connection will live.
  public func draw(_ random: inout SplitMix64) -> Double {
    switch life {
    case .unbounded: .infinity
    case .seconds(let seconds): real(seconds)
    case .exponential(let mean): real(-mean * log(1 - random.unit()))
    }
  }
}

extension SplitMix64 {
  /// In 0 ..< 1.
  public mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
