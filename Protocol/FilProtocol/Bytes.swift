// Decoding takes a `Span` and moves it past what was read; on a throw the caller drops the span.

extension Span where Element == UInt8 {
  /// Copies the bytes.
  func array() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
      for i in 0..<count { buffer[i] = self[i] }
      size = count
    }
  }

  mutating func byte(_ field: String) throws(FormatError) -> UInt8 {
    guard count >= 1 else { throw FormatError(.truncated, field) }
    let value = self[0]
    self = extracting(droppingFirst: 1)
    return value
  }

  /// Takes exactly `size` bytes, which must be there before anything is allocated.
  mutating func take(_ size: Int, _ field: String) throws(FormatError) -> [UInt8] {
    guard size >= 0, size <= count else { throw FormatError(.truncated, field) }
    let bytes = extracting(first: size).array()
    self = extracting(droppingFirst: size)
    return bytes
  }

  /// Takes a LEB128 integer below 2³², in its shortest form.
  package mutating func varint(_ field: String) throws(FormatError) -> Int {
    var value = 0
    var shift = 0
    while true {
      let next = try byte(field)
      value |= Int(next & 0x7F) << shift
      if next & 0x80 == 0 {
        guard next != 0 || shift == 0 else { throw FormatError(.notCanonical, field) }
        guard value < 1 << 32 else { throw FormatError(.overLimit, field) }
        return value
      }
      shift += 7
      guard shift <= 28 else { throw FormatError(.overLimit, field) }
    }
  }

  mutating func varint(_ field: String, atMost limit: Int) throws(FormatError) -> Int {
    let value = try varint(field)
    guard value <= limit else { throw FormatError(.overLimit, field) }
    return value
  }

  mutating func digest(_ field: String) throws(FormatError) -> Digest {
    guard count >= 32 else { throw FormatError(.truncated, field) }
    let digest = Digest(extracting(first: 32))
    self = extracting(droppingFirst: 32)
    return digest
  }
}

extension [UInt8] {
  /// Appends `value`, which is in 0 ..< 2³², as LEB128.
  package mutating func appendVarint(_ value: Int) {
    precondition(value >= 0 && value < 1 << 32)
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  package mutating func append(_ digest: Digest) { digest.append(to: &self) }
}
