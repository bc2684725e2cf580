import FilClient
import FilProtocol
import FilSource
import Synchronization
import TestSupport
import Testing

/// What a source can say, and what is believed of it.
struct TrustTests {
  private typealias Line = Meddler<ServiceSource<MemoryFeed>>
  private typealias Fault = ServiceSource<MemoryFeed>.Fault

  /// A replica in step at 40 articles, and a feed that has 8 more.
  private func withNews(
    _ body: (String, MemoryFeed, Replica, ServiceSource<MemoryFeed>) throws -> Void
  ) throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<8 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      try body(folder, feed, replica, source)
    }
  }

  /// The sync fails as expected, nothing of it is seen, and an honest source puts it right.
  private func expectRefusal(
    _ expected: (FilError) -> Bool, _ replica: Replica, _ feed: MemoryFeed, from bad: any Source,
    then good: any Source, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try replica.status().version
    let error = outcome(replica, from: bad).error
    #expect(
      error.map(expected) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
    #expect(try replica.status().version == before, sourceLocation: sourceLocation)
    #expect(try replica.record(45) == nil, sourceLocation: sourceLocation)
    let (report, second) = outcome(replica, from: good)
    #expect(
      second == nil && report.complete, "\(String(describing: second))",
      sourceLocation: sourceLocation)
    try expectEqual(replica, feed, sourceLocation: sourceLocation)
  }

  private func isOffline(_ error: FilError) -> Bool {
    if case .offline = error { true } else { false }
  }

  @Test func `a feed of another key is unsigned`() throws {
    try withNews { folder, feed, replica, good in
      let other = MemoryFeed(seed: 9)
      try other.append(.masthead(Masthead(name: "Faux")), number: 0)
      var news = News(seed: 1)
      for _ in 0..<60 { try other.publish(&news) }
      try other.sign(time: 1_800_000_500)
      let bad = try ServiceSource(other, cache: folder + "/other")
      try expectRefusal(
        { $0 == .untrusted(TrustError(.unsigned, "")) || $0 == .behind }, replica, feed, from: bad,
        then: good)
    }
  }

  @Test func `a feed of another origin is refused`() throws {
    try withNews { folder, feed, replica, good in
      let other = MemoryFeed(origin: "autre.example/fil")
      try other.append(.masthead(Masthead(name: "Faux")), number: 0)
      var news = News(seed: 1)
      for _ in 0..<60 { try other.publish(&news) }
      try other.sign(time: 1_800_000_500)
      let bad = try ServiceSource(other, cache: folder + "/other")
      try expectRefusal(
        { $0.status == 5 || $0 == .behind }, replica, feed, from: bad, then: good)
      let plain = Line(bad) { _, request in
        request.path.contains("/sync/") ? .init(404, type: "text/plain") : nil
      }
      #expect(outcome(replica, from: plain).error == .untrusted(TrustError(.wrongOrigin, "")))
    }
  }

  @Test func `a fork is refused and both notes are kept`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(12)
      let fork = try MemoryFeed.sample(12, seed: 2)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: ServiceSource(feed, cache: folder + "/a"), .still)
      let bad = try ServiceSource(fork, cache: folder + "/b")
      for _ in 0..<3 {
        #expect(outcome(replica, from: bad).error == .untrusted(TrustError(.forked, "")))
      }
      #expect(try replica.status().forks == 1)
      let plain = Line(bad) { _, request in
        request.path.contains("/sync/") ? .init(404, type: "text/plain") : nil
      }
      #expect(outcome(replica, from: plain).error == .untrusted(TrustError(.forked, "")))
      #expect(try replica.status().forks == 1)
      #expect(
        try integer(
          replica.path,
          "SELECT count(*) FROM fork WHERE length(held) > 100 AND length(offered) > 100") == 1)
      try expectEqual(replica, feed)
    }
  }

  @Test func `an older head is behind, whichever way it is shown`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(20)
      let old = try MemoryFeed.sample(12)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: ServiceSource(feed, cache: folder + "/a"), .still)
      let error = outcome(replica, from: try ServiceSource(old, cache: folder + "/b")).error
      #expect(error == .behind && error?.status == 9)
      // As a delta that was asked for otherwise.
      let stale = try DeltaRenderer(old, from: 13, to: 13, selection: .all, floor: 0).render()
      let lying = Line(try ServiceSource(feed, cache: folder + "/a")) { _, _ in
        .init(200, body: stale)
      }
      #expect(outcome(replica, from: lying).error?.status ?? 0 >= 5)
      try expectEqual(replica, feed)
    }
  }

  @Test func `the time of nothing new is verified`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let old = feed.head().timeField
      let new = try feed.sign(time: 1_800_007_000).timeField
      let other = MemoryFeed(seed: 9)
      try other.append(.masthead(Masthead(name: "Faux")), number: 0)
      let foreign = try other.sign(time: 1_800_009_000).timeField
      func ask(_ field: String?) -> FilError? {
        outcome(
          replica,
          from: Line(source) { _, _ in
            var answer = Line.Answer(304)
            answer.head.time = field
            return answer
          }
        ).error
      }
      for field in [nil, foreign, new.map { "1" + $0 }] {
        #expect(ask(field)?.status == 5)
        #expect(try replica.status().signed == 1_800_000_000)
      }
      #expect(ask("x") == .malformed(FormatError(.invalidValue, "")))
      #expect(ask(new) == nil)
      #expect(try replica.status().signed == 1_800_007_000)
      #expect(ask(old) == nil)
      #expect(try replica.status().signed == 1_800_007_000)
    }
  }

  @Test func `portals, proxies and redirects are offline`() throws {
    try withNews { _, feed, replica, good in
      let answers: [@Sendable () -> Line.Answer] = [
        { .portal() }, { .gone(.portal) }, { .gone(.offline) },
        {
          var answer = Line.Answer(200, body: [1, 2, 3])
          answer.head.encoding = "gzip"
          return answer
        }, { .init(302, type: nil) }, { .init(200, body: Array("connectez-vous !".utf8)) },
        { .init(503, type: "text/plain") }, { .init(304) },
      ]
      for (place, answer) in answers.enumerated() {
        let bad = Line(good) { _, _ in answer() }
        let error = outcome(replica, from: bad).error
        guard place < 7 else {
          #expect(error?.status == 5)
          continue
        }
        #expect(error.map(isOffline) == true, "\(place): \(String(describing: error))")
      }
      // And in the middle of an object: what was received stays.
      let cut = try ServiceSource(feed, cache: replica.path + "-cache") { _, request in
        Fault(cut: request.start == 0 ? 1_000 : nil)
      }
      for answer in answers {
        let bad = Line(cut) { _, request in request.start > 0 ? answer() : nil }
        _ = outcome(replica, from: bad)
      }
      #expect(outcome(replica, from: good).error == nil)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a portal in the fallback is offline`() throws {
    try withNews { _, feed, replica, good in
      let bad = Line(good) { _, request in
        request.path.contains("/sync/") ? .init(404, type: "text/plain") : .portal()
      }
      try expectRefusal(isOffline, replica, feed, from: bad, then: good)
    }
  }

  @Test(arguments: [
    "/fil/v1/delta/40-49/all/0", "/fil/v1/delta/41-48/all/0", "/fil/v1/delta/41-60/all/0",
    "/fil/v1/delta/41-49/none/0", "/fil/v1/delta/41-49/all/1", "/fil/v1/state/49",
    "http://elsewhere/", "/fil/v1/delta/41-49/all.bodies/0",
  ])
  func `a name that lies costs bytes at most`(name: String) throws {
    try withNews { folder, feed, replica, good in
      let bad = try ServiceSource(feed, cache: folder + "/cache") { request, _ in
        var fault = Fault(cut: request < 2 ? 20 + 900 * request : nil)
        fault.head = { if $0.location != nil { $0.location = name } }
        return fault
      }
      _ = outcome(replica, from: bad)
      let (report, error) = outcome(replica, from: good)
      #expect(error == nil && report.complete)
      try expectEqual(replica, feed)
      #expect(
        try integer(replica.path, "SELECT bodies_at FROM replica") == feed.head().checkpoint.version
      )
    }
  }

  @Test func `ranges that were not asked for are refused or used`() throws {
    let heads: [@Sendable (inout SourceHead) -> Void] = [
      { if let range = $0.range { $0.range = (range.start + 7, range.total) } },
      { if let range = $0.range { $0.range = (range.start, range.total + 9) } },
      { if let range = $0.range { $0.range = (range.start, range.total - 9) } },
      { if $0.status == 206 { $0.range = nil } },
      { if $0.status == 206 { $0.tag = "\"x\"" } },
      { if $0.status == 206 { ($0.type, $0.tag) = (nil, "\"x\"") } },
      { if $0.status == 206 { ($0.type, $0.tag) = (nil, nil) } },
      { if $0.status == 206 { $0.type = "text/html" } },
      { if $0.status == 200 { $0.type = nil } },
      {
        guard $0.status == 200 else { return }
        $0.range = (0, $0.length ?? 0)
        $0.status = 206
      },
      { $0.length = $0.length.map { $0 + 100 } },
      { if $0.status == 200 { $0.length = 900 } },
      { if $0.status == 200 { $0.length = nil } },
      { $0.tag = nil },
    ]
    for (place, head) in heads.enumerated() {
      try withNews { folder, feed, replica, good in
        let bad = try ServiceSource(feed, cache: folder + "/cache") { request, _ in
          var fault = Fault(cut: request == 0 ? 1_000 : nil)
          fault.head = head
          return fault
        }
        for _ in 0..<3 where outcome(replica, from: bad).error != nil {}
        for _ in 0..<3 where outcome(replica, from: good).error != nil {}
        #expect(outcome(replica, from: good).error == nil, "\(place)")
        try expectEqual(replica, feed)
      }
    }
  }

  @Test func `what follows the end of an object is not read`() throws {
    try withNews { _, feed, replica, good in
      let whole = try DeltaRenderer(feed, from: 41, to: 49, selection: .all, floor: 0).render()
      let bad = Line(good) { _, _ in
        var answer = Line.Answer(200, body: whole + [UInt8](repeating: 7, count: 100_000))
        answer.head.length = whole.count
        return answer
      }
      let (report, error) = outcome(replica, from: bad)
      #expect(error == nil && report.complete)
      #expect(report.bytesReceived < whole.count + 5_000)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a key that the masthead names signs the next heads`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(12)
      let second = try SigningKey(name: feed.origin, seed: [UInt8](repeating: 44, count: 32))
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try feed.append(
        .masthead(Masthead(name: "Essai", keys: [second.verifier])), number: 0)
      try feed.sign(time: 1_800_000_100)
      try replica.sync(from: ServiceSource(feed, cache: folder + "/a"), .still)
      // The same feed, signed by the second key alone, and with a line of nobody's.
      let next = MemoryFeed(origin: feed.origin, seed: 44)
      for version in 1...feed.version {
        for number in 0..<feed.size {
          guard let record = feed.record(number, asOf: version), record.version == version else {
            continue
          }
          let body = record.headline.flatMap { feed.body($0.body) }
          try next.append(record.content, number: number, body: body)
        }
      }
      try next.sign(time: 1_800_000_100)
      var news = News(seed: 77)
      for _ in 0..<3 { try next.publish(&news) }
      try next.sign(time: 1_800_000_200)
      let (report, error) = outcome(replica, from: try ServiceSource(next, cache: folder + "/b"))
      #expect(error == nil && report.complete)
      try expectEqual(replica, next)
      #expect(try Replica(path: replica.path).verify().isSound)
    }
  }
}
