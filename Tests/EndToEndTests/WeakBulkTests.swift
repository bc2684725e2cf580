import FilClient
import TestSupport
import Testing

/// Large objects over bad lines.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WeakBulkTests {
  /// The second point, in small; the benchmark takes fifty seeds and kills the client too.
  @Test func `a gap of 200 KB crosses hell without a byte twice`() throws {
    let field = try WeakField(gap: 400, sentences: 24)
    let plain = try field.plain()
    for seed in 0..<3 as Range<UInt64> {
      let link = try field.link([], WeakLine.enfer.faster(60), seed: seed)
      defer { link.stop() }
      let replica = try field.replica()
      #expect(Ending.sync(replica, over: link, patience: 50) == .complete, "seed \(seed)")
      try field.expectComplete(replica, "seed \(seed)")
      let log = link.log
      #expect(log.repeated == [:], "seed \(seed)")
      let ratio = Double(log.down + log.up) / Double(plain)
      print("enfer, seed \(seed): \(log.connections.count) connections, \(ratio) of \(plain) bytes")
      #expect(ratio <= 1.07, "seed \(seed)")
    }
  }

  /// A line that flips a bit now and then costs the units that were hit, not the object.
  @Test(arguments: [1, 4])
  func `flips far apart in a large object cost little`(count: Int) throws {
    let field = try WeakField(gap: 200, sentences: 24)
    let plain = try field.plain()
    let link = try field.link(
      [WeakRule(.flip(20_000), times: count)], WeakLine.edge.faster(5), seed: 3)
    defer { link.stop() }
    let replica = try field.replica()
    let ending = Ending.sync(replica, over: link, stall: 5)
    #expect(plain > 50_000)
    #expect(try replica.verify().isSound)
    #expect(ending == .complete)
    #expect(link.log.down < plain * 3 / 2)
    link.setRules([])
    #expect(Ending.sync(replica, over: link, stall: 20) == .complete)
    try field.expectComplete(replica, "after the flips")
  }
}
