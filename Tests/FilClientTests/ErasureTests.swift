import FilClient
import FilProtocol
import FilSource
import TestSupport
import Testing

/// What is erased is gone from every byte of a replica's files.
struct ErasureTests {
  private static let secret = "Zyxomma Quagga Kwashiorkor"

  /// A feed whose article 3 names somebody, among others that do not.
  private func withSecret(
    _ count: Int = 40,
    _ body: (String, MemoryFeed, Replica, ServiceSource<MemoryFeed>) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let feed = MemoryFeed()
      try feed.append(.masthead(Masthead(name: "Essai")), number: 0)
      var news = News(seed: 1)
      for number in 1...count {
        if number == 3 {
          try publishSecret(feed, &news)
        } else {
          try feed.publish(&news)
        }
      }
      try feed.sign(time: 1_800_000_000)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try body(folder, feed, replica, source)
    }
  }

  private func publishSecret(_ feed: MemoryFeed, _ news: inout News) throws {
    let text = Array(("Hier, \(Self.secret) a parlé. " + news.sentence(20)).utf8)
    var headline = news.headline(text, published: 1_790_000_000)
    headline.summary = "Selon \(Self.secret)."
    try feed.append(.headline(headline), number: feed.size, body: text)
  }

  private func expectGone(
    _ replica: Replica, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try replica.status().pendingErasures == 0, sourceLocation: sourceLocation)
    for word in [Self.secret, "Zyxomma", "zyxomma", "quagga", "kwashiorkor"] {
      #expect(try !lies(word, in: replica.path), "\(word)", sourceLocation: sourceLocation)
    }
    #expect(try replica.search("Quagga").isEmpty, sourceLocation: sourceLocation)
  }

  // [REP-6]
  @Test(arguments: [true, false])
  func `an erasure leaves no byte`(byRetraction: Bool) throws {
    try withSecret { _, feed, replica, source in
      try replica.sync(from: source, .still)
      #expect(try lies(Self.secret, in: replica.path))
      #expect(try replica.search("Quagga").count == 1)
      try erase(3, feed, byRetraction)
      try feed.sign(time: 1_800_000_100)
      #expect(outcome(replica, from: source).error == nil)
      try expectGone(replica)
      try expectEqual(replica, feed)
    }
  }

  /// By a retraction, or by a correction that says something else.
  private func erase(_ number: Int, _ feed: MemoryFeed, _ byRetraction: Bool) throws {
    if byRetraction { return try feed.retract(number, erasing: true) }
    var news = News(seed: 50)
    let text = news.text(3)
    var headline = news.headline(text, published: 1_790_000_000)
    headline.erased = feed.version + 1
    try feed.append(.headline(headline), number: number, body: text)
  }

  @Test func `an erasure reaches a replica that was away while it was superseded`() throws {
    try withSecret { _, feed, replica, source in
      try replica.sync(from: source, .still)
      try erase(3, feed, true)
      var news = News(seed: 51)
      let text = news.text(3)
      var headline = news.headline(text, published: 1_790_000_000)
      headline.erased = feed.version
      try feed.append(.headline(headline), number: 3, body: text)
      try feed.correct(3, &news)
      try feed.sign(time: 1_800_000_100)
      #expect(outcome(replica, from: source).error == nil)
      try expectGone(replica)
      try expectEqual(replica, feed)
    }
  }

  @Test func `an erasure reaches the spool of an older object`() throws {
    try withSecret(2) { folder, feed, replica, source in
      try replica.sync(from: source, .still)
      var news = News(seed: 52)
      try publishSecret(feed, &news)
      for _ in 0..<30 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      // Headlines and some bodies come.
      let size = try DeltaRenderer(feed, from: 3, to: feed.version, selection: .all, floor: 0)
        .render().count
      let budget = size * 4 / 5 + 701
      #expect(outcome(replica, from: source, .still(budget: budget)).error == .budgetSpent)
      #expect(try replica.status().spooled > 0 && replica.record(3) != nil)
      try erase(3, feed, true)
      try feed.sign(time: 1_800_000_200)
      let headlines = try DeltaRenderer(
        feed, from: 34, to: feed.version, selection: .none, floor: 0
      ).render().count
      _ = outcome(replica, from: source, .still(budget: headlines + 1_500))
      #expect(try replica.status().version == feed.version)
      try expectGone(replica)
      #expect(outcome(replica, from: source).error == nil)
      try expectGone(replica)
      try expectEqual(replica, feed)
    }
  }

  @Test func `an erasure without deltas leaves no byte`() throws {
    try withSecret { _, feed, replica, source in
      try replica.sync(from: source, .still)
      try erase(3, feed, false)
      try feed.sign(time: 1_800_000_100)
      let plain = Meddler(source) { _, request in
        request.path.contains("/sync/") ? .init(404, type: "text/plain") : nil
      }
      #expect(outcome(replica, from: plain).error == nil)
      try expectGone(replica)
      try expectEqual(replica, feed)
    }
  }

  @Test func `the same text in another article stays`() throws {
    try withSecret { _, feed, replica, source in
      let old = feed.record(3, asOf: feed.version)?.headline
      let text = feed.body(old?.body ?? BodyHash(of: [])) ?? []
      var news = News(seed: 53)
      let twin = news.headline(text, published: 1_790_500_000)
      try feed.append(.headline(twin), number: feed.size, body: text)
      try feed.sign(time: 1_800_000_050)
      try replica.sync(from: source, .still)
      try erase(3, feed, true)
      try feed.sign(time: 1_800_000_100)
      #expect(outcome(replica, from: source).error == nil)
      #expect(try replica.article(41)?.body.map { Array($0.utf8) } == text)
      #expect(try replica.status().pendingErasures == 0)
      try expectEqual(replica, feed)
    }
  }

  // [REP-5]
  /// Without bodies an old text is still shown when its article is corrected; then it is erased.
  @Test func `a text that is shown for want of a newer one is erased too`() throws {
    try withSecret { _, feed, replica, source in
      try replica.sync(from: source, .still)
      var news = News(seed: 54)
      let text = news.text(2)
      try feed.append(
        .headline(news.headline(text, published: 1_790_000_000)), number: 3, body: text)
      try feed.sign(time: 1_800_000_100)
      try replica.sync(from: source, .still(SectionChoice.none))
      #expect(try replica.article(3)?.bodyState == .outdated)
      // The first revision alone is erased.
      let second = feed.version
      try feed.retract(3)
      try feed.sign(time: 1_800_000_200)
      var headline = news.headline(text, published: 1_790_000_000)
      headline.erased = second
      try feed.append(.headline(headline), number: 3, body: text)
      try feed.sign(time: 1_800_000_300)
      #expect(outcome(replica, from: source).error == nil)
      try expectGone(replica)
    }
  }

  @Test func `an erasure waits for readers and says so`() throws {
    try withSecret { _, feed, replica, source in
      try replica.sync(from: source, .still)
      try erase(3, feed, true)
      try feed.sign(time: 1_800_000_100)
      #expect(outcome(replica, from: source).error == nil)
      try tamper(replica.path, "INSERT INTO erasure VALUES (3, 9)")
      #expect(try replica.status().pendingErasures == 1)
      // The next sync finishes what a kill left behind, whatever the line says.
      _ = outcome(replica, from: Meddler(source) { _, _ in .gone(.offline) })
      try expectGone(replica)
    }
  }
}
