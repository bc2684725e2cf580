import FilProtocol

/// One item of the CBOR subset, written and read by a few lines that share nothing with the module.
enum CBORItem: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByNilLiteral
{
  case integer(Int)
  case negative(Int)
  case bytes([UInt8])
  case text(String)
  case array([CBORItem])
  case simple(UInt8)
  case raw([UInt8])

  init(integerLiteral value: Int) { self = .integer(value) }
  init(stringLiteral value: String) { self = .text(value) }
  init(arrayLiteral elements: CBORItem...) { self = .array(elements) }
  init(nilLiteral: ()) { self = .simple(0xF6) }

  var encoded: [UInt8] {
    switch self {
    case .integer(let value): CBORItem.head(0, value)
    case .negative(let value): CBORItem.head(1, value)
    case .bytes(let bytes): CBORItem.head(2, bytes.count) + bytes
    case .text(let text): CBORItem.head(3, text.utf8.count) + Array(text.utf8)
    case .array(let items): CBORItem.head(4, items.count) + items.flatMap(\.encoded)
    case .simple(let byte): [byte]
    case .raw(let bytes): bytes
    }
  }

  static func head(_ major: UInt8, _ value: Int) -> [UInt8] {
    let size = [24, 1 << 8, 1 << 16, 1 << 32].firstIndex { value < $0 } ?? 4
    let argument = (0..<8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    let info = size == 0 ? UInt8(value) : 23 + UInt8(size)
    return [major << 5 | info] + (size == 0 ? [] : argument.suffix(1 << (size - 1)))
  }

  /// Reads one item that is well-formed.
  init(_ bytes: inout ArraySlice<UInt8>) {
    let first = bytes.removeFirst()
    var value = Int(first & 31)
    if value >= 24, first >> 5 < 7 {
      let size = 1 << (value - 24)
      value = bytes.prefix(size).reduce(0) { $0 << 8 | Int($1) }
      bytes.removeFirst(size)
    }
    switch first >> 5 {
    case 0: self = .integer(value)
    case 1: self = .negative(value)
    case 2:
      self = .bytes(Array(bytes.prefix(value)))
      bytes.removeFirst(value)
    case 3:
      self = .text(String(decoding: bytes.prefix(value), as: UTF8.self))
      bytes.removeFirst(value)
    case 4: self = .array((0..<value).map { _ in CBORItem(&bytes) })
    default: self = .simple(first)
    }
  }

  var json: JSON {
    switch self {
    case .integer(let value): .integer(value)
    case .negative(let value): .integer(-1 - value)
    case .bytes(let bytes), .raw(let bytes): ["bytes": .text(Hex.encode(bytes))]
    case .text(let text): .text(text)
    case .array(let items): .array(items.map(\.json))
    case .simple(0xF4): .bool(false)
    case .simple(0xF5): .bool(true)
    case .simple: nil
    }
  }
}
