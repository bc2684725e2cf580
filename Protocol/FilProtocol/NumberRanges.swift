/// Article numbers (or volumes) as ascending ranges that do not touch.
public struct NumberRanges: Sendable, Equatable {
  public private(set) var ranges: [Range<Int>] = []

  /// The ranges that cover exactly `numbers`, given in any order.
  public init(_ numbers: some Sequence<Int>) {
    for number in Set(numbers).sorted() {
      if let last = ranges.last, last.upperBound == number {
        ranges[ranges.count - 1] = last.lowerBound..<number + 1
      } else {
        ranges.append(number..<number + 1)
      }
    }
  }

  /// How many numbers there are.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }

  public var isEmpty: Bool { ranges.isEmpty }

  /// All numbers, ascending.
  public var numbers: some Sequence<Int> { ranges.lazy.joined() }

  public func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(number) } }

  private mutating func append(
    _ range: Range<Int>, _ field: String, below limit: Int
  ) throws(FormatError) {
    guard range.upperBound <= limit else { throw FormatError(.overLimit, field) }
    ranges.append(range)
  }

  /// Decodes `[[first, count], …]` as preambles have it.
  init(decoding span: inout Span<UInt8>, _ field: String, below limit: Int) throws(FormatError) {
    for _ in 0..<(try span.cborArray(field)) {
      try span.cborArray(field, exactly: 2)
      let first = try span.cborInteger(field, atMost: limit)
      let count = try span.cborInteger(field, atMost: limit)
      guard count >= 1, ranges.isEmpty || first > ranges[ranges.count - 1].upperBound else {
        throw FormatError(.notCanonical, field)
      }
      try append(first..<first + count, field, below: limit)
    }
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.cborArray(ranges.count)
    for range in ranges {
      bytes.cborArray(2)
      bytes.cbor(range.lowerBound)
      bytes.cbor(range.count)
    }
  }

  /// Decodes the varints of an index: gaps and counts.
  init(gaps span: inout Span<UInt8>, _ field: String) throws(FormatError) {
    var end = 0
    for i in 0..<(try span.varint(field, atMost: Limits.ranges)) {
      let head = try span.varint(field)
      guard i == 0 || head >> 1 >= 1 else { throw FormatError(.notCanonical, field) }
      let first = end + (head >> 1)
      let count = head & 1 == 0 ? 1 : try span.varint(field, atMost: Limits.contextNumbers) + 2
      end = first + count
      try append(first..<end, field, below: Limits.numbers)
    }
  }

  func encodeGaps(into bytes: inout [UInt8]) {
    bytes.appendVarint(ranges.count)
    var end = 0
    for range in ranges {
      let more = range.count > 1
      bytes.appendVarint((range.lowerBound - end) << 1 | (more ? 1 : 0))
      if more { bytes.appendVarint(range.count - 2) }
      end = range.upperBound
    }
  }

  /// Refuses what is more than one context may name.
  func checkedAsContext(_ field: String) throws(FormatError) -> NumberRanges {
    guard ranges.count <= Limits.ranges, count <= Limits.contextNumbers else {
      throw FormatError(.overLimit, field)
    }
    return self
  }
}
