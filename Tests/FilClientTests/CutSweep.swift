import FilClient
import FilProtocol
import FilSource
import TestSupport
import Testing

/// The line is cut at some byte of a delta: all of them in release, a sample in debug.
struct CutSweep {
  #if DEBUG
    static let step = 37
  #else
    static let step = 1
  #endif

  // [REP-1]
  /// A cut at every byte of a delta of twelve articles.
  @Test func `a cut at any byte costs no byte twice`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(40)
      let base = folder + "/base.db"
      try Replica(path: base, key: feed.key.verifier).sync(
        from: ServiceSource(feed, cache: folder + "/cache"))
      var news = News(seed: 5)
      for _ in 0..<10 { try feed.publish(&news) }
      for number in [4, 38] { try feed.correct(number, &news) }
      try feed.sign(time: 1_800_000_100)
      let whole = try DeltaRenderer(
        feed, from: 41, to: feed.version, selection: .all, floor: 0
      ).render()
      for cut in stride(from: 0, to: whole.count, by: Self.step) {
        let path = "\(folder)/\(cut).db"
        try copyReplica(base, to: path)
        let source = try ServiceSource(feed, cache: folder + "/cache") { request, _ in
          ServiceSource.Fault(cut: request == 0 ? cut : nil)
        }
        let replica = try Replica(path: path)
        var options = SyncOptions()
        options.codec = .deflate
        options.clock = .still
        let report = try replica.sync(from: source, options)
        #expect(report.complete && report.requests == 2)
        let delivered = source.rows.reduce(0) { $0 + $1.delivered }
        #expect(delivered == whole.count, "cut at \(cut)")
        if cut % 97 == 0 { try expectEqual(replica, feed) }
        #expect(try replica.record(50) == feed.record(50, asOf: feed.version)?.bytes)
        try removeReplica(path)
      }
    }
  }
}
