import FilProtocol
import FilSource
import TestSupport
import Testing

/// Deltas: right ones in any pieces, and every kind of wrong one.
struct DeltaTests {
  /// Version 301 was signed; then numbers 3 (twice), 40, 7 and two new ones changed.
  static func small() throws -> MemoryFeed {
    let feed = try MemoryFeed.sample(300, sentences: 2)
    var news = News(seed: 9)
    try feed.correct(40, &news)
    try feed.correct(3, &news)
    try feed.retract(7)
    try feed.sign(time: 1_800_000_100)
    try feed.correct(3, &news)
    for _ in 0..<2 { try feed.publish(&news, sentences: 2) }
    try feed.sign(time: 1_800_000_200)
    return feed
  }

  static func blocks() throws -> MemoryFeed {
    let feed = try MemoryFeed.sample(300, sentences: 2)
    var news = News(seed: 9)
    for number in 1...100 { try feed.correct(number, &news) }
    try feed.sign(time: 1_800_000_100)
    return feed
  }

  static func masthead() throws -> MemoryFeed {
    let feed = try MemoryFeed.sample(300, sentences: 2)
    var news = News(seed: 9)
    try feed.append(.masthead(Masthead(name: "Essai 2")), number: 0)
    try feed.correct(3, &news)
    try feed.publish(&news, sentences: 2)
    try feed.sign(time: 1_800_000_100)
    return feed
  }

  private func check(_ lie: Lie, _ feed: MemoryFeed, floor: Int = 0) throws {
    var forge = Forge(feed, from: 301, floor: floor)
    try lie.change(&forge)
    let bytes = forge.render()
    for step in [Int.max, 37] {
      let model = ReplicaModel(feed, at: 301, to: feed.version, floor: floor)
      let outcome = model.read(bytes, step: step)
      if lie.outcome == .failed("*") {
        #expect(outcome != .complete && outcome != .waiting)
      } else {
        #expect(outcome == lie.outcome)
      }
      if lie.name == "nothing" { #expect(model.isComplete()) }
    }
  }

  // [OBJ-1] [OBJ-2] [OBJ-4] [OBJ-7] [OBJ-9] [OBJ-10] [OBJ-11] [OBJ-12] [OBJ-13] [CHK-4] [REP-2]
  @Test(arguments: Lie.plain) func `a lie about a delta is refused by name`(lie: Lie) throws {
    try check(lie, Self.small())
  }

  // [OBJ-8] [OBJ-11] [STA-3]
  @Test(arguments: Lie.blocks) func `a lie about blocks is refused by name`(lie: Lie) throws {
    try check(lie, Self.blocks())
  }

  // [OBJ-5] [OBJ-11] [STA-5]
  @Test(arguments: Lie.masthead)
  func `a lie about the masthead below the floor is refused by name`(lie: Lie) throws {
    try check(lie, Self.masthead(), floor: 1)
  }

  @Test(arguments: [1, 7, 1_000, Int.max])
  func `a delta in pieces of any size brings the head`(step: Int) throws {
    let feed = try Self.blocks()
    for from in [0, 301] {
      let bytes = try DeltaRenderer(
        feed, from: from, to: feed.version, selection: .all, floor: 0
      ).render()
      let model = ReplicaModel(feed, at: from, to: feed.version)
      #expect(model.read(bytes, step: step) == .complete)
      #expect(model.isComplete())
      #expect(scan(bytes, origin: feed.origin, step: step) == .complete)
    }
  }

  @Test func `nothing follows the end`() throws {
    let feed = try Self.small()
    let bytes = Forge(feed, from: 301).render()
    #expect(
      ReplicaModel(feed, at: 301, to: feed.version).read(bytes + [0]) == .failed("trailingBytes"))
    let model = ReplicaModel(feed, at: 301, to: feed.version)
    var reader = DeltaReader(model.request(), holdings: model)
    reader.push(bytes)
    while let part = try reader.next() { model.store(part) }
    #expect(reader.offset == bytes.count)
    reader.push([0])
    #expect(throws: ReadError<Never>.self) { _ = try reader.next() }
  }

  // [CHK-5] [CHK-7] [CHK-8] [CHK-9] [CHK-10]
  @Test func `another head than the highest is judged by version, then by roots`() throws {
    let feed = try Self.small()
    let bytes = Forge(feed, from: 301).render()
    let head = feed.head().checkpoint
    func read(_ highest: Checkpoint?, held: Bool = false) -> Outcome {
      let model = ReplicaModel(feed, at: 301, to: feed.version)
      var request = model.request()
      request.highest = highest
      request.headlinesHeld = held
      return model.read(bytes, request)
    }
    func other(version: Int = head.version, root: Digest = head.stateRoot) throws -> Checkpoint {
      try Checkpoint(
        origin: head.origin, version: version, logRoot: head.logRoot, stateSize: head.stateSize,
        stateRoot: root, time: 5)
    }
    #expect(read(nil) == .complete)
    #expect(read(try other()) == .complete)
    #expect(read(try head.at(time: 1_900_000_000)) == .complete)
    #expect(read(try other(version: head.version + 1)) == .failed("behind"))
    #expect(read(try other(root: head.logRoot)) == .failed("forked"))
    #expect(read(try other(version: head.version - 1, root: head.logRoot)) == .complete)
  }

  @Test func `a delta of another feed, or of no known key, is refused`() throws {
    let feed = try Self.small()
    let bytes = Forge(feed, from: 301).render()
    let model = ReplicaModel(feed, at: 301, to: feed.version)
    var request = model.request()
    request.origin = "autre.example/fil"
    #expect(model.read(bytes, request) == .failed("unsigned"))
    request = model.request()
    request.keys = []
    #expect(model.read(bytes, request) == .failed("unsigned"))
    request = model.request()
    request.floor = nil
    #expect(model.read(bytes, request) == .complete)
    let state = Preamble.state(feed.head(), digests: feed.digests(asOf: feed.version)).encoded
    #expect(model.read(state) == .failed("wrongObject"))
  }

  @Test func `headlines that are held are passed over, and bodies too`() throws {
    let feed = try Self.small()
    let forge = Forge(feed, from: 301)
    let bytes = forge.render()
    let model = ReplicaModel(feed, at: 301, to: feed.version)
    #expect(model.read(bytes) == .complete)
    var request = model.request()
    request.headlinesHeld = true
    request.highest = try Checkpoint(
      origin: feed.origin, version: 5_000, logRoot: SHA256.hash([]), stateSize: 1,
      stateRoot: SHA256.hash([]), time: 0)
    model.new = model.new.filter { _ in true }
    #expect(model.read(bytes, request) == .complete)
  }

  // [OBJ-4]
  @Test func `digests that a replica holds must fold with those sent`() throws {
    let feed = try Self.small()
    var forge = Forge(feed, from: 301)
    let held = feed.digests(asOf: 301)
    func read(_ digests: [Digest]) -> Outcome {
      let model = ReplicaModel(feed, at: 301, to: feed.version)
      model.heldDigests = digests
      return model.read(forge.render())
    }
    #expect(read(held) == .complete)
    #expect(read(held + held) == .failed("wrongDigest"))
    forge.preamble.volumes = NumberRanges([1])
    forge.preamble.digests.removeFirst()
    #expect(read(held) == .failed("wrongDigest"))
    #expect(read([]) == .failed("wrongDigest"))
  }

  @Test func `local damage under a delta is not taken for the head`() throws {
    let feed = try Self.small()
    let model = ReplicaModel(feed, at: 301, to: feed.version)
    model.old[12] = nil
    #expect(model.read(Forge(feed, from: 301).render()) == .failed("wrongDigest"))
  }

  // [OBJ-5]
  @Test func `a masthead that did not change is still checked by its path`() throws {
    let feed = try Self.small()
    let bytes = Forge(feed, from: 301, floor: 1).render()
    #expect(ReplicaModel(feed, at: 301, to: feed.version, floor: 1).read(bytes) == .complete)
    let model = ReplicaModel(feed, at: 301, to: feed.version, floor: 1)
    model.old[0] = model.old[260]
    #expect(model.read(bytes) == .failed("invalidValue"))
    model.old[0] = nil
    #expect(model.read(bytes) == .failed("wrongDigest"))
    model.old[0] = try Record(.masthead(Masthead(name: "Faux")), number: 0, version: 1)
    #expect(model.read(bytes) == .failed("wrongDigest"))
  }

  @Test func `a first sync above a floor brings the masthead with its path`() throws {
    let feed = try Self.small()
    var forge = Forge(feed, from: 0, floor: 1)
    let model = ReplicaModel(feed, at: 0, to: feed.version, floor: 1)
    #expect(model.read(forge.render()) == .complete)
    #expect(model.isComplete())
    forge.entries.removeAll { $0.volume == 0 }
    let other = ReplicaModel(feed, at: 0, to: feed.version, floor: 1)
    #expect(other.read(forge.render()) == .failed("wrongDigest"))
  }

  @Test func `below the floor no entry comes but the masthead's`() throws {
    let feed = try MemoryFeed.sample(600, sentences: 1)
    var news = News(seed: 9)
    try feed.append(.masthead(Masthead(name: "Essai 2")), number: 0)
    try feed.correct(300, &news)
    try feed.publish(&news, sentences: 1)
    try feed.sign(time: 1_800_000_100)
    var forge = Forge(feed, from: 601, floor: 2)
    let model = ReplicaModel(feed, at: 601, to: feed.version, floor: 2)
    #expect(model.read(forge.render()) == .complete)
    forge.entries[forge.entries.count - 1].volume = 1
    let other = ReplicaModel(feed, at: 601, to: feed.version, floor: 2)
    #expect(other.read(forge.render()) == .failed("invalidValue"))
  }

  // [OBJ-6]
  @Test func `nothing new is a delta without parts`() throws {
    let feed = try Self.small()
    let model = ReplicaModel(feed, at: feed.version, to: feed.version)
    #expect(model.read(Forge(feed, from: feed.version).render()) == .complete)
    #expect(model.new.isEmpty)
  }

  @Test(arguments: ["none", "sante", "politique,sante"])
  func `only the bodies of the selection come`(text: String) throws {
    let feed = try Self.small()
    let selection = try #require(Selection(parsing: text))
    for basis in text == "none" ? [.full] : [Selection.Basis.full, .bare] {
      let asked = selection.on(basis)
      let bytes = try DeltaRenderer(
        feed, from: 301, to: feed.version, selection: asked, floor: 0
      ).render()
      let model = ReplicaModel(feed, at: 301, to: feed.version, selection: selection)
      let before = model.bodies.count
      #expect(model.read(bytes, model.request(asked)) == .complete)
      #expect(model.isComplete(selection))
      #expect(text != "none" || model.bodies.count == before)
    }
    var forge = Forge(feed, from: 301)
    forge.preamble.selection = .none
    let model = ReplicaModel(feed, at: 301, to: feed.version, selection: .none)
    #expect(model.read(forge.render(), model.request(.none)) == .failed("wrongObject"))
  }

  @Test func `bodies alone come without headlines`() throws {
    let feed = try Self.small()
    let asked = Selection.all.on(.bodies)
    let bytes = try DeltaRenderer(
      feed, from: 301, to: feed.version, selection: asked, floor: 0
    ).render()
    let model = ReplicaModel(feed, at: 301, to: feed.version)
    for number in feed.numbersChanged(after: 301, through: feed.version) ?? [] {
      model.new[number] = feed.record(number, asOf: feed.version)
    }
    #expect(model.read(bytes, model.request(asked)) == .complete)
    #expect(model.isComplete())
  }
}
