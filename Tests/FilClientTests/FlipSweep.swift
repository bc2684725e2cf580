import FilClient
import FilProtocol
import FilSource
import Synchronization
import TestSupport
import Testing

/// One bit of one delta is turned over on the line: all of them in release, a sample in debug.
struct FlipSweep {
  #if DEBUG
    static let step = 131
  #else
    static let step = 1
  #endif

  @Test func `a turned bit is asked for again`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(20)
      let base = folder + "/base.db"
      try Replica(path: base, key: feed.key.verifier).sync(
        from: ServiceSource(feed, cache: folder + "/cache"))
      var news = News(seed: 5)
      for _ in 0..<3 { try feed.publish(&news) }
      try feed.correct(4, &news)
      try feed.retract(9)
      try feed.sign(time: 1_800_000_100)
      let cache = folder + "/cache"
      let size = try DeltaRenderer(feed, from: 21, to: feed.version, selection: .all, floor: 0)
        .render().count
      for bit in stride(from: 0, to: size * 8, by: Self.step) {
        let path = "\(folder)/\(bit).db"
        try copyReplica(base, to: path)
        let source = try ServiceSource(feed, cache: cache) { request, _ in
          var fault = ServiceSource<MemoryFeed>.Fault()
          guard request == 0 else { return fault }
          fault.change = { place, byte in place == bit / 8 ? byte ^ 1 << UInt8(bit % 8) : byte }
          return fault
        }
        let replica = try Replica(path: path)
        let witness = try Replica(path: path)
        var wrong = 0
        let (report, error) = outcome(replica, from: source) { _ in
          wrong += (try? Self.unsigned(witness, feed)) ?? 1
        }
        #expect(wrong == 0, "bit \(bit)")
        #expect(error == nil && report.complete, "bit \(bit): \(String(describing: error))")
        let clean = try ServiceSource(feed, cache: cache)
        #expect(outcome(replica, from: clean).report.complete, "bit \(bit)")
        let delivered = source.rows.reduce(0) { $0 + $1.delivered }
        // At worst the object twice, and once what was damaged.
        #expect(delivered <= 3 * size, "bit \(bit)")
        try expectEqual(replica, feed)
        try removeReplica(path)
      }
    }
  }

  @Test func `a turned bit in a long object costs what follows it`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(100)
      let cache = folder + "/cache"
      let whole = try DeltaRenderer(feed, from: 0, to: feed.version, selection: .all, floor: 0)
        .render()
      for place in stride(from: whole.count / 10, to: whole.count, by: whole.count / 9) {
        let source = try ServiceSource(feed, cache: cache) { request, _ in
          var fault = ServiceSource<MemoryFeed>.Fault()
          if request == 0 { fault.change = { $0 == place ? $1 ^ 16 : $1 } }
          return fault
        }
        let replica = try Replica(path: "\(folder)/\(place).db", key: feed.key.verifier)
        let (report, error) = outcome(replica, from: source)
        #expect(error == nil && report.complete, "\(place): \(String(describing: error))")
        #expect(report.requests == 2)
        // The connection is given up when the damage is seen: a unit, and a packet of the line, later.
        #expect(source.rows.last?.start ?? 0 > place - 7_000, "\(place)")
        try expectEqual(replica, feed)
      }
    }
  }

  /// How much is seen that the newsroom never said.
  private static func unsigned(_ replica: Replica, _ feed: MemoryFeed) throws -> Int {
    var wrong = 0
    for number in 0..<feed.size {
      guard let bytes = try replica.record(number) else { continue }
      let known = (1...feed.version).contains { feed.record(number, asOf: $0)?.bytes == bytes }
      if !known { wrong += 1 }
      guard let text = try replica.article(number)?.body else { continue }
      if feed.body(BodyHash(of: Array(text.utf8))) == nil { wrong += 1 }
    }
    return wrong
  }
}
