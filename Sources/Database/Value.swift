/// One of the four kinds of value that a `?` of a statement takes.
public enum Value: Sendable, Equatable {
  case integer(Int64)
  case text(String)
  case blob([UInt8])
  case null

  public init(_ value: Int64) { self = .integer(value) }
  public init(_ value: Int) { self = .integer(Int64(value)) }
  public init(_ value: UInt32) { self = .integer(Int64(value)) }
  /// One for true and zero for false.
  public init(_ value: Bool) { self = .integer(value ? 1 : 0) }
  public init(_ value: String) { self = .text(value) }
  public init(_ value: Substring) { self = .text(String(value)) }
  public init(_ value: [UInt8]) { self = .blob(value) }
  public init(_ value: Int64?) { self = if let value { Value(value) } else { .null } }
  public init(_ value: Int?) { self = if let value { Value(value) } else { .null } }
  public init(_ value: Bool?) { self = if let value { Value(value) } else { .null } }
  public init(_ value: String?) { self = if let value { Value(value) } else { .null } }
  public init(_ value: [UInt8]?) { self = if let value { Value(value) } else { .null } }
}

extension Value: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension Value: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .text(value) }
}

extension Value: ExpressibleByStringInterpolation {}

extension Value: ExpressibleByBooleanLiteral {
  public init(booleanLiteral value: Bool) { self.init(value) }
}

extension Value: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: UInt8...) { self = .blob(elements) }
}

extension Value: ExpressibleByNilLiteral {
  public init(nilLiteral: ()) { self = .null }
}
