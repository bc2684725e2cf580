/// Corrects the mixed probability by what came of it after the same last byte (secondary
/// estimation; Mahoney, *Data Compression Explained*, section 4.3.3).
struct Refinement: ~Copyable {
  /// 4,096 contexts of 32 points over the logit; probabilities of 16 bits.
  private let points = Table<17, UInt16>()
  /// The point below the logit, how far the logit is from it (128 is the next one), and the nearer one.
  private var below = 0
  private var weight: Int32 = 0
  private var nearest = 0

  func reset(_ logistic: borrowing Logistic) {
    for point in 0..<32 {
      let p = UInt16(logistic.squash(Int32(min(4095, point * 4096 / 31) - 2048)))
      for context in 0..<4096 { points[context << 5 | point] = p }
    }
  }

  /// Finds the two points beside `logit`.
  @inline(__always) mutating func place(_ logit: Int32, _ last: Int, _ partial: Int) {
    let hash = UInt32(truncatingIfNeeded: last &<< 8 | partial) &* 0x9E37_79B1
    let place = (logit &+ 2048) &* 31
    weight = place >> 5 & 127
    below = Int(hash >> 20) &<< 5 &+ Int(place >> 12)
    nearest = below &+ Int(weight >> 6)
  }

  /// The refined probability, between the two points.
  var refined: Int32 {
    @inline(__always) get {
      (Int32(points[below]) &* (128 &- weight) &+ Int32(points[below &+ 1]) &* weight) >> 7
    }
  }

  @inline(__always) func update(_ bit: Int32) {
    let p = Int32(points[nearest])
    points[nearest] = UInt16(truncatingIfNeeded: p &+ ((bit &* 65535 &- p) >> 5))
  }
}
