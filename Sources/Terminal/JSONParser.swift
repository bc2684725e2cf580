extension JSON {
  /// Why bytes are no JSON value, and where.
  public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
    /// Counted from 0.
    public let offset: Int
    public let what: String

    public var description: String { "byte \(offset): \(what)" }
  }

  /// Reads the one value that `bytes` are: RFC 8259, UTF-8, at most 32 levels deep, no key twice.
  public init(parsing bytes: [UInt8]) throws(Malformed) {
    var parser = Parser(bytes)
    self = try parser.document()
  }

  /// The value under `key`; nil for what is no object, or has no such key.
  public subscript(_ key: String) -> JSON? {
    if case .object(let fields) = self { fields[key] } else { nil }
  }

  fileprivate struct Parser {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func refuse(_ what: String, at offset: Int? = nil) -> Malformed {
      Malformed(offset: offset ?? at, what: what)
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: byte) else { return false }
      at += 1
      return true
    }

    private mutating func skipSpace() {
      while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    mutating func document() throws(Malformed) -> JSON {
      skipSpace()
      let value = try value(depth: 0)
      skipSpace()
      guard at == bytes.count else { throw refuse("something follows the value") }
      return value
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSON {
      guard let first = next else { throw refuse("a value is missing") }
      guard depth < 32 else { throw refuse("more than 32 levels deep") }
      switch first {
      case UInt8(ascii: "{"): return try object(depth)
      case UInt8(ascii: "["): return try array(depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "t"): return try word("true", .bool(true))
      case UInt8(ascii: "f"): return try word("false", .bool(false))
      case UInt8(ascii: "n"): return try word("null", .null)
      default: return try number()
      }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(Malformed) -> JSON {
      guard bytes[at...].starts(with: word.utf8) else { throw refuse("no value begins like this") }
      at += word.utf8.count
      return value
    }

    private mutating func array(_ depth: Int) throws(Malformed) -> JSON {
      at += 1
      var values: [JSON] = []
      skipSpace()
      if take("]") { return .array([]) }
      while true {
        skipSpace()
        values.append(try value(depth: depth + 1))
        skipSpace()
        if take("]") { return .array(values) }
        guard take(",") else { throw refuse("neither a comma nor the end of the array") }
      }
    }

    private mutating func object(_ depth: Int) throws(Malformed) -> JSON {
      at += 1
      var fields: [String: JSON] = [:]
      skipSpace()
      if take("}") { return .object([:]) }
      while true {
        skipSpace()
        let start = at
        guard next == UInt8(ascii: "\"") else { throw refuse("a key is missing") }
        let key = try string()
        skipSpace()
        guard take(":") else { throw refuse("no colon after the key") }
        skipSpace()
        let value = try value(depth: depth + 1)
        guard fields.updateValue(value, forKey: key) == nil else {
          throw refuse("the key stands here for the second time", at: start)
        }
        skipSpace()
        if take("}") { return .object(fields) }
        guard take(",") else { throw refuse("neither a comma nor the end of the object") }
      }
    }

    private mutating func string() throws(Malformed) -> String {
      let start = at
      at += 1
      var text: [UInt8] = []
      while let byte = next {
        at += 1
        switch byte {
        case UInt8(ascii: "\""):
          guard let text = String(validating: text, as: UTF8.self) else {
            throw refuse("the text is not UTF-8", at: start)
          }
          return text
        case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
        case 0..<0x20: throw refuse("a control character in a text", at: at - 1)
        default: text.append(byte)
        }
      }
      throw refuse("the text does not end", at: start)
    }

    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
      let start = at - 1
      guard let byte = next else { throw refuse("the text does not end", at: start) }
      at += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{C}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"):
        let first = try unit(start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Above U+FFFF two halves stand one after the other.
        guard (0xD800..<0xDC00).contains(first), take("\\"), take("u") else { break }
        let second = try unit(start)
        guard (0xDC00..<0xE000).contains(second) else { break }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
      default: break
      }
      throw refuse("no such escape", at: start)
    }

    private mutating func unit(_ start: Int) throws(Malformed) -> UInt32 {
      let digits = bytes[at..<min(at + 4, bytes.count)]
      guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
      else { throw refuse("no such escape", at: start) }
      at += 4
      return value
    }

    private mutating func number() throws(Malformed) -> JSON {
      let start = at
      let isNegative = take("-")
      let whole = digits()
      guard whole > 0, whole == 1 || bytes[start + (isNegative ? 1 : 0)] != UInt8(ascii: "0") else {
        throw refuse("no value begins like this", at: start)
      }
      var isWhole = true
      if take(".") {
        isWhole = false
        guard digits() > 0 else { throw refuse("digits are missing") }
      }
      if take("e") || take("E") {
        isWhole = false
        if !take("+") { _ = take("-") }
        guard digits() > 0 else { throw refuse("digits are missing") }
      }
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      if isWhole, let integer = Int(text) { return .integer(integer) }
      guard let number = Double(text), number.isFinite else {
        throw refuse("the number is too large", at: start)
      }
      return .number(number)
    }

    private mutating func digits() -> Int {
      let start = at
      while let byte = next, (48...57).contains(byte) { at += 1 }
      return at - start
    }
  }
}
