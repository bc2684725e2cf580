/// Two sets of weights over 16 inputs, and a third that weighs the two (gated logistic mixing).
///
/// Weights have 15 fraction bits and 16 in all, so that eight are multiplied in one step. Sums of the
/// final weights wrap, which costs compression and nothing else (Mahoney, *Data Compression Explained*, section 4.3.2).
struct Mixer: ~Copyable {
  typealias Wide = SIMD8<Int32>
  typealias Inputs = SIMD8<Int16>

  /// 64 + 768 sets of two vectors each.
  private let weights = Table<11, Inputs>()
  private let finals = Table<7, Int32>(0)
  private var low = Inputs(repeating: 0)
  private var high = Inputs(repeating: 0)
  private var firstSet = 0
  private var secondSet = 0
  private var finalSet = 0
  private var first: (logit: Int32, p: Int32) = (0, 32768)
  private var second: (logit: Int32, p: Int32) = (0, 32768)
  private var p: Int32 = 32768

  func reset() {
    let quarter: Int16 = 1 << 13
    for set in 0..<1024 {
      weights[set * 2] = Inputs(repeating: quarter)
      weights[set * 2 + 1] = Inputs(quarter, 0, 0, 0, 0, 0, 0, 0)
    }
    finals.fill(32768)
  }

  /// Inputs 8 to 15: what the match says, how far some contexts lean, and a constant.
  ///
  /// This and ``mix(_:_:_:_:_:_:)`` are calls because the compiler, where it sees how a vector was made,
  /// takes it apart again.
  @inline(never) static func others(
    _ leanings: Inputs, _ logit: Int16, _ lean: Int16
  ) -> Inputs {
    let kept = Inputs(0, 0, -1, -1, -1, -1, 0, -1)
    return (leanings &>> 3) & kept | Inputs(logit, lean, 0, 0, 0, 0, 256, 0)
  }

  /// Mixes the inputs, logits within ±4,096, into one logit.
  ///
  /// Ranges: `a` 0..<64, `b` 0..<768, `c` 0..<64 choose the weights.
  @inline(never) mutating func mix(
    _ low: Inputs, _ high: Inputs, _ a: Int, _ b: Int, _ c: Int, _ logistic: borrowing Logistic
  ) -> Int32 {
    self.low = low
    self.high = high
    firstSet = a &<< 1
    secondSet = (64 &+ b) &<< 1
    finalSet = c &<< 1
    let x = dot(firstSet)
    let y = dot(secondSet)
    first = (x, logistic.squash(x))
    second = (y, logistic.squash(y))
    let sum = finals[finalSet] &* x &+ finals[finalSet &+ 1] &* y
    let logit = Logistic.clip(sum >> 16)
    p = logistic.squash(logit)
    return logit
  }

  /// Sums of neighbours are one instruction where products of 16 bits are.
  @inline(__always) private func dot(_ set: Int) -> Int32 {
    let a = Self.widened(weights[set]) &* Self.widened(low)
    let b = Self.widened(weights[set &+ 1]) &* Self.widened(high)
    let sum = (a.evenHalf &+ a.oddHalf) &+ (b.evenHalf &+ b.oddHalf)
    return Logistic.clip(sum.wrappedSum() >> 15)
  }

  @inline(__always) func update(_ bit: Int32) {
    let target = bit &<< 16
    let error = ((target &- p) &* 6) >> 10
    finals[finalSet] = finals[finalSet] &+ ((first.logit &* error &+ 8192) >> 14)
    finals[finalSet &+ 1] = finals[finalSet &+ 1] &+ ((second.logit &* error &+ 8192) >> 14)
    train(firstSet, target &- first.p)
    train(secondSet, target &- second.p)
  }

  @inline(__always) private func train(_ set: Int, _ error: Int32) {
    let step = Inputs(repeating: Int16(truncatingIfNeeded: (error &* 3) >> 5))
    weights[set] = Self.bounded(weights[set]) &+ Self.product(low, step)
    weights[set &+ 1] = Self.bounded(weights[set &+ 1]) &+ Self.product(high, step)
  }

  /// Far enough from the ends of 16 bits that no step, at most 192, leaves them.
  @inline(__always) private static func bounded(_ weights: Inputs) -> Inputs {
    weights.clamped(
      lowerBound: Inputs(repeating: -32000), upperBound: Inputs(repeating: 32000))
  }

  /// `a * b / 2^17`, rounded.
  @inline(__always) private static func product(_ a: Inputs, _ b: Inputs) -> Inputs {
    let upper = (widened(a) &* widened(b)) &>> 16
    return (narrowed(upper) &+ 1) &>> 1
  }

  // The initializers of the standard library do the same; the compiler calls them as functions, six
  // times a bit, and then does not see that a product of 16 bits is one instruction.

  @inline(__always) private static func widened(_ v: Inputs) -> Wide {
    Wide(
      Int32(v[0]), Int32(v[1]), Int32(v[2]), Int32(v[3]),
      Int32(v[4]), Int32(v[5]), Int32(v[6]), Int32(v[7]))
  }

  @inline(__always) private static func narrowed(_ v: Wide) -> Inputs {
    Inputs(
      Int16(truncatingIfNeeded: v[0]), Int16(truncatingIfNeeded: v[1]),
      Int16(truncatingIfNeeded: v[2]), Int16(truncatingIfNeeded: v[3]),
      Int16(truncatingIfNeeded: v[4]), Int16(truncatingIfNeeded: v[5]),
      Int16(truncatingIfNeeded: v[6]), Int16(truncatingIfNeeded: v[7]))
  }
}
