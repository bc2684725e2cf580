import FilProtocol
import Testing

extension TextModel {
  fileprivate mutating func learn(_ text: [UInt8]) { prime(text.span) }
  fileprivate mutating func pack(_ text: [UInt8]) -> [UInt8] { compress(text.span) }
  fileprivate mutating func unpack(
    _ unit: [UInt8], _ size: Int
  ) -> Result<[UInt8], FormatError> {
    do {
      return .success(try decompress(unit.span, plainSize: size))
    } catch {
      return .failure(error)
    }
  }
}

struct TextModelTests {
  private static let context = Array(
    """
    Le conseil de Sainte-Aube a voté hier la réouverture du lavoir. « Nous l'attendions depuis \
    l'hiver », dit la maire, Odile Vasseur. Les travaux dureront trois mois, selon la commune.
    """.utf8)
  private static let texts = [
    "Le lavoir de Sainte-Aube rouvrira au printemps, dit la maire, Odile Vasseur.",
    "",
    "À Port-Liane, la pêche a repris après deux semaines de tempête.",
    "An bɛ taa dugu kɔnɔ sini.",
    "قالت البلدية إن الأشغال تبدأ في الربيع.",
    String(repeating: "\0", count: 300),
    String(repeating: "la pêche a repris, ", count: 40),
  ].map { Array($0.utf8) }

  /// A small generator, so that a failure can be run again (SplitMix64).
  private struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    mutating func bytes(_ count: Int, of kinds: UInt64 = 256) -> [UInt8] {
      (0..<count).map { _ in UInt8(next() % kinds) }
    }
  }

  @Test func `units of one stream come back`() {
    var writer = TextModel()
    var reader = TextModel()
    writer.learn(Self.context)
    reader.learn(Self.context)
    for text in Self.texts {
      let unit = writer.pack(text)
      #expect(unit.last != 0)
      let back = reader.unpack(unit, text.count)
      #expect(back == .success(text))
    }
  }

  @Test func `a reset model is as new`() {
    var used = TextModel()
    used.learn(Self.context)
    _ = used.pack(Self.texts[0])
    used.reset()
    var new = TextModel()
    for text in Self.texts {
      let a = used.pack(text)
      let b = new.pack(text)
      #expect(a == b)
    }
  }

  @Test func `compressing teaches as much as priming`() {
    var one = TextModel()
    var two = TextModel()
    one.learn(Self.texts[0])
    _ = two.pack(Self.texts[0])
    let a = one.pack(Self.texts[2])
    let b = two.pack(Self.texts[2])
    #expect(a == b)
  }

  @Test func `context pays`() {
    var model = TextModel()
    let alone = model.pack(Self.texts[0])
    model.reset()
    model.learn(Self.context)
    let primed = model.pack(Self.texts[0])
    #expect(primed.count * 2 < alone.count)
    let again = model.pack(Self.texts[0])
    #expect(again.count < 8)
  }

  @Test func `every bit flip is an error`() {
    var model = TextModel()
    let text = Self.texts[0]
    let unit = model.pack(text)
    for bit in 0..<unit.count * 8 {
      var damaged = unit
      damaged[bit / 8] ^= 1 << (bit % 8)
      model.reset()
      // A unit is accepted only when it is what the writer writes: then for another text.
      if case .success(let other) = model.unpack(damaged, text.count) {
        #expect(other != text && other.count == text.count)
        model.reset()
        let again = model.pack(other)
        #expect(again == damaged)
      }
    }
  }

  @Test func `every truncation is an error, and so is every longer unit`() {
    var model = TextModel()
    let text = Self.texts[0]
    let unit = model.pack(text)
    for count in 0..<unit.count {
      model.reset()
      let cut = Array(unit[..<count])
      if case .success(let other) = model.unpack(cut, text.count) {
        #expect(other != text)
        model.reset()
        let again = model.pack(other)
        #expect(again == cut)
      }
    }
    for tail: [UInt8] in [[0], [1], [0, 0, 0, 0, 0], [255, 255, 255, 255, 255]] {
      model.reset()
      let longer = unit + tail
      let result = model.unpack(longer, text.count)
      #expect(
        result == .failure(FormatError(tail.count > 4 ? .trailingBytes : .notCanonical, "unit")))
    }
  }

  @Test func `a wrong plain size is an error or a text of that size`() {
    var model = TextModel()
    let unit = model.pack(Self.texts[0])
    for size in [0, 1, 10, 75, 77, 1000] {
      model.reset()
      guard case .success(let text) = model.unpack(unit, size) else { continue }
      #expect(text.count == size)
    }
    for size in [-1, Int.min, Limits.unitPlainBytes + 1, Int.max] {
      let result = model.unpack(unit, size)
      #expect(result == .failure(FormatError(.overLimit, "unit")))
    }
  }

  @Test(arguments: [1, 2, 3, 4]) func `random units give an error or canonical text`(seed: UInt64) {
    var random = Random(state: seed)
    var model = TextModel()
    for _ in 0..<200 {
      let unit = random.bytes(Int(random.next() % 40))
      let size = Int(random.next() % 120)
      model.reset()
      guard case .success(let text) = model.unpack(unit, size) else { continue }
      #expect(text.count == size)
      model.reset()
      let again = model.pack(text)
      #expect(again == unit)
    }
  }

  @Test(arguments: [1, 2, 5, 256]) func `random texts come back`(kinds: UInt64) {
    var random = Random(state: kinds)
    var writer = TextModel()
    var reader = TextModel()
    for _ in 0..<40 {
      let text = random.bytes(Int(random.next() % 3000), of: kinds)
      let unit = writer.pack(text)
      #expect(unit.count <= text.count + text.count / 16 + 8)
      let back = reader.unpack(unit, text.count)
      #expect(back == .success(text))
    }
  }

  @Test func `more than a MiB goes through`() {
    var random = Random(state: 7)
    let text = random.bytes(700_000, of: 4)
    var writer = TextModel()
    var reader = TextModel()
    for _ in 0..<2 {
      let unit = writer.pack(text)
      let back = reader.unpack(unit, text.count)
      #expect(back == .success(text))
    }
  }
}
