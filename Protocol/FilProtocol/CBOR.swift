// The CBOR subset of Protocol/records.md [CBOR-1 … CBOR-5], RFC 8949 §4.2.1.

extension Span where Element == UInt8 {
  /// Takes a head: the major type (0 … 7) and its argument, in the shortest form [CBOR-2].
  package mutating func cborHead(_ field: String) throws(FormatError) -> (major: UInt8, value: Int)
  {
    let first = try byte(field)
    let (major, info) = (first >> 5, first & 31)
    if major == 7 {
      guard (20...22).contains(info) else { throw FormatError(.invalidValue, field) }
      return (major, Int(info))
    }
    guard major <= 4 else { throw FormatError(.invalidValue, field) }
    if info < 24 { return (major, Int(info)) }
    guard info <= 27 else { throw FormatError(.invalidValue, field) }
    var value: UInt64 = 0
    let size = 1 << (info - 24)
    for _ in 0..<size { value = value << 8 | UInt64(try byte(field)) }
    let least: UInt64 = size == 1 ? 24 : 1 << UInt64(size * 4)
    guard value >= least else { throw FormatError(.notCanonical, field) }
    guard value <= UInt64(Int64.max) else { throw FormatError(.overLimit, field) }
    return (major, Int(value))
  }

  private mutating func cborHead(_ field: String, major: UInt8) throws(FormatError) -> Int {
    let head = try cborHead(field)
    guard head.major == major else { throw FormatError(.invalidValue, field) }
    return head.value
  }

  mutating func cborInteger(_ field: String) throws(FormatError) -> Int {
    try cborHead(field, major: 0)
  }

  mutating func cborInteger(_ field: String, atMost limit: Int) throws(FormatError) -> Int {
    let value = try cborInteger(field)
    guard value <= limit else { throw FormatError(.overLimit, field) }
    return value
  }

  mutating func cborIntegerOrNull(_ field: String) throws(FormatError) -> Int? {
    let head = try cborHead(field)
    switch (head.major, head.value) {
    case (0, let value): return value
    case (7, 22): return nil
    default: throw FormatError(.invalidValue, field)
    }
  }

  mutating func cborBytes(_ field: String, exactly size: Int? = nil) throws(FormatError) -> [UInt8]
  {
    let length = try cborHead(field, major: 2)
    guard size == nil || length == size else { throw FormatError(.invalidValue, field) }
    return try take(length, field)
  }

  mutating func cborText(_ field: String) throws(FormatError) -> String {
    let bytes = try take(try cborHead(field, major: 3), field)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FormatError(.invalidValue, field)
    }
    return text
  }

  /// Takes the head of an array; each element is at least one byte, so `count` cannot lie upwards.
  mutating func cborArray(_ field: String) throws(FormatError) -> Int {
    let size = try cborHead(field, major: 4)
    guard size <= count else { throw FormatError(.truncated, field) }
    return size
  }

  mutating func cborArray(_ field: String, exactly size: Int) throws(FormatError) {
    guard try cborArray(field) == size else { throw FormatError(.invalidValue, field) }
  }

  /// Passes over one well-formed item, whatever it is.
  package mutating func cborSkip(_ field: String, depth: Int = Limits.depth) throws(FormatError) {
    let head = try cborHead(field)
    switch head.major {
    case 2: _ = try take(head.value, field)
    case 3:
      let bytes = try take(head.value, field)
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw FormatError(.invalidValue, field)
      }
    case 4:
      guard depth > 0 else { throw FormatError(.invalidValue, field) }
      guard head.value <= count else { throw FormatError(.truncated, field) }
      for _ in 0..<head.value { try cborSkip(field, depth: depth - 1) }
    default: break
    }
  }
}

extension [UInt8] {
  private mutating func cborHead(_ major: UInt8, _ value: Int) {
    precondition(value >= 0)
    let top = major << 5
    switch value {
    case ..<24: append(top | UInt8(value))
    case ..<0x100: self += [top | 24, UInt8(value)]
    case ..<0x1_0000: self += [top | 25, UInt8(value >> 8), UInt8(value & 0xFF)]
    case ..<0x1_0000_0000:
      append(top | 26)
      for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    default:
      append(top | 27)
      for shift in stride(from: 56, through: 0, by: -8) {
        append(UInt8(truncatingIfNeeded: value >> shift))
      }
    }
  }

  package mutating func cbor(_ value: Int) { cborHead(0, value) }

  package mutating func cbor(_ value: Int?) {
    if let value { cborHead(0, value) } else { append(0xF6) }
  }

  package mutating func cbor(_ text: String) {
    var text = text
    text.withUTF8 {
      cborHead(3, $0.count)
      append(contentsOf: $0)
    }
  }

  package mutating func cbor(bytes: [UInt8]) {
    cborHead(2, bytes.count)
    self += bytes
  }

  package mutating func cborArray(_ count: Int) { cborHead(4, count) }
}
