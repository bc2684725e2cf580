import FilProtocol

/// The vectors themselves, made by a rule: what the files in `Protocol/Vectors` were written from.
enum Vectors {
  static let hash = CBORItem.bytes(Array(0..<16))

  static let headline: [CBORItem] = [
    1, 7, 42, 1_793_416_192, nil, "Marché de Gao", "Les oignons\nsont là.", "societe",
    ["Gao", "marché"], "Rédaction", "fr", 1, "", hash, 1900, 0,
  ]
  static let retraction: [CBORItem] = [2, 7, 43, 1_793_416_192, 1_793_420_000, "Retiré.", 0]
  static let masthead: [CBORItem] = [
    3, 0, 1, "Askia 24", "La **voix** de Gao.", "gao@askia24.example", "fr",
    [["societe", "Société", ""], ["sante", "Santé", "societe"]],
    [.text(key.verifier.description)],
  ]

  private static func text(_ size: Int) -> CBORItem {
    .text(String(repeating: "a", count: size))
  }

  private static func with(_ base: [CBORItem], _ changes: [Int: CBORItem]) -> [UInt8] {
    var items = base
    for (place, item) in changes { items[place] = item }
    return CBORItem.array(items).encoded
  }

  static var record: [Vector] {
    valid + unreadable + malformedHeadlines + malformedOthers + malformedFrames
  }

  private static var valid: [Vector] {
    [
      Vector("a headline", with(headline, [:])),
      Vector("a headline with everything", with(headline, [4: 1_793_500_000, 11: 3, 15: 42])),
      Vector(
        "a headline with the least", with(headline, [5: "a", 6: "", 8: [], 9: "", 10: "", 14: 0])),
      Vector("unknown flags are kept", with(headline, [11: .integer(1 << 40)])),
      Vector("a title at its limit", with(headline, [5: text(1_024)])),
      Vector("a section unknown to the masthead", with(headline, [7: text(64)])),
      Vector("a retraction", with(retraction, [:])),
      Vector("a retraction that erases", with(retraction, [6: 43])),
      Vector("a masthead", with(masthead, [:])),
      Vector("a masthead without sections and keys", with(masthead, [7: [], 8: []])),
      Vector(
        "further elements of a headline are kept",
        CBORItem.array(headline + ["later", [1, [2]], .negative(0), .simple(0xF5)]).encoded),
      Vector("further elements of a retraction", CBORItem.array(retraction + [nil]).encoded),
      Vector("further elements of a masthead", CBORItem.array(masthead + [0]).encoded),
      Vector("the last number", with(headline, [1: 8_388_607])),
      Vector("the last version", with(headline, [2: .integer(1 << 40)])),
    ]
  }

  private static var unreadable: [Vector] {
    [
      Vector("an unknown kind", CBORItem.array([4, 7, 42]).encoded),
      Vector("kind 0", CBORItem.array([0, 7, 42, "x"]).encoded),
      Vector("an unknown kind of number 0", CBORItem.array([9, 0, 42, [[]]]).encoded),
      Vector("a title over its limit", with(headline, [5: text(1_025)])),
      Vector("a summary over its limit", with(headline, [6: text(8_193)])),
      Vector("a slug over its limit", with(headline, [7: text(65)])),
      Vector("too many tags", with(headline, [8: .array(Array(repeating: "a", count: 33))])),
      Vector("a tag over its limit", with(headline, [8: [text(129)]])),
      Vector("an author over its limit", with(headline, [9: text(1_025)])),
      Vector("a language over its limit", with(headline, [10: text(129)])),
      Vector("a note over its limit", with(headline, [12: text(8_193)])),
      Vector("a body over its limit", with(headline, [14: 1_048_577])),
      Vector("a reason over its limit", with(retraction, [5: text(8_193)])),
      Vector("a name over its limit", with(masthead, [3: text(1_025)])),
      Vector("an about over its limit", with(masthead, [4: text(32_769)])),
      Vector("a contact over its limit", with(masthead, [5: text(1_025)])),
      Vector(
        "too many sections",
        with(masthead, [7: .array((0...512).map { [.text("s\($0)"), "S", ""] })])),
      Vector("a section title over its limit", with(masthead, [7: [["a", text(129), ""]]])),
      Vector(
        "too many keys",
        with(masthead, [8: .array(Array(repeating: .text(key.verifier.description), count: 17))])),
    ]
  }

  private static var malformedHeadlines: [Vector] {
    let missing = (3..<16).map {
      Vector("a headline of \($0) elements", CBORItem.array(Array(headline.prefix($0))).encoded)
    }
    let types = (0..<16).map {
      Vector(
        "element \($0) of another type",
        with(headline, [$0: $0 == 8 ? "tags" : [.simple(0xF4)]]))
    }
    return missing + types + [
      Vector("a headline of number 0", with(headline, [1: 0])),
      Vector("an empty title", with(headline, [5: ""])),
      Vector("a title of two lines", with(headline, [5: "a\nb"])),
      Vector("a title with U+0000", with(headline, [5: "a\u{0}b"])),
      Vector("a title with U+0085", with(headline, [5: "a\u{85}b"])),
      Vector("a title with U+007F", with(headline, [5: "a\u{7F}b"])),
      Vector("a title with U+001F", with(headline, [5: "a\u{1F}b"])),
      Vector("a summary with a carriage return", with(headline, [6: "a\r\nb"])),
      Vector("a summary with a tab", with(headline, [6: "a\tb"])),
      Vector("a summary with U+009F", with(headline, [6: "a\u{9F}b"])),
      Vector("a section named all", with(headline, [7: "all"])),
      Vector("a section named none", with(headline, [7: "none"])),
      Vector("an empty section", with(headline, [7: ""])),
      Vector("a section in capitals", with(headline, [7: "Sante"])),
      Vector("a section with an underscore", with(headline, [7: "a_b"])),
      Vector("an empty tag", with(headline, [8: [""]])),
      Vector("a tag of two lines", with(headline, [8: ["a\nb"]])),
      Vector("a body hash of 15 bytes", with(headline, [13: .bytes(Array(0..<15))])),
      Vector("a body hash of 17 bytes", with(headline, [13: .bytes(Array(0..<17))])),
      Vector("erased above the version", with(headline, [15: 43])),
      Vector("a negative time", with(headline, [3: .negative(0)])),
      Vector("updated is false", with(headline, [4: .simple(0xF4)])),
      Vector(
        "what is malformed after what is over a limit", with(headline, [5: text(1_025), 15: nil])),
      Vector(
        "too many tags, of which one is empty",
        with(headline, [8: .array(Array(repeating: "a", count: 40) + [""])])),
      Vector(
        "a section over its limit in capitals",
        with(headline, [7: .text(String(repeating: "A", count: 65))])),
      Vector(
        "what is malformed before what is over a limit", with(headline, [4: "x", 5: text(1_025)])),
    ]
  }

  private static var malformedOthers: [Vector] {
    let missing =
      (3..<7).map {
        Vector(
          "a retraction of \($0) elements", CBORItem.array(Array(retraction.prefix($0))).encoded)
      }
      + (3..<9).map {
        Vector("a masthead of \($0) elements", CBORItem.array(Array(masthead.prefix($0))).encoded)
      }
    return missing + [
      Vector("a retraction of number 0", with(retraction, [1: 0])),
      Vector("an empty reason", with(retraction, [5: ""])),
      Vector("a reason with U+0007", with(retraction, [5: "\u{7}"])),
      Vector("a retraction erased above the version", with(retraction, [6: 44])),
      Vector("a masthead of number 1", with(masthead, [1: 1])),
      Vector("an empty name", with(masthead, [3: ""])),
      Vector("a contact of two lines", with(masthead, [5: "a\nb"])),
      Vector(
        "a slug twice", with(masthead, [7: [["a", "A", ""], ["a", "B", ""]]])),
      Vector(
        "a parent that comes later", with(masthead, [7: [["a", "A", "b"], ["b", "B", ""]]])),
      Vector("a parent that is itself", with(masthead, [7: [["a", "A", "a"]]])),
      Vector("a section without a title", with(masthead, [7: [["a", "", ""]]])),
      Vector("a section of two elements", with(masthead, [7: [["a", "A"]]])),
      Vector("a section of four elements", with(masthead, [7: [["a", "A", "", ""]]])),
      Vector("a key that is none", with(masthead, [8: ["key"]])),
      Vector(
        "a key of another name",
        with(masthead, [8: [.text("autre." + key.verifier.description)]])),
    ]
  }

  private static var malformedFrames: [Vector] {
    [
      Vector("nothing", [UInt8]()),
      Vector("no array", CBORItem.integer(1).encoded),
      Vector("an array of two", CBORItem.array([4, 7]).encoded),
      Vector("version 0", CBORItem.array([4, 7, 0]).encoded),
      Vector("a version over the limit", CBORItem.array([4, 7, .integer(1 << 40 + 1)]).encoded),
      Vector("a number over the limit", CBORItem.array([4, 8_388_608, 1]).encoded),
      Vector("a negative kind", CBORItem.array([.negative(0), 7, 1]).encoded),
      Vector("a text as number", CBORItem.array([4, "7", 1]).encoded),
      Vector("a null as version", CBORItem.array([4, 7, nil]).encoded),
      Vector("a byte after the record", with(headline, [:]) + [0]),
      Vector("a map among further elements", CBORItem.array([4, 7, 1, .raw([0xA0])]).encoded),
      Vector(
        "nested eight deep",
        CBORItem.array([4, 7, 1, .raw([0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80])]).encoded),
      Vector(
        "nested nine deep",
        CBORItem.array([4, 7, 1, .raw([0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80])]).encoded),
      Vector("as long as may be", CBORItem.array([4, 7, 1, text(65_529)]).encoded),
      Vector("one byte too long", CBORItem.array([4, 7, 1, text(65_530)]).encoded),
      Vector("a title that is no UTF-8", with(headline, [5: .raw([0x61, 0xFF])])),
      Vector(
        "a title longer than the record",
        with(headline, [15: .raw([0x7A, 0xFF, 0xFF, 0xFF, 0xFF])])),
    ]
  }
}
