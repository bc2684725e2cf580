/// What has been seen in one context before one bit, in one byte: a state of (zeros, ones, last bit).
///
/// Both counts are bounded together, so a state says how sure it is as well as how probable a 1 is;
/// when one bit is seen, a large count of the other is cut, because recent bits predict better
/// (indirect modelling; Mahoney, *Data Compression Explained*, section 4.1.3).
struct BitHistory: ~Copyable {
  /// The largest count allowed beside the index as the smaller count.
  private static let bounds = [40, 30, 12, 8, 6, 5]

  private let following = Table<9, UInt8>(0)
  private let start = Table<8, UInt16>(0)

  init() {
    var states: [(zeros: Int, ones: Int)] = []
    var number = [Int](repeating: 0, count: 64 * 64 * 2)
    for total in 0...60 {
      for zeros in 0...total where Self.allows(zeros, total - zeros) {
        let ones = total - zeros
        for last in 0...1 {
          // The last bit is known when only one kind was seen, and dropped above 20.
          let key = (zeros * 64 + ones) * 2 + last
          if last == 0 && zeros == 0 && ones > 0 { continue }
          if last == 1 && ones == 0 { continue }
          if last == 1 && zeros > 0 && total > 20 {
            number[key] = number[key - 1]
            continue
          }
          number[key] = states.count
          states.append((zeros, ones))
        }
      }
    }
    for (state, counts) in states.enumerated() {
      start[state] = UInt16((counts.ones * 2 + 1) * 65536 / ((counts.zeros + counts.ones + 1) * 2))
      for bit in 0...1 {
        var (other, same) = bit == 1 ? counts : (counts.ones, counts.zeros)
        same += 1
        if other > 2 { other = Int.bitWidth - other.leadingZeroBitCount }
        while !Self.allows(same, other) { if same > other { same -= 1 } else { other -= 1 } }
        let (zeros, ones) = bit == 1 ? (other, same) : (same, other)
        following[state * 2 + bit] = UInt8(number[(zeros * 64 + ones) * 2 + bit])
      }
    }
  }

  private static func allows(_ a: Int, _ b: Int) -> Bool {
    min(a, b) < bounds.count && max(a, b) <= bounds[min(a, b)]
  }

  /// The state after `bit` was seen in `state`; both are inside the table by their sizes.
  @inline(__always) func next(_ state: UInt8, _ bit: Int) -> UInt8 {
    following[inside: Int(state) &<< 1 | bit & 1]
  }

  /// The probability of a 1 that a state begins with.
  func initialProbability(_ state: Int) -> UInt16 { start[state] }
}
