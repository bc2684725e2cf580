/// Two sets of weights over 16 inputs, and a third that weighs the two (gated logistic mixing).
///
/// Weights have 29 fraction bits; their upper halves multiply the inputs. Sums wrap, which costs
/// compression and nothing else (Mahoney, *Data Compression Explained*, section 4.3.2).
struct Mixer: ~Copyable {
  typealias Wide = SIMD8<Int32>
  typealias Inputs = SIMD8<Int16>

  /// 64 + 768 sets of two vectors each.
  private let weights = Table<11, Wide>(Wide(repeating: 0))
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
    let quarter: Int32 = 1 << 27
    for set in 0..<1024 {
      weights[set * 2] = Wide(repeating: quarter)
      weights[set * 2 + 1] = Wide(quarter, 0, 0, 0, 0, 0, 0, 0)
    }
    finals.fill(32768)
  }

  /// Mixes the inputs, logits within ±4,096, into one logit.
  ///
  /// Ranges: `a` 0..<64, `b` 0..<768, `c` 0..<64 choose the weights.
  @inline(__always) mutating func mix(
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

  @inline(__always) private func dot(_ set: Int) -> Int32 {
    let sum =
      Self.upper(weights[set]) &* Wide(truncatingIfNeeded: low)
      &+ Self.upper(weights[set &+ 1]) &* Wide(truncatingIfNeeded: high)
    return Logistic.clip(sum.wrappedSum() >> 13)
  }

  /// The upper halves; the way over 16 bits lets the compiler multiply and add in one step.
  @inline(__always) private static func upper(_ weights: Wide) -> Wide {
    Wide(truncatingIfNeeded: Inputs(truncatingIfNeeded: weights &>> 16))
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
    let step = Inputs(repeating: Int16(truncatingIfNeeded: (error &* 12) >> 6))
    let wide = Wide(truncatingIfNeeded: step)
    weights[set] = weights[set] &+ (Wide(truncatingIfNeeded: low) &* wide) &>> 5
    weights[set &+ 1] = weights[set &+ 1] &+ (Wide(truncatingIfNeeded: high) &* wide) &>> 5
  }
}
