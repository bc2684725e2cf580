internal import CSodium

/// A SHA-256 hash: 32 bytes.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  // Four big-endian words, so that a digest is compared and copied without a heap object.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The digest that these 32 bytes spell; `bytes` has exactly 32.
  init(_ bytes: Span<UInt8>) {
    precondition(bytes.count == 32)
    func word(_ at: Int) -> UInt64 {
      var value: UInt64 = 0
      for i in 0..<8 { value = value << 8 | UInt64(bytes[at + i]) }
      return value
    }
    words = (word(0), word(8), word(16), word(24))
  }

  /// The digest with these bytes, or nil when there are not 32 of them.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.init(bytes.span)
  }

  /// The digest spelt by 64 lower-case hexadecimal digits.
  public init?(hex: some StringProtocol) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  public var bytes: [UInt8] {
    var out: [UInt8] = []
    append(to: &out)
    return out
  }

  func append(to out: inout [UInt8]) {
    for word in [words.0, words.1, words.2, words.3] {
      for shift in stride(from: 56, through: 0, by: -8) {
        out.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
  }

  public var description: String { Hex.encode(bytes) }

  public static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }

  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// The name of a body: the first 16 bytes of its SHA-256.
public struct BodyHash: Hashable, Sendable, CustomStringConvertible {
  /// Exactly 16.
  public let bytes: [UInt8]

  public init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// The hash spelt by 32 lower-case hexadecimal digits.
  public init?(hex: some StringProtocol) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// The name of `text`.
  public init(of text: [UInt8]) { bytes = Array(SHA256.hash(text).bytes.prefix(16)) }

  public var description: String { Hex.encode(bytes) }
}

/// SHA-256 (FIPS 180-4), by libsodium.
public enum SHA256 {
  public static func hash(_ bytes: [UInt8]) -> Digest { hash(prefix: nil, bytes.span) }

  static func hash(prefix: UInt8?, _ bytes: Span<UInt8>, _ more: Digest? = nil) -> Digest {
    var state = crypto_hash_sha256_state()
    crypto_hash_sha256_init(&state)
    if var prefix { crypto_hash_sha256_update(&state, &prefix, 1) }
    bytes.withUnsafeBufferPointer {
      _ = crypto_hash_sha256_update(&state, $0.baseAddress, UInt64($0.count))
    }
    if let more { crypto_hash_sha256_update(&state, more.bytes, 32) }
    var out = [UInt8](repeating: 0, count: 32)
    crypto_hash_sha256_final(&state, &out)
    return Digest(out.span)
  }
}

/// Lower-case hexadecimal.
public enum Hex {
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var out = ""
    for byte in bytes {
      for nibble in [byte >> 4, byte & 15] {
        out.unicodeScalars.append(Unicode.Scalar(nibble < 10 ? 48 + nibble : 87 + nibble))
      }
    }
    return out
  }

  /// The bytes, or nil when `text` has another character or an odd length.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var high: UInt8?
    for c in text.utf8 {
      let value: UInt8
      switch c {
      case 48...57: value = c - 48
      case 97...102: value = c - 87
      default: return nil
      }
      if let first = high {
        out.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return high == nil ? out : nil
  }
}
