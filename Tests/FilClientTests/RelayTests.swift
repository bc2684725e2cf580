import Database
import Dispatch
import FilClient
import FilProtocol
import FilSource
import Files
import Glibc
import HTTP
import Synchronization
import TestSupport
import Testing

/// A kiosk on a newsroom, whose relay its neighbours ask.
struct Kiosk {
  let feed: MemoryFeed
  let replica: Replica
  let relay: Relay
  let newsroom: ServiceSource<MemoryFeed>
  private let folder: String

  init(_ feed: MemoryFeed, _ folder: String, _ options: SyncOptions = .still) throws {
    self.feed = feed
    self.folder = folder
    newsroom = try ServiceSource(feed, cache: folder + "/cache")
    replica = try Replica(path: folder + "/kiosk.db", key: feed.key.verifier)
    relay = try Relay(replica)
    try replica.sync(from: newsroom, options)
  }

  func source() -> ServiceSource<MemoryFeed> { ServiceSource(answering: relay.respond) }

  func neighbour(_ name: String = "voisin") throws -> Replica {
    try Replica(path: "\(folder)/\(name).db", key: feed.key.verifier)
  }

  func get(_ resource: Resource) -> Response {
    relay.respond(to: Request(method: .get, path: resource.path))
  }

  /// Signs what was appended, and brings it to the kiosk.
  func publish(time: Int) throws {
    try feed.sign(time: time)
    try replica.sync(from: newsroom, .still)
  }
}

struct RelayTests {
  /// Codec 2 is slow where it is not optimised.
  #if DEBUG
    static let codecs: [Codec] = [.deflate]
  #else
    static let codecs: [Codec] = [.deflate, .text]
  #endif

  @Test func `who finds no place to wait is answered at once`() throws {
    try withTemporaryFolder { folder in
      let kiosk = try Kiosk(try MemoryFeed.sample(5), folder)
      let relay = try Relay(kiosk.replica, places: 1)
      let server = try Server(ServerOptions(address: "127.0.0.1:0")) { relay.answer($0) }
      let first = DispatchGroup()
      defer {
        server.stop()
        first.wait()
      }
      let version = kiosk.feed.version
      var request = ClientRequest(
        "http://127.0.0.1:\(server.port)/fil/v1/sync/\(version)/all/0?wait=60")
      request.headers["If-None-Match"] = kiosk.feed.head().checkpoint.tag
      request.wait = 60
      let wait = request
      DispatchQueue(label: "first").async(group: first) {
        _ = try? Client().send(wait) { _ in true }
      }
      for _ in 0..<5_000 where server.waiting == 0 { usleep(1_000) }
      let second = try Client().send(request) { _ in true }
      #expect(second.status == 304 && second.seconds < 30 && server.waiting == 1)
    }
  }

  @Test(arguments: codecs)
  func `a neighbour follows a relay as it would the newsroom, one request a time`(codec: Codec)
    throws
  {
    try withTemporaryFolder { folder in
      let kiosk = try Kiosk(try MemoryFeed.sample(90), folder)
      let neighbour = try kiosk.neighbour()
      let source = kiosk.source()
      var options = SyncOptions.still
      options.codec = codec
      try neighbour.sync(from: source, options)
      var news = News(seed: 3)
      for number in [4, 60, 90] { try kiosk.feed.correct(number, &news) }
      try kiosk.feed.retract(7)
      for _ in 0..<3 { try kiosk.feed.publish(&news) }
      try kiosk.publish(time: 1_800_000_100)
      try neighbour.sync(from: source, options)
      try neighbour.sync(from: source, options)
      #expect(source.rows.map(\.status) == [200, 200, 304])
      try expectEqual(neighbour, kiosk.feed)
    }
  }

  @Test func `what says that nothing is new is the newsroom's newest word`() throws {
    try withTemporaryFolder { folder in
      let kiosk = try Kiosk(try MemoryFeed.sample(3), folder)
      let neighbour = try kiosk.neighbour()
      try neighbour.sync(from: kiosk.source(), .still)
      try kiosk.publish(time: 1_800_003_600)
      try neighbour.sync(from: kiosk.source(), .still)
      #expect(try neighbour.status().signed == 1_800_003_600)
    }
  }

  /// A body that was named at V already is in no delta from V, also when it was away in between.
  @Test func `a relay knows which bodies its neighbours had`() throws {
    try withTemporaryFolder { folder in
      let kiosk = try Kiosk(try MemoryFeed.sample(12), folder)
      let neighbour = try kiosk.neighbour()
      try neighbour.sync(from: kiosk.source(), .still)
      let records = (0...12).map { kiosk.feed.record($0, asOf: 13) }
      try kiosk.feed.retract(5)
      try kiosk.publish(time: 1_800_000_100)
      if let old = records[5]?.headline { try kiosk.feed.append(.headline(old), number: 5) }
      if var old = records[6]?.headline {
        old.title = "Un autre titre"
        try kiosk.feed.append(.headline(old), number: 6)
      }
      try kiosk.publish(time: 1_800_000_200)
      let report = try neighbour.sync(from: kiosk.source(), .still)
      #expect(report.requests == 1)
      #expect(report.headlines == 2)
      #expect(report.bodies == 0)
      try expectEqual(neighbour, kiosk.feed)
    }
  }

  /// A hole in what it remembers is not filled with what came before it.
  @Test func `what a relay has forgotten it does not guess`() throws {
    try withTemporaryFolder { folder in
      let kiosk = try Kiosk(try MemoryFeed.sample(12), folder)
      let neighbour = try kiosk.neighbour()
      var news = News(seed: 4)
      try kiosk.feed.correct(2, &news)
      try kiosk.publish(time: 1_800_000_100)
      try neighbour.sync(from: kiosk.source(), .still)
      var headline = try #require(kiosk.feed.record(2, asOf: 14)?.headline)
      headline.title = "Un autre titre"
      try kiosk.feed.append(.headline(headline), number: 2)
      try kiosk.publish(time: 1_800_000_200)
      #expect(try integer(kiosk.replica.path, "SELECT count(*) FROM past WHERE number = 2") == 2)
      try tamper(kiosk.replica.path, "DELETE FROM past WHERE next = 15")
      let source = kiosk.source()
      try neighbour.sync(from: source, .still)
      #expect(source.rows.first?.status == 404)
      try expectEqual(neighbour, kiosk.feed)
    }
  }

  // [REP-10]
  @Test func `a version at which a relay never stood is compared by digests`() throws {
    try withTemporaryFolder { folder in
      let kiosk = try Kiosk(try MemoryFeed.sample(12), folder)
      let neighbour = try kiosk.neighbour()
      var news = News(seed: 4)
      try kiosk.feed.correct(3, &news)
      try kiosk.feed.sign(time: 1_800_000_100)
      try neighbour.sync(from: kiosk.newsroom, .still)
      try kiosk.feed.publish(&news)
      try kiosk.publish(time: 1_800_000_200)
      let source = kiosk.source()
      try neighbour.sync(from: source, .still)
      #expect(source.rows.first?.status == 404)
      try expectEqual(neighbour, kiosk.feed)
    }
  }

  /// The newsroom was restored from a backup [HTTP-7]: a relay that followed it must not take a
  /// neighbour's lost version for one of the new log.
  @Test func `after a restore a relay gives no delta from a version that was lost`() throws {
    try withTemporaryFolder { folder in
      let lost = try MemoryFeed.sample(12)
      let kiosk = try Kiosk(lost, folder)
      let neighbour = try kiosk.neighbour()
      let third = try kiosk.neighbour("tiers")
      try neighbour.sync(from: kiosk.source(), .still)
      var news = News(seed: 5)
      try lost.correct(3, &news)
      try kiosk.publish(time: 1_800_000_100)
      try third.sync(from: kiosk.source(), .still)
      let restored = try MemoryFeed.sample(12)
      for count in 0..<4 {
        try restored.append(.masthead(Masthead(name: "Essai \(count)")), number: 0)
      }
      try restored.sign(time: 1_800_000_200)
      let newsroom = try ServiceSource(restored, cache: folder + "/restored")
      try kiosk.replica.sync(from: newsroom, .still)
      for subject in [neighbour, third] {
        let source = kiosk.source()
        try subject.sync(from: source, .still)
        #expect(source.rows.first?.status == 404)
        try expectEqual(subject, restored)
      }
    }
  }

  @Test func `before its first sync a relay has nothing, and neighbours go on elsewhere`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(5)
      let relay = try Relay(try Replica(path: folder + "/kiosk.db", key: feed.key.verifier))
      let empty = ServiceSource<MemoryFeed>(answering: relay.respond)
      let newsroom = try ServiceSource(feed, cache: folder + "/cache")
      let neighbour = try Replica(path: folder + "/voisin.db", key: feed.key.verifier)
      var attempts: [FilError?] = []
      try neighbour.sync(from: [empty, newsroom], .still, onAttempt: { attempts.append($0.error) })
      #expect(attempts == [.behind, nil])
      try expectEqual(neighbour, feed)
    }
  }

  // [REP-8]
  @Test func `a relay with some sections gives what it has, and the rest comes from elsewhere`()
    throws
  {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(200)
      let kiosk = try Kiosk(feed, folder, .still(.sections(["culture", "sante"])))
      let neighbour = try kiosk.neighbour()
      let source = kiosk.source()
      let (report, error) = outcome(neighbour, from: source)
      #expect(source.rows.filter { $0.path.contains("/body/") }.count <= 3 * 8)
      #expect(error?.code == "notFound")
      #expect(report.headlines > 200)
      let kept = try kiosk.replica.status().bodies
      #expect(kept > 0)
      #expect(try neighbour.status().bodies == kept)
      try neighbour.sync(from: [kiosk.source(), kiosk.newsroom], .still)
      try expectEqual(neighbour, feed)
    }
  }

  @Test func `a relay without the old volumes serves neighbours that want no more than it has`()
    throws
  {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(700)
      let kiosk = try Kiosk(feed, folder, .still(days: 3))
      let neighbour = try kiosk.neighbour()
      let source = kiosk.source()
      try neighbour.sync(from: source, .still(days: 3))
      var news = News(seed: 6)
      try feed.append(.masthead(Masthead(name: "Essai, deuxième")), number: 0)
      try feed.correct(12, &news)
      try feed.correct(690, &news)
      try kiosk.publish(time: 1_800_000_100)
      try neighbour.sync(from: source, .still)
      try feed.correct(300, &news)
      try feed.publish(&news)
      try kiosk.publish(time: 1_800_000_200)
      try neighbour.sync(from: source, .still)
      #expect(source.rows.map(\.status) == [200, 200, 200])
      try expectEqual(neighbour, feed, from: 2)
      let whole = try kiosk.neighbour("tout")
      #expect(outcome(whole, from: kiosk.source()).error?.code == "notFound")
      try whole.sync(from: [kiosk.source(), kiosk.newsroom], .still)
      try expectEqual(whole, feed)
    }
  }

  // [REP-12]
  @Test func `what was erased is gone from a relay with the commit that erased it`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(20)
      let kiosk = try Kiosk(feed, folder)
      let text = feed.record(9, asOf: 21)?.headline?.body
      let body = try #require(text)
      let first = Resource.delta(from: 0, to: 21, .all, floor: 0)
      #expect(kiosk.get(first).status == 200)
      #expect(kiosk.get(.body(body)).status == 200)
      try feed.retract(9, erasing: true)
      try kiosk.publish(time: 1_800_000_100)
      #expect(kiosk.get(first).status == 404)
      #expect(kiosk.get(.body(body)).status == 404)
      #expect(try Files.list(folder + "/kiosk.db-relay").isEmpty)
      let neighbour = try kiosk.neighbour()
      try neighbour.sync(from: kiosk.source(), .still)
      try expectEqual(neighbour, feed)
    }
  }

  @Test func `an erasure while no relay runs leaves nothing in what it had rendered`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(20)
      let kiosk = try Kiosk(feed, folder)
      let first = Resource.delta(from: 0, to: 21, .all, floor: 0)
      #expect(kiosk.get(first).status == 200)
      let rendered = try Files.list(folder + "/kiosk.db-relay").map {
        ($0.name, try Files.read(folder + "/kiosk.db-relay/" + $0.name, atMost: 1 << 24))
      }
      try feed.retract(9, erasing: true)
      try kiosk.publish(time: 1_800_000_100)
      for (name, bytes) in rendered {
        try Files.writeDurably(folder + "/kiosk.db-relay/" + name, bytes)
      }
      let again = try Relay(kiosk.replica)
      #expect(again.respond(to: Request(path: first.path)).status == 404)
    }
  }

  /// Changes by hand, each of which makes what is held another than what was signed.
  static let damages = [
    """
    UPDATE article SET record = CAST(substr(record, 1, 40) || 'x' || substr(record, 42) AS BLOB)
    WHERE number = 30
    """,
    "UPDATE article SET record = x'00' WHERE number = 30",
    "UPDATE article SET version = version - 1 WHERE number = 31",
    "DELETE FROM article WHERE number = 30",
    "UPDATE body SET text = text || ' faux'",
    "DELETE FROM body",
    "UPDATE volume SET digest = zeroblob(32)",
    "UPDATE replica SET note = zeroblob(200)",
    "UPDATE replica SET version = version - 1",
    "UPDATE stood SET note = zeroblob(200)",
    "DELETE FROM stood; DELETE FROM past",
  ]

  // [REP-11]
  @Test(arguments: damages)
  func `a relay that was changed by hand hands on nothing that was not signed`(sql: String) throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(40)
      let kiosk = try Kiosk(feed, folder)
      let neighbour = try kiosk.neighbour()
      try neighbour.sync(from: kiosk.source(), .still)
      var news = News(seed: 8)
      for number in [2, 30, 31] { try feed.correct(number, &news) }
      try feed.publish(&news)
      try kiosk.publish(time: 1_800_000_100)
      try tamper(kiosk.replica.path, sql)
      let fresh = try kiosk.neighbour("neuf")
      for subject in [neighbour, fresh] {
        var attempts: [FilError?] = []
        try subject.sync(
          from: [kiosk.source(), kiosk.newsroom], .still, onAttempt: { attempts.append($0.error) })
        for case let error? in attempts {
          #expect(["notFound", "behind"].contains(error.code), "\(error)")
        }
        try expectEqual(subject, feed)
      }
    }
  }

  /// Each answer is of one moment, whatever is committed while it is made.
  @Test func `a relay answers while a sync commits`() throws {
    try withTemporaryFolder { folder in
      let kiosk = try Kiosk(try MemoryFeed.sample(40), folder)
      let done = Mutex(false)
      let troubles = Mutex<[String]>([])
      let group = DispatchGroup()
      DispatchQueue(label: "newsroom").async(group: group) {
        do {
          var news = News(seed: 11)
          for round in 0..<25 {
            for _ in 0..<3 { try kiosk.feed.publish(&news) }
            try kiosk.feed.correct(1 + round, &news)
            if round % 5 == 0 { try kiosk.feed.retract(40 + round, erasing: round % 10 == 0) }
            try kiosk.publish(time: 1_800_000_100 + round)
          }
        } catch { troubles.withLock { $0.append("\(error)") } }
        done.withLock { $0 = true }
      }
      for round in 0..<400 where !done.withLock({ $0 }) {
        let neighbour = try kiosk.neighbour("voisin-\(round % 4)")
        var options = SyncOptions.still
        options.codec = RelayTests.codecs[round % RelayTests.codecs.count]
        let error = outcome(neighbour, from: kiosk.source(), options).error
        // An object may be gone, or the head have moved, between two requests.
        let codes = [nil, "notFound", "offline", "behind"]
        #expect(codes.contains(error?.code), "\(String(describing: error))")
        #expect(try neighbour.verify().isSound)
      }
      group.wait()
      #expect(troubles.withLock { $0 } == [])
      let neighbour = try kiosk.neighbour("voisin-0")
      try neighbour.sync(from: kiosk.source(), .still)
      try expectEqual(neighbour, kiosk.feed)
    }
  }
}
