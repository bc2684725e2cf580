import Terminal
import Testing

/// JSON as a host writes it.
struct JSONParserTests {
  private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

  static let values: [(String, JSON)] = [
    ("null", JSON.null), (" true\r\n", .bool(true)), ("\tfalse ", .bool(false)), ("0", .integer(0)),
    ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", .number(1.5)),
    ("-0.25e+2", .number(-25)), ("1E3", .number(1_000)), (#""""#, ""),
    (#""é\u00e9\n\t\r\b\f\/\\\"""#, "éé\n\t\r\u{8}\u{C}/\\\""), (#""\uD83D\uDE00""#, "😀"),
    ("[]", []), ("[1, [2] ,3]", [1, [2], 3]), ("{}", [:]),
    (#"{"a" : {"b":[null]}, "c":"d"}"#, ["a": ["b": [nil]], "c": "d"]),
  ]

  @Test(arguments: values)
  func `what is JSON is read`(text: String, value: JSON) throws {
    #expect(try parse(text) == value)
    // A number that happens to be whole is written as one.
    if case .number = value { return }
    #expect(try parse(value.text) == value, "and what is written is read back")
  }

  static let refused: [(String, Int)] = [
    ("", 0), ("  ", 2), ("nul", 0), ("+1", 0), ("01", 0), ("-", 0), ("1.", 2), ("1e", 2),
    ("1e400", 0),
    (".5", 0), ("1 2", 2), (#"""#, 0), (#""a"#, 0), ("\"a\nb\"", 2), (#""\x""#, 1),
    (#""\u12G4""#, 1),
    (#""\uD800""#, 1), (#""\uD800\u0041""#, 1), (#""\uDC00""#, 1), ("[", 1), ("[1", 2), ("[1,]", 3),
    ("[1 2]", 3), ("{", 1), ("{1:2}", 1), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7),
    (#"{"a":1 "b":2}"#, 7), (#"{"a":1,"a":2}"#, 7), ("NaN", 0), ("'a'", 0), ("/**/1", 0),
  ]

  @Test(arguments: refused)
  func `what is no JSON is refused at its place`(text: String, offset: Int) {
    #expect { try parse(text) } throws: { ($0 as? JSON.Malformed)?.offset == offset }
  }

  @Test func `a text that is not UTF-8 is refused`() {
    #expect { try JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) } throws: {
      ($0 as? JSON.Malformed)?.offset == 0
    }
  }

  @Test func `32 levels are read, more are not`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try parse(nested(32)) != .null)
    #expect { try parse(nested(33)) } throws: { ($0 as? JSON.Malformed)?.offset == 32 }
    // A million of them does not run out of stack.
    #expect { try parse(nested(1_000_000)) } throws: { ($0 as? JSON.Malformed)?.offset == 32 }
  }

  @Test func `a value under a key is found in objects only`() {
    let object: JSON = ["a": 1]
    #expect(object["a"] == 1 && object["b"] == nil && JSON.null["a"] == nil)
  }
}
