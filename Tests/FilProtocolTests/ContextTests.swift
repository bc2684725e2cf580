import FilProtocol
import FilSource
import TestSupport
import Testing

/// What stands in the context of a body, and what does not: `Protocol/objects.md`.
struct ContextTests {
  /// A body that repeats the one of number 3, written with number 3 and `between` as context.
  private func outcome(
    _ feed: MemoryFeed, naming between: Int, selection: Selection = .all, floor: Int = 0,
    texts: [[UInt8]] = [], change: (ReplicaModel) -> Void = { _ in }
  ) throws -> Outcome {
    let first = floor * Limits.volume + 3
    let hash = try #require(feed.record(first, asOf: 301)?.headline?.body)
    let base = try #require(feed.body(hash))
    var news = News(seed: 77)
    let number = feed.size
    var headline = news.headline(base + [33], published: 1)
    headline.section = "sante"
    try feed.append(.headline(headline), number: number, body: base + [33])
    try feed.sign(time: 1_800_000_300)
    var forge = Forge(feed, from: 301, selection: selection, floor: floor)
    let place = try #require(forge.bodies.firstIndex { $0.number == number })
    var body = forge.bodies.remove(at: place)
    body.context = NumberRanges([first, between])
    // The text of number 3 is far enough back that what stands between moves it.
    body.texts = (selection.basis == .bare ? [] : between < first ? texts + [base] : [base] + texts)
    forge.bodies.append(body)
    let model = ReplicaModel(
      feed, at: 301, to: feed.version, floor: floor, selection: selection)
    change(model)
    let outcome = model.read(forge.render(), model.request(selection))
    if outcome == .complete { #expect(model.isComplete(selection)) }
    return outcome
  }

  private func feed() throws -> MemoryFeed { try MemoryFeed.sample(300) }

  private func body(_ feed: MemoryFeed, _ number: Int, asOf version: Int = 301) throws -> [UInt8] {
    try #require(feed.record(number, asOf: version)?.headline.flatMap { feed.body($0.body) })
  }

  @Test func `a body of V is context`() throws {
    let feed = try feed()
    #expect(try outcome(feed, naming: 9, texts: [body(feed, 9)]) == .complete)
    #expect(try outcome(self.feed(), naming: 9) == .failed("wrongDigest"))
  }

  @Test func `the masthead and numbers that are not there give nothing`() throws {
    #expect(try outcome(feed(), naming: 0) == .complete)
    #expect(try outcome(feed(), naming: 8_000_000) == .complete)
  }

  @Test func `a withdrawn article gives nothing`() throws {
    let feed = try feed()
    try feed.retract(9)
    #expect(try outcome(feed, naming: 9) == .complete)
  }

  @Test func `an erased revision gives nothing, although the replica still has it`() throws {
    let feed = try feed()
    let old = try body(feed, 9)
    var news = News(seed: 3)
    try feed.correct(9, &news, erasing: true)
    let hash = BodyHash(of: old)
    let record = try Record(
      .headline(try #require(try self.feed().record(9, asOf: 301)?.headline)), number: 9,
      version: 10)
    // The body that the correction brings comes before, and would be context: it is held back.
    let outcome = try outcome(feed, naming: 9, texts: [try body(feed, 9, asOf: 302)]) {
      $0.bodies[hash] = old
      $0.old[9] = record
    }
    #expect(outcome == .complete)
  }

  @Test func `an erased revision gives nothing before its new body came`() throws {
    let feed = try feed()
    let old = try body(feed, 9)
    let record = feed.record(9, asOf: 301)
    var news = News(seed: 3)
    try feed.correct(9, &news, erasing: true)
    var headline = try #require(feed.record(9, asOf: 302)?.headline)
    headline.length = 0
    headline.erased = 302
    try feed.append(.headline(headline), number: 9)
    let outcome = try outcome(feed, naming: 9) {
      $0.bodies[BodyHash(of: old)] = old
      $0.old[9] = record
    }
    #expect(outcome == .complete)
  }

  @Test func `a corrected article gives its old text until the new one came`() throws {
    let feed = try feed()
    let old = try body(feed, 9)
    var headline = try #require(feed.record(9, asOf: 301)?.headline)
    headline.length = 0
    try feed.append(.headline(headline), number: 9)
    #expect(try outcome(feed, naming: 9, texts: [old]) == .complete)
  }

  @Test func `what this object brought gives its new text`() throws {
    let feed = try feed()
    var news = News(seed: 3)
    try feed.correct(9, &news)
    #expect(try outcome(feed, naming: 9, texts: [body(feed, 9, asOf: 302)]) == .complete)
  }

  @Test func `what the selection does not name gives nothing`() throws {
    let feed = try feed()
    let own = try #require(feed.record(3, asOf: 301)?.headline?.section)
    let other = try #require(
      (4...40).first { feed.record($0, asOf: 301)?.headline?.section != own })
    let selection = try Selection(sections: own == "sante" ? [own] : [own, "sante"])
    guard !selection.names(feed.record(other, asOf: 301)?.headline?.section ?? "") else { return }
    let all = ReplicaModel(feed, at: 301, to: 301).bodies
    let outcome = try outcome(feed, naming: other, selection: selection) { $0.bodies = all }
    #expect(outcome == .complete)
  }

  @Test func `what is below the floor gives nothing`() throws {
    let feed = try feed()
    let old = ReplicaModel(feed, at: 301, to: 301)
    let outcome = try outcome(feed, naming: 9, floor: 1) {
      // The text is not there: where it were asked for, it would be missing.
      $0.old.merge(old.old) { first, _ in first }
    }
    #expect(outcome == .complete)
  }

  @Test func `a bare selection has no body of V as context`() throws {
    #expect(try outcome(feed(), naming: 9, selection: Selection.all.on(.bare)) == .complete)
  }

  @Test func `a body that is named and not held is asked for`() throws {
    let feed = try feed()
    let text = try body(feed, 9)
    let outcome = try outcome(feed, naming: 9, texts: [text]) {
      $0.bodies[BodyHash(of: text)] = nil
    }
    #expect(outcome == .failed("missing"))
  }

  // [COD-2]
  @Test func `the records of V are the context of headlines`() throws {
    let feed = try DeltaTests.masthead()
    for floor in [0, 1] {
      var forge = Forge(feed, from: 301, floor: floor)
      let named = [0, 3, 9, 260, 300, 301]
      forge.preamble.context = NumberRanges(named)
      forge.contextRecords = named.filter { $0 == 0 || $0 / 256 >= floor }
        .compactMap { feed.record($0, asOf: 301)?.bytes }
      let model = ReplicaModel(feed, at: 301, to: feed.version, floor: floor)
      let all = ReplicaModel(feed, at: 301, to: feed.version).old
      model.old.merge(all) { first, _ in first }
      #expect(model.read(forge.render()) == .complete)
      #expect(model.isComplete())
    }
  }

  // [COD-6]
  @Test func `of a long context the texts at its end count, each whole`() throws {
    let feed = MemoryFeed(seed: 5)
    try feed.append(.masthead(Masthead(name: "Essai")), number: 0)
    var news = News(seed: 5)
    // Texts of 400,000 bytes: two and a bit are the context of codec 2.
    for number in 1...6 {
      let body = [UInt8](repeating: UInt8(64 + number), count: 400_000)
      try feed.append(.headline(news.headline(body, published: number)), number: number, body: body)
    }
    try feed.sign(time: 1_800_000_000)
    let version = feed.version
    let model = ReplicaModel(feed, at: version, to: version)
    let context = BodyContext(
      from: version, to: version, selection: Selection.all.coded(.text), floor: 0)
    func letters(_ numbers: [Int]) throws -> [UInt8] {
      try context.texts(NumberRanges(numbers), in: model).map { text in
        #expect(text.count == 400_000)
        return text[0] - 64
      }
    }
    let long = try letters([1, 2, 3, 4, 5, 6])
    #expect(long == [4, 5, 6])
    let few = try letters([1, 2])
    #expect(few == [1, 2])
    // Deflate looks back 32 KB: the last one is more than that.
    let short = BodyContext(from: version, to: version, selection: .all, floor: 0)
    #expect(try short.texts(NumberRanges([1, 2, 3]), in: model).map { $0[0] - 64 } == [3])
  }
}
