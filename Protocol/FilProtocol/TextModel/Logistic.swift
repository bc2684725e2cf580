/// The logistic function and its inverse as tables, made with integers only.
///
/// A probability has 16 bits (65,536 is certainty that the bit is 1); a logit is
/// `ln(p / (1 - p)) * 256`, held within ±2,047.
struct Logistic: ~Copyable {
  static let limit: Int32 = 2047
  private let squashed = Table<12, UInt16>(0)
  private let stretched = Table<12, Int16>(0)

  init() {
    // power is exp(-x / 256) with 62 fraction bits.
    var power: UInt64 = 1 << 62
    for x in 0..<2048 {
      let p = (1 << 62) / ((1 << 46) + (power >> 16))
      squashed[2048 + x] = UInt16(min(65520, p))
      squashed[2048 - x] = UInt16(max(16, 65536 - p))
      power = power.multipliedFullWidth(by: 18_374_827_034_086_858_296).high
    }
    squashed[0] = 16
    var x: Int32 = -Self.limit
    for p in 0..<4096 {
      while x < Self.limit && squash(x) < Int32(p * 16 + 8) { x += 1 }
      stretched[p] = Int16(x)
    }
  }

  /// Logits are clipped, so the index is inside: 1 to 4,095.
  @inline(__always) func squash(_ logit: Int32) -> Int32 {
    Int32(squashed[inside: Int(logit) &+ 2048])
  }

  /// The logit of a probability; its low four bits do not count, and 12 bits are inside.
  @inline(__always) func stretch(_ probability: UInt16) -> Int16 {
    stretched[inside: Int(probability >> 4)]
  }

  @inline(__always) static func clip(_ logit: Int32) -> Int32 { max(-limit, min(limit, logit)) }
}
