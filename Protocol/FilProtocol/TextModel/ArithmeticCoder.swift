/// The interval that is still open: 32 bits of a number whose first bytes are settled.
///
/// A binary arithmetic coder without carries (Witten, Neal & Cleary 1987, in bytes).
struct CodeInterval {
  private(set) var low: UInt32 = 0
  private(set) var high: UInt32 = .max

  /// Where the interval is cut for a bit that is 1 with `probability` of 65,536.
  @inline(__always) func cut(_ probability: Int32) -> UInt32 {
    let part = UInt64(high &- low) &* UInt64(UInt32(bitPattern: probability))
    return low &+ UInt32(truncatingIfNeeded: part >> 16)
  }

  @inline(__always) mutating func narrow(_ bit: Int, at cut: UInt32) {
    if bit == 1 { high = cut } else { low = cut &+ 1 }
  }

  /// Whether the first byte is settled.
  @inline(__always) var isSettled: Bool { (low ^ high) >> 24 == 0 }

  /// Drops the settled byte.
  @inline(__always) mutating func shift() {
    low = low &<< 8
    high = high &<< 8 | 255
  }

  /// The number inside with the fewest bytes other than trailing zeros, the smallest of those.
  var shortest: UInt32 {
    if low == 0 { return 0 }
    for shift: UInt32 in [24, 16, 8] {
      let tail: UInt64 = (1 << UInt64(shift)) - 1
      let number = (UInt64(low) + tail) & ~tail
      if number <= UInt64(high) { return UInt32(number) }
    }
    return low
  }
}

/// Writes bits; zero bytes at the end are left out, because the reader puts them back.
struct BitEncoder {
  private var interval = CodeInterval()
  private var bytes: [UInt8] = []

  @inline(__always) mutating func write(_ bit: Int, _ probability: Int32) {
    interval.narrow(bit, at: interval.cut(probability))
    while interval.isSettled {
      bytes.append(UInt8(truncatingIfNeeded: interval.low >> 24))
      interval.shift()
    }
  }

  consuming func finish() -> [UInt8] {
    let number = interval.shortest
    for shift: UInt32 in [24, 16, 8, 0] {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
    while bytes.last == 0 { bytes.removeLast() }
    return bytes
  }
}

/// Reads bits; it looks four bytes ahead, and bytes after the unit's end are zeros.
struct BitDecoder {
  private var interval = CodeInterval()
  private var number: UInt32 = 0
  private var position = 0

  init(_ unit: Span<UInt8>) { for _ in 0..<4 { take(unit) } }

  @inline(__always) private mutating func take(_ unit: Span<UInt8>) {
    number = number &<< 8 | UInt32(position < unit.count ? unit[position] : 0)
    position &+= 1
  }

  @inline(__always) mutating func read(_ unit: Span<UInt8>, _ probability: Int32) -> Int {
    let cut = interval.cut(probability)
    let bit = number <= cut ? 1 : 0
    interval.narrow(bit, at: cut)
    while interval.isSettled {
      interval.shift()
      take(unit)
    }
    return bit
  }

  /// Throws unless the encoder would have written these very bytes.
  func finish(_ unit: Span<UInt8>) throws(FormatError) {
    if unit.count > position { throw FormatError(.trailingBytes, "unit") }
    if number != interval.shortest { throw FormatError(.notCanonical, "unit") }
    if !unit.isEmpty && unit[unit.count - 1] == 0 { throw FormatError(.notCanonical, "unit") }
  }
}
