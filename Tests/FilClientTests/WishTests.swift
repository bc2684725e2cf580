import FilClient
import FilProtocol
import FilSource
import Synchronization
import TestSupport
import Testing

/// Texts that a reader asks for although the selection leaves them out.
struct WishTests {
  private func withHeadlines(
    _ body: (String, MemoryFeed, Replica, ServiceSource<MemoryFeed>) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(20)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: source, .still(SectionChoice.none))
      try body(folder, feed, replica, source)
    }
  }

  @Test func `the next sync brings what was asked for, and nothing else`() throws {
    try withHeadlines { _, feed, replica, source in
      #expect(try replica.want(7, now: 1) == .queued)
      #expect(try replica.want(3, now: 90_000) == .queued)
      #expect(try replica.isWanted(7) && !replica.isWanted(8))
      // The day is kept, not the minute.
      #expect(try integer(replica.path, "SELECT max(asked) FROM wish") == 86_400)
      #expect(try replica.wishes().map(\.number) == [7, 3])
      #expect(try replica.status().openWishes == 2)
      let report = try replica.sync(from: source, .still)
      #expect(report.bodies == 2 && report.openWishes == 0)
      #expect(source.rows.dropFirst().map(\.status) == [304, 200, 200])
      #expect(try replica.wishes().isEmpty)
      try expectEqual(replica, feed, wanting: { _ in false }, except: [7, 3])
      #expect(try replica.want(7) == .here)
    }
  }

  @Test func `a wish comes after headlines and before other bodies`() throws {
    try withHeadlines { _, feed, replica, source in
      try replica.want(7)
      var news = News(seed: 2)
      try feed.publish(&news)
      try feed.sign(time: 1_800_000_100)
      let hash = try #require(feed.record(7, asOf: 22)?.headline?.body)
      try replica.sync(from: source, .still(.all))
      let paths = source.rows.map(\.path)
      let wish = try #require(paths.firstIndex(of: Resource.body(hash).path))
      #expect(paths[wish - 1].hasPrefix("/fil/v1/sync/21/none"))
      #expect(paths[wish + 1].contains("/all"))
      try expectEqual(replica, feed)
    }
  }

  @Test func `a correction of what was asked for brings its new text, before and after it came`()
    throws
  {
    try withHeadlines { _, feed, replica, source in
      var news = News(seed: 2)
      try replica.want(7)
      for round in 1...2 {
        try feed.correct(7, &news)
        try feed.sign(time: 1_800_000_000 + round)
        #expect(try replica.sync(from: source, .still).bodies == 1)
        #expect(try replica.article(7)?.bodyState == .current)
      }
    }
  }

  @Test func `a retraction ends a wish, also when the article comes back`() throws {
    try withHeadlines { _, feed, replica, source in
      let headline = try #require(feed.record(7, asOf: 21)?.headline)
      try replica.want(7)
      try feed.retract(7)
      try feed.sign(time: 1_800_000_100)
      #expect(try replica.sync(from: source, .still).bodies == 0)
      #expect(try replica.want(7) == .retracted)
      try feed.append(.headline(headline), number: 7)
      try feed.sign(time: 1_800_000_200)
      #expect(try replica.sync(from: source, .still).bodies == 0)
      #expect(try replica.article(7)?.bodyState == .missing)
    }
  }

  @Test func `only articles that are held can be asked for`() throws {
    try withHeadlines { _, feed, replica, source in
      for number in [0, -1, 21, 1 << 40] {
        #expect(throws: FilError.notFound("article \(number)")) { try replica.want(number) }
      }
      var headline = try #require(feed.record(7, asOf: 21)?.headline)
      headline.body = BodyHash(of: [])
      headline.length = 0
      try feed.append(.headline(headline), number: 7)
      try feed.sign(time: 1_800_000_100)
      try replica.sync(from: source, .still)
      #expect(try replica.want(7) == .noText)
      #expect(try replica.wishes().isEmpty)
    }
  }

  @Test func `a wish can be taken back`() throws {
    try withHeadlines { _, _, replica, source in
      try replica.want(7)
      try replica.forgetWish(7)
      #expect(try replica.sync(from: source, .still).bodies == 0)
    }
  }

  @Test func `no more wishes are open than a sync can be asked to pay for`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(1_002, sentences: 1)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: source, .still(SectionChoice.none))
      for number in 1...1_000 { #expect(try replica.want(number) == .queued) }
      #expect(try replica.want(1_001) == .full)
      #expect(try replica.wishes().count == 1_000)
      try replica.forgetWish(1)
      #expect(try replica.want(1_001) == .queued)
    }
  }

  @Test func `the texts that may be asked for are not many bytes either`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(1)
      var news = News(seed: 3)
      let long = [UInt8](repeating: UInt8(ascii: "a"), count: 900_000)
      for number in 2...4 {
        try feed.append(
          .headline(news.headline(long, published: 1_790_000_000)), number: number, body: long)
      }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: source, .still(SectionChoice.none))
      #expect(try replica.want(2) == .queued && replica.want(3) == .queued)
      #expect(try replica.want(4) == .full)
      // One that was taken stays so.
      #expect(try replica.want(3) == .queued && replica.want(1) == .queued)
    }
  }

  @Test func `wishes for what is here make room for one another`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(1_002, sentences: 1)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: source, .still)
      for number in 1...1_002 { #expect(try replica.want(number) == .here) }
      #expect(try integer(replica.path, "SELECT count(*) FROM wish") == 1_000)
      #expect(try !replica.isWanted(1) && replica.isWanted(1_002))
    }
  }

  @Test func `a budget and a cut line end a wish in the middle, and it goes on there`() throws {
    try withHeadlines { folder, feed, replica, _ in
      try replica.want(7)
      let cut = try ServiceSource(feed, cache: folder + "/cut") { _, request in
        var fault = ServiceSource<MemoryFeed>.Fault()
        if request.path.contains("/body/") { fault = request.start == 0 ? .init(cut: 20) : fault }
        fault.dead = request.start > 0
        return fault
      }
      #expect(outcome(replica, from: cut).error?.code == "offline")
      #expect(try replica.wishes().map(\.number) == [7])
      let again = try Replica(path: replica.path)
      let source = try ServiceSource(feed, cache: folder + "/whole")
      #expect(outcome(again, from: source, .still(budget: 1_050)).error == .budgetSpent)
      try again.sync(from: source, .still)
      let rows = source.rows.filter { $0.path.contains("/body/") }
      #expect(rows.first?.start == 20)
      #expect(try again.article(7)?.bodyState == .current)
    }
  }

  @Test func `what one source lacks is asked of the next, and a wish alone is no failure`() throws {
    try withHeadlines { folder, feed, replica, newsroom in
      let other = try Replica(path: folder + "/kiosk.db", key: feed.key.verifier)
      try other.sync(from: newsroom, .still(SectionChoice.none))
      let relay = try Relay(other)
      let source = ServiceSource<MemoryFeed>(answering: relay.respond)
      try replica.want(7)
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.openWishes == 1)
      var attempts: [String] = []
      let whole = try replica.sync(
        from: [source, newsroom], .still, onAttempt: { attempts.append($0.source) })
      #expect(attempts == ["relais", "essai"])
      #expect(whole.openWishes == 0)
      #expect(try replica.article(7)?.bodyState == .current)
    }
  }
}
