/// Corrects the mixed probability by what came of it after the same last byte (secondary
/// estimation; Mahoney, *Data Compression Explained*, section 4.3.3).
struct Refinement: ~Copyable {
  /// 4,096 contexts of 32 points over the logit; probabilities of 16 bits.
  private let points = Table<17, UInt16>()
  private var nearest = 0

  func reset(_ logistic: borrowing Logistic) {
    for point in 0..<32 {
      let p = UInt16(logistic.squash(Int32(min(4095, point * 4096 / 31) - 2048)))
      for context in 0..<4096 { points[context << 5 | point] = p }
    }
  }

  /// The refined probability, between the two points beside `logit`.
  @inline(__always) mutating func refine(_ logit: Int32, _ last: Int, _ partial: Int) -> Int32 {
    let hash = UInt32(truncatingIfNeeded: last &<< 8 | partial) &* 0x9E37_79B1
    let place = (logit &+ 2048) &* 31
    let weight = place >> 5 & 127
    let below = Int(hash >> 20) &<< 5 &+ Int(place >> 12)
    nearest = below &+ Int(weight >> 6)
    return (Int32(points[below]) &* (128 &- weight) &+ Int32(points[below &+ 1]) &* weight) >> 7
  }

  @inline(__always) func update(_ bit: Int32) {
    let p = Int32(points[nearest])
    points[nearest] = UInt16(truncatingIfNeeded: p &+ ((bit &* 65535 &- p) >> 5))
  }
}
