import Database
import FilClient
import FilProtocol
import FilSource
import Files
import Synchronization
import TestSupport
import Testing

/// What a sync does next, case by case: order, ends, and that it always comes to one.
struct StepTests {
  /// A folder, a feed of `count` articles with a source, and a replica that is in step with it.
  static func withReplica(
    _ count: Int, _ options: SyncOptions = .still,
    _ body: (String, MemoryFeed, Replica) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(count)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: ServiceSource(feed, cache: folder + "/cache"), options)
      try body(folder, feed, replica)
    }
  }

  @Test func `a sync that finds the replica busy changes nothing`() throws {
    try Self.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<8 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      // A source without deltas: the sync is among small objects when the second one comes.
      let other = try Replica(path: replica.path)
      let seen = Mutex<[FilError?]>([])
      let spools = Mutex<[Int]>([])
      let plain = try ServiceSource(feed, cache: folder + "/cache2") { _, request in
        var fault = ServiceSource<MemoryFeed>.Fault()
        if request.path.hasPrefix("/fil/v1/sync/") { fault.head = { $0.status = 404 } }
        if request.path.hasPrefix("/fil/v1/volume/"), request.start == 0 { fault.cut = 900 }
        return fault
      }
      let path = replica.path
      let source = Meddler(plain) { _, request in
        if request.start > 0 {
          let error = outcome(other, from: plain).error
          seen.withLock { $0.append(error) }
          spools.withLock {
            $0.append((try? files(of: path).count { $0.contains("-spool-") }) ?? 0)
          }
        }
        return nil
      }
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete)
      #expect(seen.withLock { $0 }.contains(.busy))
      #expect(spools.withLock { $0.allSatisfy { $0 == 1 } })
      try expectEqual(replica, feed)
    }
  }

  @Test func `a 304 that was not asked for is refused`() throws {
    try Self.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<8 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let line = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        ServiceSource.Fault(cut: request == 0 ? 1_500 : nil)
      }
      let field = feed.head().timeField
      let source = Meddler(line) { request, _ in
        guard request > 0 else { return nil }
        var answer = Meddler<ServiceSource<MemoryFeed>>.Answer(304)
        answer.head.time = field
        return answer
      }
      let (_, error) = outcome(replica, from: source)
      guard case .offline? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(
        try outcome(replica, from: ServiceSource(feed, cache: folder + "/cache2")).error == nil)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a delta that is gone while it comes is asked for anew`() throws {
    try Self.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<30 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let line = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        ServiceSource.Fault(cut: request == 0 ? 700 : nil)
      }
      let source = Meddler(line) { request, _ in request == 1 ? .init(410, type: "text/plain") : nil
      }
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a small object that is gone is not taken for another`() throws {
    try Self.withReplica(300) { folder, feed, replica in
      try tamper(replica.path, "UPDATE article SET record = x'00' WHERE number IN (5, 270)")
      #expect(try replica.verify(repair: true).damage == ["volume 0", "volume 1"])
      let line = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        ServiceSource.Fault(cut: request == 1 ? 700 : nil)
      }
      let source = Meddler(line) { request, _ in request == 2 ? .init(404, type: "text/plain") : nil
      }
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete)
      try expectEqual(replica, feed)
    }
  }

  @Test func `bodies alone do not come before the head is asked for, unless it just was`() throws {
    try Self.withReplica(40, .still(SectionChoice.none)) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<20 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      // The headlines come, their bodies are cut.
      let cutting = try ServiceSource(feed, cache: folder + "/cache2") { request, asked in
        var fault = ServiceSource<MemoryFeed>.Fault()
        if request > 0 || asked.path.contains(".bodies") { fault.cut = 0 }
        return fault
      }
      _ = outcome(replica, from: cutting, .still(.all))
      // Make the replica look for the bodies of its whole history in one object.
      try tamper(replica.path, "UPDATE replica SET bodies_at = 0; DELETE FROM transfer")
      let bodies = try ServiceSource(feed, cache: folder + "/cache2") { _, asked in
        ServiceSource.Fault(cut: asked.path.contains(".bodies") ? 1_500 : nil)
      }
      let dying = Meddler(bodies) { request, _ in request > 2 ? .gone(.offline) : nil }
      #expect(outcome(replica, from: dying).error != nil)
      #expect(bodies.rows.contains { $0.path.contains(".bodies") })
      try feed.retract(7)
      try feed.sign(time: 1_800_000_200)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      var later = SyncOptions.still
      let now = later.clock.now()
      later.clock.now = { now + 600 }
      #expect(outcome(replica, from: source, later).error == nil)
      #expect(source.rows.first?.path.contains("/sync/") == true)
      #expect(source.rows.contains { $0.path.contains(".bodies") && $0.start > 0 })
      try expectEqual(replica, feed)
    }
  }

  @Test func `bodies of a volume are finished after the head has moved`() throws {
    try Self.withReplica(40, .still(SectionChoice.none)) { folder, feed, replica in
      let cutting = try ServiceSource(feed, cache: folder + "/cache2") { _, asked in
        ServiceSource.Fault(cut: asked.path.contains("/bodies/") ? 3_000 : nil)
      }
      let dying = Meddler(cutting) { request, _ in request > 1 ? .gone(.offline) : nil }
      #expect(outcome(replica, from: dying, .still(.all)).error != nil)
      var news = News(seed: 3)
      for number in 1...40 { try feed.correct(number, &news) }
      try feed.sign(time: 1_800_000_200)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a context that is not here leads to an end`() throws {
    try Self.withReplica(60) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<10 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      // The texts are not there although the replica thinks so; the delta builds on them.
      try tamper(replica.path, "DELETE FROM body")
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache2")) { _, _ in nil }
      _ = outcome(replica, from: source)
      #expect(source.requests.count < 12)
      _ = try replica.verify(repair: true)
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a source that leaves bodies out is named, not asked for ever`() throws {
    try Self.withReplica(40, .still(SectionChoice.none)) { folder, feed, replica in
      // Another feed's service cannot lie here; so the object of one section stands for all.
      let honest = try ServiceSource(feed, cache: folder + "/cache2")
      let digest = feed.digests(asOf: feed.version)[0]
      let all = Resource.bodies(0, digest, .all).path
      var preamble = VolumePreamble(
        volume: 0, digest: digest, size: 0, selection: .all, totals: Totals())
      preamble.totals.bodies = 0
      let empty = Preamble.bodies(preamble).encoded
      let source = Meddler(honest) { _, request in
        request.path == all ? .init(200, body: empty) : nil
      }
      let (report, error) = outcome(replica, from: source, .still(.all))
      #expect(error == .untrusted(TrustError(.wrongObject, "")))
      #expect(!report.complete)
      #expect(outcome(replica, from: honest).error == nil)
      try expectEqual(replica, feed)
    }
  }

  @Test func `an older time of the same head does not replace a newer one`() throws {
    try Self.withReplica(5) { folder, feed, replica in
      try feed.sign(time: 1_800_009_000)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      try replica.sync(from: source, .still)
      #expect(try replica.status().signed == 1_800_009_000)
      try feed.sign(time: 1_800_000_500)
      // Without a condition the answer is an empty delta with the source's note.
      let blind = try ServiceSource(feed, cache: folder + "/cache2") { _, _ in ServiceSource.Fault()
      }
      try tamper(replica.path, "UPDATE replica SET bodies_at = bodies_at")
      let unconditional = Unconditional(blind)
      #expect(outcome(replica, from: unconditional).error == nil)
      #expect(try replica.status().signed == 1_800_009_000)
    }
  }

  @Test func `whoever wants no bodies any more does not pay for them`() throws {
    try Self.withReplica(2) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<40 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      #expect(outcome(replica, from: source, .still(budget: 6_000)).error == .budgetSpent)
      #expect(try replica.status().spoolTotal > 0)
      let before = source.rows.count
      let (report, error) = outcome(replica, from: source, .still(SectionChoice.none))
      #expect(error == nil && report.complete)
      #expect(source.rows.dropFirst(before).allSatisfy { $0.path.contains("/none/") })
      #expect(try replica.status().spoolTotal == 0)
    }
  }

  @Test func `a budget holds against a source that knows no ranges`() throws {
    try Self.withReplica(2) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<100 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = Rangeless(try ServiceSource(feed, cache: folder + "/cache2"))
      let (report, error) = outcome(replica, from: source, .still(budget: 6_000))
      #expect(error == .budgetSpent)
      #expect(report.bytesReceived + report.bytesSent < 8_000)
    }
  }

  @Test func `a newsroom that was restored from a backup is followed`() throws {
    try withTemporaryFolder { folder in
      let lost = try MemoryFeed.sample(300)
      let replica = try Replica(path: folder + "/replica.db", key: lost.key.verifier)
      var news = News(seed: 8)
      for number in [3, 270] { try lost.correct(number, &news) }
      for _ in 0..<3 { try lost.publish(&news) }
      try lost.sign(time: 1_800_000_100)
      try replica.sync(from: ServiceSource(lost, cache: folder + "/cache"), .still)
      let restored = try MemoryFeed.sample(299)
      var count = 0
      while restored.version <= lost.version {
        count += 1
        try restored.append(.masthead(Masthead(name: "Essai \(count)")), number: 0)
      }
      try restored.sign(time: 1_800_000_200)
      let source = try ServiceSource(restored, cache: folder + "/cache2")
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete)
      try expectEqual(replica, restored)
      #expect(try replica.record(300) == nil)
      let again = outcome(replica, from: source)
      #expect(again.error == nil && again.report.requests == 1)
    }
  }

  // [REP-7]
  @Test func `a first sync of some days without deltas fetches no older volumes`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(600, sentences: 1)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache")) { _, request in
        request.path.contains("/sync/") ? .init(404, type: "text/plain") : nil
      }
      let (report, error) = outcome(replica, from: source, .still(days: 5))
      #expect(error == nil && report.complete)
      #expect(try replica.status().oldest == 256)
      try expectEqual(replica, feed, from: 1)
    }
  }

  @Test func `a few holes in a volume are not filled with all of it`() throws {
    try Self.withReplica(255) { folder, feed, replica in
      try tamper(
        replica.path,
        """
        DELETE FROM body WHERE hash IN (SELECT body FROM article WHERE number BETWEEN 20 AND 28)
        """)
      _ = try replica.verify(repair: true)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete && report.bodies == 9)
      #expect(source.rows.allSatisfy { !$0.path.contains("/volume/") })
      try expectEqual(replica, feed)
    }
  }

  @Test func `records that were committed before their delta was lost still serve as contexts`()
    throws
  {
    try Self.withReplica(300) { folder, feed, replica in
      var news = News(seed: 3)
      for number in 1...300 where number % 3 == 0 { try feed.correct(number, &news) }
      try feed.sign(time: 1_800_000_100)
      // The newest blocks come, then the line dies; then the object is gone and the line dies.
      let first = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        var fault = ServiceSource<MemoryFeed>.Fault(cut: 4_000)
        fault.dead = request > 0
        return fault
      }
      _ = outcome(replica, from: first)
      #expect(try integer(replica.path, "SELECT count(*) FROM superseded") > 0)
      let second = Meddler(first) { request, _ in
        request == 0 ? .init(410, type: "text/plain") : .gone(.offline)
      }
      _ = outcome(replica, from: second, .still(SectionChoice.none))
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let (report, error) = outcome(replica, from: source, .still(.all))
      #expect(error == nil && report.complete)
      try expectEqual(replica, feed)
    }
  }
}

/// Forgets the conditions that a replica sends.
struct Unconditional<S: Source>: Source {
  let inner: S
  var name: String { inner.name }

  init(_ inner: S) { self.inner = inner }

  func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    var request = request
    request.ifNoneMatch = nil
    return try inner.fetch(request, cancellation: cancellation, onHead: onHead, onBytes: onBytes)
  }
}

/// Forgets the ranges that a replica asks for.
struct Rangeless<S: Source>: Source {
  let inner: S
  var name: String { inner.name }

  init(_ inner: S) { self.inner = inner }

  func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    var request = request
    request.start = 0
    request.end = nil
    return try inner.fetch(request, cancellation: cancellation, onHead: onHead, onBytes: onBytes)
  }
}
