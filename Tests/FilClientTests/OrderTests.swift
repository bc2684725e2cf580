import FilClient
import FilProtocol
import TestSupport
import Testing

/// In which order bodies come, whatever brings them [HTTP-2].
struct OrderTests {
  private static let first = ["sante", "culture"]

  /// The numbers of `feed` whose bodies the reader is to have, the most important first.
  private static func order(_ feed: MemoryFeed, _ first: [String]) -> [Int] {
    let headlines = (1..<feed.size).compactMap { number in
      feed.record(number, asOf: feed.version)?.headline.map { (number, $0) }
    }
    func rank(_ item: (Int, Headline)) -> (Int, Int) {
      let level = first.firstIndex(of: item.1.section) ?? first.count
      return (item.1.flags.isDisjoint(with: [.une, .urgent]) ? level : -1, -item.0)
    }
    return headlines.sorted { rank($0) < rank($1) }.map(\.0)
  }

  private static func held(_ replica: Replica, _ numbers: some Sequence<Int>) throws -> [Int] {
    try numbers.filter { try replica.article($0)?.bodyState == .current }
  }

  @Test func `a delta brings the bodies of the reader's first sections first`() throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 9)
      for _ in 0..<60 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let order = Self.order(feed, Self.first).filter { $0 > 40 }
      var options = SyncOptions.still(budget: 3_000)
      options.first = Self.first
      var stops = 0
      while outcome(replica, from: source, options).error == .budgetSpent, stops < 100 {
        stops += 1
        options.first = nil
        let held = try Self.held(replica, order)
        #expect(held == Array(order.prefix(held.count)))
      }
      #expect(stops > 3)
      #expect(source.rows[0].path == "/fil/v1/sync/41/sante+culture+all/0")
      try expectEqual(replica, feed)
      // Nothing more is asked than without an order, and the wish is remembered.
      #expect(outcome(replica, from: source).report.requests == 1)
      #expect(source.rows.last?.path == "/fil/v1/sync/101/sante+culture+all/0")
    }
  }

  @Test func `a source that knows no order is asked without it`() throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 9)
      for _ in 0..<5 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache2")) { _, request in
        request.path.contains("+") ? .init(404, type: "text/plain") : nil
      }
      var options = SyncOptions.still
      options.first = Self.first
      let (report, error) = outcome(replica, from: source, options)
      #expect(error == nil && report.complete && report.requests == 2)
      try expectEqual(replica, feed)
    }
  }

  @Test func `holes are filled in the reader's order too`() throws {
    try StepTests.withReplica(200, .still(SectionChoice.none)) { folder, feed, replica in
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      var options = SyncOptions.still(.all)
      options.first = Self.first
      let (report, error) = outcome(replica, from: source, options)
      #expect(error == nil && report.complete)
      try expectEqual(replica, feed)
      let une = (1...200).filter {
        feed.record($0, asOf: feed.version)?.headline?.flags.contains(.une) ?? false
      }
      let asked = source.rows.map { $0.path.split(separator: "/").dropFirst(2) }
      let bodies = asked.drop { $0.first == "sync" }
      #expect(bodies.prefix(une.count).allSatisfy { $0.first == "body" } && une.count > 3)
      let rest = bodies.dropFirst(une.count).compactMap(\.last).map(String.init)
      #expect(rest == ["sante", "culture", "nord-actu,politique,societe"])
    }
  }

  @Test func `a sync soon after one that was cut goes on at once, and asks for the head after it`()
    throws
  {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 9)
      for _ in 0..<30 { try feed.publish(&news, sentences: 12) }
      try feed.sign(time: 1_800_000_100)
      let time = FakeClock()
      var options = SyncOptions.still
      options.clock = time.clock
      func cut(_ request: Int, _ place: Int) throws -> ServiceSource<MemoryFeed> {
        try ServiceSource(feed, cache: folder + "/cache2") { count, _ in
          var fault = ServiceSource<MemoryFeed>.Fault(cut: place)
          fault.dead = count >= request
          return fault
        }
      }
      #expect(outcome(replica, from: try cut(1, 5_000), options).error?.code == "offline")
      #expect(try replica.status().version == feed.version)
      time.goOn(60)
      let soon = try cut(1, 300)
      _ = outcome(replica, from: soon, options)
      #expect(soon.rows.map(\.start).first == 5_000)
      time.goOn(700)
      try feed.publish(&news)
      try feed.sign(time: 1_800_000_200)
      let later = try ServiceSource(feed, cache: folder + "/cache2")
      #expect(outcome(replica, from: later, options).report.complete)
      #expect(later.rows.map(\.path).first == "/fil/v1/sync/71/none/0")
      try expectEqual(replica, feed)
    }
  }

  @Test func `an order that names what is no section is refused`() throws {
    try StepTests.withReplica(3) { folder, feed, replica in
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      var options = SyncOptions.still
      options.first = ["Santé"]
      #expect(outcome(replica, from: source, options).error?.code == "usage")
      #expect(source.rows.isEmpty)
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `levels have one spelling, and it is read back`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let slugs = (0..<6).map { "s\($0)" }
    func some() -> [String] {
      slugs.filter { _ in random.next() % 2 == 0 }.shuffled(using: &random)
    }
    let wanted: Selection = random.next() % 2 == 0 ? .all : try Selection(sections: some())
    let levels = (0..<Int(random.next() % 4)).map { _ in some() }
    let selection = wanted.on(.full).coded(.text).preferring(levels)
    #expect(Selection(parsing: "\(selection)") == selection)
    #expect(selection.wanted == wanted.wanted)
    for level in levels.reversed() where !level.isEmpty {
      for slug in level where selection.names(slug) {
        #expect(selection.level(of: slug) <= levels.firstIndex(of: level) ?? 0)
      }
    }
    #expect(selection.level(of: "other") == selection.levels.count)
  }
}
