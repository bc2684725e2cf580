import FilClient
import FilProtocol
import FilSource
import Files
import Synchronization
import TestSupport
import Testing

/// The process is gone at some byte of a sync; its files are as they were at that moment.
struct KillSweep {
  #if DEBUG
    static let points = 24
  #else
    static let points = 200
  #endif

  // [REP-4]
  @Test func `a kill at any moment loses nothing`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(60)
      let base = folder + "/base.db"
      try Replica(path: base, key: feed.key.verifier).sync(
        from: ServiceSource(feed, cache: folder + "/cache"))
      var news = News(seed: 5)
      for _ in 0..<14 { try feed.publish(&news) }
      for number in [4, 38] { try feed.correct(number, &news) }
      try feed.correct(5, &news, erasing: true)
      try feed.retract(7, erasing: true)
      try feed.sign(time: 1_800_000_100)
      let cache = folder + "/cache"
      let size = try DeltaRenderer(feed, from: 61, to: feed.version, selection: .all, floor: 0)
        .render().count
      var random = SplitMix64(seed: 4)
      for point in 0..<Self.points {
        let byte = Int(random.next() % UInt64(size))
        let (path, copy) = ("\(folder)/a\(point).db", "\(folder)/b\(point).db")
        try copyReplica(base, to: path)
        let source = try ServiceSource(feed, cache: cache) { request, _ in
          ServiceSource.Fault(cut: request == 0 ? byte : nil)
        }
        let replica = try Replica(path: path)
        // The picture is taken in the middle of the sync, before the line is back.
        let killing = Meddler(source) { request, _ in
          guard request == 1 else { return nil }
          try? photograph(path, to: copy)
          return .gone(.cancelled)
        }
        _ = outcome(replica, from: killing)
        #expect(Files.exists(copy))
        let survivor = try Replica(path: copy)
        #expect(try survivor.verify().isSound, "byte \(byte)")
        let rest = try ServiceSource(feed, cache: cache)
        let (report, error) = outcome(survivor, from: rest)
        #expect(error == nil && report.complete, "byte \(byte): \(String(describing: error))")
        let delivered = rest.rows.filter { $0.path.contains("/\(61)-") || byte == 0 }
          .reduce(0) { $0 + $1.delivered }
        #expect(delivered == size - byte, "byte \(byte)")
        try expectEqual(survivor, feed)
        for place in [path, copy] { try removeReplica(place) }
      }
    }
  }
}
