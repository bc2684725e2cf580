/// The fields of a message, in order; names are compared without regard to case (RFC 9110 §5).
public struct Headers: Sendable, Equatable {
  public struct Field: Sendable, Equatable {
    public let name: String
    public let value: String
  }

  public private(set) var fields: [Field] = []

  public init() {}

  /// The first value under this name.
  ///
  /// Setting replaces all values under the name, nil removes them. What ``isValid(name:value:)``
  /// refuses is not stored.
  public subscript(name: String) -> String? {
    get { fields.first { Headers.same($0.name, name) }?.value }
    set {
      fields.removeAll { Headers.same($0.name, name) }
      if let newValue { add(name, newValue) }
    }
  }

  /// Adds a field after those that are there.
  ///
  /// - Returns: false, and nothing is added, when ``isValid(name:value:)`` refuses it.
  @discardableResult
  public mutating func add(_ name: String, _ value: String) -> Bool {
    guard Headers.isValid(name: name, value: value) else { return false }
    fields.append(Field(name: name, value: value))
    return true
  }

  /// All values under this name, joined by a comma as RFC 9110 §5.3 allows, or nil.
  public func list(_ name: String) -> String? {
    let values = fields.filter { Headers.same($0.name, name) }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// Whether the name is a token and the value has no control character but the tab.
  public static func isValid(name: String, value: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy(isToken)
      && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  static func same(_ one: String, _ other: String) -> Bool {
    one.utf8.count == other.utf8.count
      && zip(one.utf8, other.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

extension Headers: ExpressibleByDictionaryLiteral {
  /// The fields in the order written, without those that are not valid.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }
}
