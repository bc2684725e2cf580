/// HTML or XML that is well-formed as far as its literals are: other text enters escaped, and only so.
///
/// Write it as a string literal; what is interpolated is escaped, unless it is ``Markup`` itself:
///
///     let item: Markup = "<li lang=\"\(language)\">\(title)</li>"
///
/// Trust: whoever writes the interpolated strings can say anything in the place where they stand,
/// between tags or in a quoted attribute, and cannot leave it. A value that begins an address
/// (`href`) is the caller's to check.
public struct Markup: Sendable, Equatable {
  public private(set) var text: String

  public init() { text = "" }

  /// What stands in the program's own source.
  public init(_ literal: StaticString) { text = literal.description }

  /// Text between tags or in an attribute with quotes.
  public init(escaping text: String) { self.text = Markup.escaped(text) }

  public var isEmpty: Bool { text.isEmpty }
  public var bytes: [UInt8] { Array(text.utf8) }

  public static func += (whole: inout Markup, part: Markup) { whole.text += part.text }

  /// Adds `text`, escaped.
  public mutating func append(escaping text: String) { self.text += Markup.escaped(text) }

  /// The one place where text becomes markup.
  ///
  /// The characters that XML does not have, which a feed does not hold either, are left out.
  private static func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count + 16)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += Array("&amp;".utf8)
      case UInt8(ascii: "<"): bytes += Array("&lt;".utf8)
      case UInt8(ascii: ">"): bytes += Array("&gt;".utf8)
      case UInt8(ascii: "\""): bytes += Array("&quot;".utf8)
      case UInt8(ascii: "'"): bytes += Array("&#39;".utf8)
      case 0..<0x09, 0x0B..<0x20, 0x7F: break
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Markup: ExpressibleByStringInterpolation {
  /// Literal pieces as they are, interpolated strings escaped.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = Markup()

    public init(literalCapacity: Int, interpolationCount: Int) {
      markup.text.reserveCapacity(literalCapacity + interpolationCount * 16)
    }

    public mutating func appendLiteral(_ literal: StaticString) {
      markup.text += literal.description
    }

    public mutating func appendInterpolation(_ text: String) { markup.append(escaping: text) }
    public mutating func appendInterpolation(_ number: Int) { markup.text += String(number) }
    public mutating func appendInterpolation(_ part: Markup) { markup += part }
    /// Nothing where there is nothing.
    public mutating func appendInterpolation(_ part: Markup?) { if let part { markup += part } }
    public mutating func appendInterpolation(_ parts: [Markup]) {
      for part in parts { markup += part }
    }
  }

  public init(stringLiteral value: StaticString) { text = value.description }
  public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.markup }
}
