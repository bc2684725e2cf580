import FilClient
import FilProtocol
import FilSource
import Files
import TestSupport
import Testing

/// The replica against the feed itself: every record and every wanted body, byte for byte.
func expectEqual(
  _ replica: Replica, _ feed: MemoryFeed, from floor: Int = 0,
  wanting names: (String) -> Bool = { _ in true }, except others: Set<Int> = [],
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let version = feed.head().checkpoint.version
  #expect(try replica.status().version == version, sourceLocation: sourceLocation)
  for number in 0..<feed.head().checkpoint.stateSize {
    guard number == 0 || number / Limits.volume >= floor else { continue }
    let record = feed.record(number, asOf: version)
    #expect(try replica.record(number) == record?.bytes, sourceLocation: sourceLocation)
    guard let headline = record?.headline, headline.length > 0 else { continue }
    let text = try replica.article(number)?.body.map { Array($0.utf8) }
    let wanted = names(headline.section) != others.contains(number) ? feed.body(headline.body) : nil
    #expect(text == wanted, "body \(number)", sourceLocation: sourceLocation)
  }
  #expect(try replica.verify().isSound, sourceLocation: sourceLocation)
}

struct SyncTests {
  @Test func `a replica that another program is just making is not here yet`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/replica.db"
      try Files.writeDurably(path, [])
      #expect(throws: FilError.notFound(path)) { try Replica(path: path) }
      let key = MemoryFeed().key.verifier
      #expect(try Replica(path: path, key: key).key == key)
      #expect(try Replica(path: path).key == key)
    }
  }

  @Test(arguments: [0, 1, 31, 32, 63, 64, 65, 255, 256, 300, 600])
  func `a first sync brings the whole feed`(count: Int) throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(count)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      let report = try replica.sync(from: source)
      #expect(report.complete)
      #expect(report.requests == 1)
      try expectEqual(replica, feed)
      #expect(try replica.sync(from: source).requests == 1)
      #expect(source.rows.last?.status == 304)
    }
  }

  @Test func `a delta brings corrections, retractions and news`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(300)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: source)
      var news = News(seed: 9)
      for number in [3, 40, 299] { try feed.correct(number, &news) }
      try feed.retract(7)
      for _ in 0..<5 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let report = try replica.sync(from: source)
      #expect(report.requests == 1)
      try expectEqual(replica, feed)
    }
  }
}
