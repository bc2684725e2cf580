import FilProtocol
import TestSupport
import Testing

struct TextFormTests {
  @Test(
    arguments: [
      ([], ""), ([102], "Zg=="), ([102, 111], "Zm8="), ([102, 111, 111], "Zm9v"),
      ([0xFB, 0xFF], "+/8="),
    ] as [([UInt8], String)])
  func `base64 is that of RFC 4648`(bytes: [UInt8], text: String) {
    #expect(Base64.encode(bytes) == text)
    #expect(Base64.decode(text) == bytes)
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zh==", "Zm9", "Zm9v=", "Zm8=Zm8=", "=", "====", "Z===", " Zg==", "Zg==\n", "-_8=",
    "é",
  ])
  func `base64 has one spelling`(text: String) { #expect(Base64.decode(text) == nil) }

  @Test func `base64 and hexadecimal give every length back`() {
    var random = SplitMix64(seed: 64)
    for size in 0..<100 {
      let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
      #expect(!Base64.encodeURL(bytes).contains { "+/=".contains($0) })
    }
    #expect(Base64.encodeURL([0xFB, 0xFF]) == "-_8")
  }

  @Test(arguments: ["a", "0g", "AB", "0x", "é"])
  func `hexadecimal is in lower case and even`(text: String) {
    #expect(Hex.decode(text) == nil)
  }

  @Test func `digests and hashes have their length`() {
    #expect(Digest(bytes: [1]) == nil)
    #expect(Digest(hex: String(repeating: "a", count: 62)) == nil)
    #expect(BodyHash(bytes: [1]) == nil)
    #expect(BodyHash(hex: String(repeating: "a", count: 34)) == nil)
    #expect(BodyHash(of: []).description == "e3b0c44298fc1c149afbf4c8996fb924")
    #expect(EntityTag.of([]) == "\"47DEQpj8HBSa-_TImW-5JA\"")
  }
}

struct NumberRangesTests {
  @Test(arguments: 0..<50 as Range<UInt64>)
  func `ranges cover exactly their numbers`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let numbers = (0..<40).map { _ in Int(random.next() % 80) }
    let ranges = NumberRanges(numbers)
    #expect(Array(ranges.numbers) == Set(numbers).sorted())
    #expect(ranges.count == Set(numbers).count && ranges.isEmpty == numbers.isEmpty)
    for number in 0..<81 { #expect(ranges.contains(number) == numbers.contains(number)) }
    for (a, b) in zip(ranges.ranges, ranges.ranges.dropFirst()) {
      #expect(a.upperBound < b.lowerBound)
    }
    var first = 1_000
    let bytes = BodyIndex.encode([BodyEntry(number: 5, size: 9, context: ranges)], after: &first)
    first = 1_000
    #expect(
      try! BodyIndex.decode(bytes, after: &first) == [
        BodyEntry(number: 5, size: 9, context: ranges)
      ])
  }

  @Test func `no numbers are no ranges`() {
    #expect(NumberRanges([]).isEmpty && NumberRanges([]).count == 0)
  }
}

struct SelectionTests {
  @Test func `slugs are sorted by bytes, each once`() throws {
    #expect(
      try Selection(sections: ["sante", "a-b", "culture", "ab", "sante"]).description
        == "a-b,ab,culture,sante")
    #expect(try Selection(sections: []) == .none)
    #expect(throws: FormatError(.invalidValue, "")) { try Selection(sections: ["all"]) }
    #expect(throws: FormatError(.invalidValue, "")) { try Selection(sections: ["é"]) }
  }

  @Test func `the longest selection can be asked for on any basis`() throws {
    let full = try Selection(sections: (0..<63).map { String(format($0)) } + ["z"])
    #expect(full.description.utf8.count == 4_096)
    for basis in [Selection.Basis.full, .bare, .bodies] {
      #expect(Selection(parsing: full.on(basis).description) == full.on(basis))
      let path = Resource.delta(from: 1 << 40, to: 1 << 40, full.on(basis), floor: 32_767).path
      #expect(Resource(path: path)?.path == path)
    }
    #expect(throws: FormatError(.overLimit, "")) {
      try Selection(sections: (0..<63).map { String(format($0)) } + ["zz"])
    }
    #expect(Selection(parsing: full.description + "z") == nil)
  }

  /// A slug of 64 bytes.
  private func format(_ number: Int) -> String {
    String(repeating: "a", count: 62) + "\(10 + number)"
  }

  @Test func `a selection wants the bodies of its sections that are not empty`() throws {
    let sante = try Selection(sections: ["sante"])
    func record(_ section: String, _ length: Int) throws -> Record {
      try Record(
        .headline(
          Headline(
            published: 0, title: "a", section: section, body: BodyHash(of: []), length: length)),
        number: 1, version: 1)
    }
    #expect(try sante.wants(record("sante", 5)) != nil)
    #expect(try sante.wants(record("sante", 0)) == nil)
    #expect(try sante.wants(record("culture", 5)) == nil)
    #expect(try Selection.all.wants(record("culture", 5)) != nil)
    #expect(try Selection.none.wants(record("culture", 5)) == nil)
    #expect(sante.wants(nil) == nil)
    #expect(sante.on(.bare).coded(.deflate).basis == .bare)
  }
}

struct CodecTests {
  private let text = Array("Le marché de Gao a rouvert ce matin. ".utf8)

  // [COD-2] [COD-4]
  @Test func `only the end of a long history is the context`() throws {
    var random = SplitMix64(seed: 8)
    let noise = (0..<100_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for cut in [1, 31, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 100_000] {
      var coder = UnitCoder(.deflate)
      for start in stride(from: 0, to: cut, by: 7_919) {
        coder.prime(Array(noise[start..<min(start + 7_919, cut)]))
      }
      let plain = Array(noise[max(0, cut - 32_000)..<cut].prefix(200))
      let unit = Deflate.compress(plain, context: noise[..<cut])
      #expect(try coder.decode(unit, size: plain.count) == plain)
      #expect(cut < 1_000 || unit.count < 100)
    }
  }

  @Test func `a unit is context for the next, until the coder restarts`() throws {
    var writer = UnitCoder(.deflate)
    writer.prime(text)
    let units = [writer.encode(text), writer.encode(text + text)]
    writer.restart()
    let alone = writer.encode(text)
    #expect(alone == Deflate.compress(text))
    var reader = UnitCoder(.deflate)
    reader.prime(text)
    #expect(try reader.decode(units[0], size: text.count) == text)
    #expect(try reader.decode(units[1], size: 2 * text.count) == text + text)
    reader.restart()
    #expect(try reader.decode(alone, size: text.count) == text)
    #expect(units[0].count < alone.count)
    #expect(Codec.deflate.contextBytes == Limits.contextBytes)
  }

  @Test func `a coder does not decode against a history it has not`() {
    var writer = UnitCoder(.deflate)
    writer.prime(text)
    let unit = writer.encode(text)
    var reader = UnitCoder(.deflate)
    #expect(throws: FormatError.self) { _ = try reader.decode(unit, size: text.count) }
  }
}

struct CheckpointTests {
  // [CHK-7] [CHK-8] [CHK-9] [CHK-10]
  @Test func `a head may follow an older one, or be it at another time`() throws {
    let head = try Vectors.head()
    func other(_ version: Int, log: Digest? = nil, size: Int = 4_380, time: Int = 0) throws
      -> Checkpoint
    {
      try Checkpoint(
        origin: head.origin, version: version, logRoot: log ?? head.logRoot, stateSize: size,
        stateRoot: head.stateRoot, time: time)
    }
    try head.accept(head)
    try head.accept(try other(5_123, time: 1))
    try head.accept(try other(5_124, log: SHA256.hash([]), size: 4_381))
    #expect(throws: TrustError(.behind, "")) { try head.accept(try other(5_122)) }
    #expect(throws: TrustError(.forked, "")) {
      try head.accept(try other(5_123, log: head.stateRoot))
    }
    #expect(throws: TrustError(.forked, "")) { try head.accept(try other(5_123, size: 4_381)) }
    #expect(try head.sameHead(as: other(5_123)))
    #expect(try head.tag == other(5_123).tag)
  }

  // [CHK-6]
  @Test func `a checkpoint is one of a feed`() throws {
    func make(_ version: Int, _ size: Int, _ time: Int = 0, origin: String = "a") throws
      -> Checkpoint
    {
      try Checkpoint(
        origin: origin, version: version, logRoot: SHA256.hash([]), stateSize: size,
        stateRoot: SHA256.hash([]), time: time)
    }
    _ = try make(1, 1)
    _ = try make(Limits.versions, Limits.numbers)
    for (version, size, time) in [
      (0, 0, 0), (1, 0, 0), (1, 2, 0), (1, 1, -1), (-1, -1, 0), (1, 1, Int.max),
    ] {
      #expect(throws: FormatError(.invalidValue, "")) { _ = try make(version, size, time) }
    }
    #expect(throws: FormatError(.overLimit, "")) { _ = try make(Limits.versions + 1, 1) }
    #expect(throws: FormatError(.overLimit, "")) {
      _ = try make(Limits.versions, Limits.numbers + 1)
    }
    for origin in ["", "a b", "a+b", "a\n", "é", "a\u{7F}", String(repeating: "a", count: 256)] {
      #expect(throws: FormatError(.invalidValue, "")) { _ = try make(1, 1, origin: origin) }
    }
  }

  @Test func `a key is made of a seed of 32 bytes and a name`() {
    #expect(throws: FormatError(.invalidValue, "")) { _ = try SigningKey(name: "a", seed: [1]) }
    #expect(throws: FormatError(.invalidValue, "")) {
      _ = try SigningKey(name: "a b", seed: [UInt8](repeating: 1, count: 32))
    }
    #expect(throws: FormatError(.invalidValue, "")) {
      _ = try VerifierKey(name: "a", publicKey: [1])
    }
  }
}

struct RecordTests {
  @Test func `what a decoder would not give back is not written`() throws {
    func write(_ title: String, tags: [String] = [], number: Int = 1, version: Int = 1) throws {
      _ = try Record(
        .headline(
          Headline(
            published: 0, title: title, section: "s", tags: tags, body: BodyHash(of: []), length: 0)
        ),
        number: number, version: version)
    }
    try write("a")
    #expect(throws: FormatError(.invalidValue, "")) { try write("") }
    #expect(throws: FormatError(.invalidValue, "")) { try write("a", number: 0) }
    #expect(throws: FormatError(.invalidValue, "")) { try write("a", version: 0) }
    #expect(throws: FormatError(.overLimit, "")) { try write(String(repeating: "a", count: 1_025)) }
    #expect(throws: FormatError(.overLimit, "")) {
      try write("a", tags: Array(repeating: "t", count: 33))
    }
    #expect(throws: FormatError(.invalidValue, "")) {
      _ = try Record(.unreadable, number: 1, version: 1)
    }
  }

  // [REC-5]
  @Test func `a record says what is erased`() throws {
    #expect(
      try Record(decoding: CBORItem.array(Vectors.headline.dropLast() + [40]).encoded).erased == 40)
    #expect(
      try Record(decoding: CBORItem.array(Vectors.retraction.dropLast() + [43]).encoded).erased
        == 43)
    #expect(try Record(decoding: CBORItem.array(Vectors.masthead).encoded).erased == 0)
  }

  @Test func `a section has what is below it`() {
    let masthead = Masthead(
      name: "a",
      sections: [
        .init(slug: "a", title: "A"), .init(slug: "b", title: "B", parent: "a"),
        .init(slug: "c", title: "C"), .init(slug: "d", title: "D", parent: "b"),
      ])
    #expect(masthead.subtree(of: "a") == ["a", "b", "d"])
    #expect(masthead.subtree(of: "c") == ["c"])
    #expect(masthead.subtree(of: "x") == ["x"])
  }
}
