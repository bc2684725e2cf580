import Testing
import Text

@Suite struct TextTests {
  @Test func `decomposed text is composed`() {
    let decomposed = "e\u{301}te\u{301}"
    #expect(!Text.isNFC(decomposed) && Text.isNFC("été") && Text.isNFC("abc"))
    #expect(Array(Text.nfc(decomposed).utf8) == Array("été".utf8))
    #expect(Text.decode([0xc3, 0xa9]) == "é" && Text.decode([0xc3]) == nil)
  }

  @Test func `a forbidden character is told with its place`() throws {
    let text = "un\ndeux \u{202e}trois\u{7}"
    let found = Text.findings(in: text, isLine: false)
    #expect(found.map(\.kind) == [.direction, .control])
    #expect(found.map(\.line) == [2, 2] && found.map(\.column) == [6, 12])
    #expect(found[0].description == "line 2, column 6: U+202E is not allowed, remove it")
    #expect(throws: found[0]) { try Text.cleanText(text) }
    #expect(try Text.cleanText("a\tb\r\nc\rd") == "a\tb\nc\nd")
    #expect(try Text.cleanLine("  e\u{301} ").unicodeScalars.count == 1)
    for wrong in ["a\nb", "a\tb", "a\u{0}", "a\u{85}b", "a\u{2028}b", "\u{2066}"] {
      #expect(throws: Text.Finding.self, "\(wrong)") { try Text.cleanLine(wrong) }
    }
    #expect(Text.stripped("a\nb\u{7}\u{202e} ", isLine: true) == "a b")
    #expect(Text.stripped("a\r\nb\u{7}", isLine: false) == "a\nb")
    #expect(Text.findings(in: "مرحبا\u{200f}", isLine: true).isEmpty)
  }

  @Test(arguments: [
    ("L’été à Ouagadougou : 3e édition", "l-ete-a-ouagadougou-3e-edition"),
    ("Œuvre, ça & là", "oeuvre-ca-la"), ("  --  ", ""), ("水", ""), ("Straße ﬁn", "strasse-fin"),
  ])
  func `a title becomes a slug`(title: String, slug: String) { #expect(Slug.make(title) == slug) }

  @Test func `a slug is cut after a word`() {
    #expect(Slug.make("un deux trois", limit: 8) == "un-deux")
    #expect(Slug.make("anticonstitutionnellement", limit: 5) == "antic")
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (1_771_596_309, "2026-02-20T14:05:09Z"),
    (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (-62_167_219_200, "0000-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
  ])
  func `a time is written and read back`(seconds: Int, text: String) {
    #expect(RFC3339.format(seconds) == text)
    #expect(RFC3339.parse(text) == seconds)
  }

  @Test func `every day of four centuries is written and read back`() {
    var previous = ""
    for day in -80_000..<80_000 {
      let text = RFC3339.format(day * 86400 + 3661)
      #expect(RFC3339.parse(text) == day * 86400 + 3661)
      #expect(previous < text)
      previous = text
    }
  }

  @Test(arguments: [
    "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "+026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.0Z", "2026-01-01T00:00:00+00:00", "",
  ])
  func `what is no time is refused`(text: String) { #expect(RFC3339.parse(text) == nil) }

  @Test func `dates are French`() {
    #expect(FrenchDate.date(1_771_596_309) == "20 février 2026")
    #expect(FrenchDate.dateAndTime(1_771_596_309) == "20 février 2026 à 14:05")
    #expect(FrenchDate.dateAndTime(1_772_323_200) == "1er mars 2026 à 00:00")
    #expect(FrenchDate.ofMonth(1_771_596_309) == "de février 2026")
    #expect(FrenchDate.ofMonth(1_775_001_600) == "d’avril 2026")
    #expect(FrenchDate.ofMonth(1_785_542_400) == "d’août 2026")
    #expect(FrenchDate.ofMonth(1_790_812_800) == "d’octobre 2026")
  }

  @Test func `an excerpt ends after a word`() {
    #expect(Text.excerpt("un deux\n trois", 20) == "un deux trois")
    #expect(Text.excerpt("un deux, trois quatre", 10) == "un deux…")
    #expect(Text.excerpt("anticonstitutionnel", 6) == "antic…")
    #expect(Text.excerpt("un", 0) == "")
    for limit in 1..<40 {
      #expect(Text.width(Text.excerpt("水水水 le marché de Bobo est ouvert", limit)) <= limit)
    }
  }

  @Test func `lines are broken at spaces that break`() {
    #expect(Text.wrap("un deux trois\n\nquatre", 8) == ["un deux", "trois", "", "quatre"])
    #expect(Text.wrap("abcdefg hi", 3) == ["abc", "def", "g", "hi"])
    #expect(Text.wrap("oui\u{a0}!", 3) == ["oui", "\u{a0}!"])
    #expect(Text.wrap("水水水", 4) == ["水水", "水"])
    #expect(Text.width("e\u{301}水") == 3)
  }
}

@Suite struct FrontMatterTests {
  @Test func `fields, comments, quotes and the body are read`() throws {
    let file = try FrontMatter(
      "\u{feff}---\r\ntitle: \"Le \\\"marché\\\" \\\\\"\n# non\n\ntopic: a\ntopic: 'l''eau'\n"
        + "liste: [a, b]\nurl: http://a/b\nvide:\n--- \nUn.\r\n---\nDeux.\n")
    #expect(file["title"] == ["Le \"marché\" \\"])
    #expect(file["topic"] == ["a", "l'eau"] && file["liste"] == ["[a, b]"])
    #expect(file["url"] == ["http://a/b"] && file["vide"] == [""] && file["non"] == [])
    #expect(file.fields.map(\.line) == [2, 5, 6, 7, 8, 9])
    #expect(file.body == "Un.\n---\nDeux.\n" && file.bodyLine == 11)
    #expect(try FrontMatter("---\n---").body == "")
  }

  @Test(arguments: [
    ("title: a\n---\n", 1), ("", 1), ("---\ntitle: a\n", 3), ("---\ntitle\n---\n", 2),
    ("---\n\n  title: a\n---\n", 3), ("---\nmy title: a\n---\n", 2), ("---\n: a\n---\n", 2),
    ("---\na: \"b\n---\n", 2), ("---\na: \"b\" c\n---\n", 2), ("---\na: 'b' c\n---\n", 2),
    ("---\na: 'b\n---\n", 2),
  ])
  func `what is wrong is told with its line and the remedy`(text: String, line: Int) {
    let error = #expect(throws: FrontMatterError.self) { try FrontMatter(text) }
    #expect(error?.line == line && error?.remedy.isEmpty == false)
  }
}
