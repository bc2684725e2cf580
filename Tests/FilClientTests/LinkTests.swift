import FilClient
import FilProtocol
import Files
import Synchronization
import TestSupport
import Testing

/// A clock that goes on only when somebody sleeps, or a test says so.
final class FakeClock: Sendable {
  private let state: Mutex<(now: Double, naps: [Double])>
  private let onSleep: @Sendable (Double) -> Void

  init(_ now: Double = 1_800_000_000, onSleep: @escaping @Sendable (Double) -> Void = { _ in }) {
    state = Mutex((now, []))
    self.onSleep = onSleep
  }

  /// How long each sleep was.
  var naps: [Double] { state.withLock { $0.naps } }

  func goOn(_ seconds: Double) { state.withLock { $0.now += seconds } }

  var clock: SyncClock {
    SyncClock(
      now: { Int(self.state.withLock { $0.now }) }, monotonic: { self.state.withLock { $0.now } },
      sleep: { seconds, _ in
        self.state.withLock {
          $0.now += seconds
          $0.naps.append(seconds)
        }
        self.onSleep(seconds)
      }, random: { 0.5 })
  }
}

/// What a sync would cost, what it may cost, and from whom it is had.
struct LinkTests {
  /// A replica of 40 articles, and 12 more to come.
  private static func withGap(
    _ body: (String, MemoryFeed, Replica) throws -> Void
  ) throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<12 { try feed.publish(&news, sentences: 16) }
      try feed.sign(time: 1_800_000_100)
      try body(folder, feed, replica)
    }
  }

  @Test func `the cost that is told is what then comes`() throws {
    try Self.withGap { folder, feed, replica in
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let cost = try replica.cost(from: source, .still)
      #expect(cost.headlines == 12 && cost.bodies == 12)
      #expect(source.rows.count == 1)
      let asked = source.rows[0].delivered
      #expect(outcome(replica, from: source).report.complete)
      #expect(source.rows.dropFirst().reduce(0) { $0 + $1.delivered } == cost.bytes)
      #expect(asked > 0)
      try expectEqual(replica, feed)
      let none = try replica.cost(from: source, .still)
      #expect(none.bytes == 0 && none.headlines == 0 && none.bodies == 0)
    }
  }

  @Test func `asking what other sections would cost changes nothing`() throws {
    try StepTests.withReplica(200, .still(.sections(["sante"]))) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<12 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let before = try files(of: replica.path).count
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let culture = try replica.cost(of: .sections(["culture"]), from: source, .still)
      let both = try replica.cost(of: .sections(["culture", "sante"]), from: source, .still)
      let none = try replica.cost(of: .none, from: source, .still)
      #expect(culture.bytes > none.bytes && both.bytes > culture.bytes)
      #expect(culture.headlines == 12 && none.bodies == 0)
      let held = (1...200).filter { feed.record($0, asOf: 201)?.headline?.section == "culture" }
      #expect(culture.bodies ?? 0 >= held.count)
      #expect(source.rows.count == 3)
      #expect(try replica.status().choice == .sections(["sante"]))
      #expect(try files(of: replica.path).count == before)
      let spent = try replica.spending(now: 1_800_000_000).spentToday
      #expect(spent > culture.bytesSpent + both.bytesSpent + none.bytesSpent)
    }
  }

  @Test func `the budget of a day holds over all its syncs, and over restarts`() throws {
    try Self.withGap { folder, feed, replica in
      let time = FakeClock()
      var options = SyncOptions.still
      options.clock = time.clock
      let spent = try replica.spending(now: 1_800_000_000).spentToday
      try replica.setBudget(day: spent + 4_000, month: spent + 5_500)
      time.goOn(1_000)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      var total = 0
      for _ in 0..<5 {
        let again = try Replica(path: replica.path)
        let (report, error) = outcome(again, from: source, options)
        total += report.bytesReceived + report.bytesSent
        #expect(error == .budgetSpent && !report.complete)
      }
      #expect((2_000...4_000).contains(total))
      #expect(try replica.spending(now: 1_800_000_000).spentToday == spent + total)
      // The next day has a budget of its own, and the month goes on.
      time.goOn(86_400)
      let (report, error) = outcome(replica, from: source, options)
      #expect(error == .budgetSpent && report.requests > 0)
      #expect(total + report.bytesReceived + report.bytesSent <= 5_500)
      #expect(try replica.status().missingBodies > 0)
      try replica.setBudget(day: nil, month: nil)
      #expect(outcome(replica, from: source, options).report.complete)
      try expectEqual(replica, feed)
    }
  }

  @Test func `what a killed sync has spent is not forgotten`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(400, sentences: 12)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      var copies = 0
      _ = outcome(
        replica, from: source,
        onProgress: { progress in
          // As a kill at this moment would leave it.
          guard progress.done > (copies + 1) * 20_000, copies < 4 else { return }
          copies += 1
          let path = "\(folder)/killed-\(copies).db"
          try? photograph(replica.path, to: path)
          let spent = try? Replica(path: path).spending(now: 1_800_000_000).spentToday
          #expect(spent ?? 0 > progress.done - 8_192 - 1_400)
        })
      #expect(copies == 4)
    }
  }

  @Test func `a source that fails is put back and named, and the next one finishes its object`()
    throws
  {
    try Self.withGap { folder, feed, replica in
      let weak = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        var fault = ServiceSource<MemoryFeed>.Fault(cut: 2_000)
        fault.dead = request > 0
        return fault
      }
      let time = FakeClock(1_800_100_000)
      var options = SyncOptions.still
      options.clock = time.clock
      let first = Named("premier", weak)
      let second = Named("second", try ServiceSource(feed, cache: folder + "/cache2"))
      var attempts: [SourceAttempt] = []
      let report = try replica.sync(
        from: [first, second], options, onAttempt: { attempts.append($0) })
      #expect(attempts.map(\.source) == ["premier", "second"])
      #expect(attempts[0].error?.code == "offline" && attempts[1].error == nil)
      #expect(report.complete)
      try expectEqual(replica, feed)
      // Its 2,000 bytes were not asked for again.
      #expect(second.inner.rows.filter { $0.delivered > 0 }.map(\.start) == [2_000])
      #expect(try replica.knownSources().first == "second")
      attempts = []
      time.goOn(10)
      try replica.sync(from: [first, second], options, onAttempt: { attempts.append($0) })
      #expect(attempts.map(\.source) == ["second"])
    }
  }

  @Test func `a source that is behind or lies is passed over`() throws {
    try Self.withGap { folder, feed, replica in
      let old = try MemoryFeed.sample(30)
      let other = MemoryFeed(seed: 9)
      try other.append(.masthead(Masthead(name: "Autre")), number: 0)
      var news = News(seed: 2)
      for _ in 0..<80 { try other.publish(&news) }
      try other.sign(time: 1_800_000_200)
      let sources: [any Source] = [
        Named("vieille", try ServiceSource(old, cache: folder + "/old")),
        Named("menteuse", try ServiceSource(other, cache: folder + "/other")),
        Named("bonne", try ServiceSource(feed, cache: folder + "/cache2")),
      ]
      var codes: [String?] = []
      let report = try replica.sync(
        from: sources, .still, onAttempt: { codes.append($0.error?.code) })
      #expect(report.complete)
      #expect(codes[0] == "behind" && codes[1] != nil && codes[2] == nil && codes.count == 3)
      try expectEqual(replica, feed)
    }
  }
}

/// A source under another name.
struct Named<S: Source>: Source {
  let name: String
  let inner: S

  init(_ name: String, _ inner: S) {
    self.name = name
    self.inner = inner
  }

  func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    try inner.fetch(request, cancellation: cancellation, onHead: onHead, onBytes: onBytes)
  }
}
