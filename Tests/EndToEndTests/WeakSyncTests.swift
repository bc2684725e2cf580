import FilClient
import TestSupport
import Testing

/// The third point: a sync over each fault alone and over pairs of them [HTTP-5] [HTTP-8].
@Suite(.serialized, .timeLimit(.minutes(2))) struct WeakSyncTests {
  /// EDGE, fifty times as fast; a line on which bytes drip is faster still.
  private static func line(_ faults: [WeakFault]) -> WeakLine {
    for case .drip in faults { return WeakLine.edge.faster(6_000) }
    return WeakLine.edge.faster(50)
  }

  /// A sync under `faults`, then one without them.
  private static func run(
    _ field: WeakField, _ faults: [WeakFault], times: Int, allowed: Set<Ending>, seed: UInt64 = 1
  ) throws {
    let comment: Comment = "\(faults) × \(times), seed \(seed)"
    let link = try field.link(
      faults.map { WeakRule($0, times: times) }, line(faults), seed: seed)
    defer { link.stop() }
    let replica = try field.replica()
    let ending = Ending.sync(replica, over: link)
    #expect(allowed.contains(ending), comment)
    #expect(try replica.verify().isSound, comment)
    if ending == .complete, !faults.contains(.freeze), !faults.contains(.replay) {
      try field.expectComplete(replica, comment)
    }
    link.setRules([])
    #expect(Ending.sync(replica, over: link) == .complete, comment)
    try field.expectComplete(replica, comment)
    if faults.allSatisfy(\.keepsBytes) { #expect(link.log.repeated == [:], comment) }
  }

  @Test func `each fault, once and for ever, ends well or by name`() throws {
    let field = try WeakField()
    for fault in WeakFault.samples {
      try Self.run(field, [fault], times: 1, allowed: fault.endings.union([.complete]))
      try Self.run(field, [fault], times: .max, allowed: fault.endings)
    }
  }

  /// With another fault to make the sync ask for a range, which these need to show.
  @Test(arguments: [
    WeakFault.wholeRange, .otherRange(-100), .otherRange(50), .stripTag, .weakenTag,
  ])
  func `a rest that comes otherwise than asked is put in its place or refused`(
    fault: WeakFault
  ) throws {
    let field = try WeakField()
    let cut = WeakRule(.cut(2_000), times: 1)
    let link = try field.link([cut, WeakRule(fault)])
    defer { link.stop() }
    let replica = try field.replica()
    let ending = Ending.sync(replica, over: link)
    #expect(ending == (fault == .otherRange(50) ? .offline : .complete))
    link.setRules([])
    #expect(Ending.sync(replica, over: link) == .complete)
    try field.expectComplete(replica, "\(fault)")
  }

  /// All pairs, one after the other for a while and for ever; a sample of them in debug.
  @Test(arguments: WeakFault.samples.indices.dropLast())
  func `pairs of faults end well or by name`(first: Int) throws {
    #if DEBUG
      let step = 7
    #else
      let step = 1
    #endif
    let field = try WeakField()
    for second in stride(from: first + 1, to: WeakFault.samples.count, by: step) {
      let faults = [WeakFault.samples[first], WeakFault.samples[second]]
      let allowed = faults[0].endings.union(faults[1].endings).union([.complete, .offline])
      try Self.run(
        field, faults, times: (first + second) % 2 == 0 ? 2 : .max, allowed: allowed,
        seed: UInt64(first))
    }
  }

  @Test func `a cut anywhere, on a real socket, costs no byte twice`() throws {
    let field = try WeakField()
    for place in stride(from: 1, to: 4_000, by: 173) {
      let link = try field.link([WeakRule(.cut(place))])
      defer { link.stop() }
      let replica = try field.replica()
      let ending = Ending.sync(replica, over: link)
      // A connection that is cut in its head brings nothing, ever.
      #expect(ending == .complete || place < 600, "cut at \(place)")
      #expect(link.log.repeated == [:], "cut at \(place)")
      if ending == .complete { try field.expectComplete(replica, "cut at \(place)") }
    }
  }

  @Test func `an old delta that is given again is refused, and changes nothing`() throws {
    let field = try WeakField()
    let link = try field.link([WeakRule(.replay)])
    defer { link.stop() }
    let replica = try field.replica()
    #expect(Ending.sync(replica, over: link) == .complete)
    let held = try replica.status().version
    try field.grow(3, seed: 8)
    #expect([.refused, .behind].contains(Ending.sync(replica, over: link)))
    #expect(link.log.requests.last?.faults == [.replay])
    #expect(try replica.status().version == held)
    #expect(try replica.verify().isSound)
    link.setRules([])
    #expect(Ending.sync(replica, over: link) == .complete)
    try field.expectComplete(replica, "after the replay")
  }

  /// Nothing in an old answer is wrong; only its age, which is shown, tells of it.
  @Test func `a frozen head holds a replica back, and no longer than it lasts`() throws {
    let field = try WeakField()
    let link = try field.link([WeakRule(.freeze)])
    defer { link.stop() }
    let replica = try field.replica()
    #expect(Ending.sync(replica, over: link) == .complete)
    #expect(Ending.sync(replica, over: link) == .complete)
    let held = try replica.status()
    try field.grow(3, seed: 8)
    #expect(Ending.sync(replica, over: link) == .complete)
    #expect(link.log.requests.last?.faults == [.freeze])
    #expect(try replica.status().version == held.version)
    #expect(try replica.status().signed == held.signed)
    link.setRules([])
    #expect(Ending.sync(replica, over: link) == .complete)
    try field.expectComplete(replica, "after the frost")
  }
}
