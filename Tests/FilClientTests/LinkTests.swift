import FilClient
import FilProtocol
import FilSource
import Files
import HTTP
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
  static func withGap(
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

  @Test func `asking for a cost is no measure of the line`() throws {
    try Self.withGap { folder, feed, replica in
      try tamper(replica.path, "UPDATE replica SET rate = 4321")
      _ = try replica.cost(from: ServiceSource(feed, cache: folder + "/cache2"), .still)
      #expect(try integer(replica.path, "SELECT CAST(rate AS INTEGER) FROM replica") == 4_321)
    }
  }

  // [REP-9]
  @Test func `attempts that bring nothing are further and further apart, others follow at once`()
    throws
  {
    try Self.withGap { folder, feed, replica in
      let time = FakeClock(1_800_100_000)
      var options = SyncOptions.still
      options.clock = time.clock
      let weak = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        var fault = ServiceSource<MemoryFeed>.Fault(cut: 700)
        fault.dead = (3...5).contains(request) || request > 7
        return fault
      }
      #expect(outcome(replica, from: weak, options).error?.code == "offline")
      // With 0.5 for every chance: of 2, 4 and 8 seconds, and anew after bytes have come.
      #expect(time.naps == [1, 2, 4, 1, 2, 4])
      #expect(weak.rows.count == 12)
    }
  }

  @Test func `a budget knows what a connection costs`() throws {
    try Self.withGap { folder, feed, replica in
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache2")) { _, _ in nil }
      let dear = Named("chère", source, overhead: 3_000)
      #expect(outcome(replica, from: dear, .still(budget: 3_200)).error == .budgetSpent)
      #expect(source.requests.isEmpty)
      #expect(outcome(replica, from: dear, .still(budget: 4_000)).error == .budgetSpent)
      #expect(source.requests.map(\.end) == [999])
    }
  }

  @Test func `bytes that come again are on the account before a kill, too`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(400, sentences: 12)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      let service = Service(feed, cache: try RenderCache(folder: folder + "/cache", bound: 1 << 30))
      let weak = ServiceSource<MemoryFeed>(
        answering: { service.respond(to: $0) }, faults: { _, _ in .init(cut: 60_000) })
      _ = try? replica.sync(from: weak, .still(budget: 61_000))
      let before = try replica.spending(now: 1_800_000_000).spentToday
      // It knows no ranges: everything comes again.
      let source = ServiceSource<MemoryFeed>(
        answering: { request in
          var request = request
          request.headers["Range"] = nil
          return service.respond(to: request)
        }, faults: { _, _ in .init(cut: 50_000) })
      let accounts = Mutex<[Int]>([])
      let repeating = Watched(source) {
        accounts.withLock { list in
          list.append((try? replica.spending(now: 1_800_000_000).spentToday) ?? 0)
        }
      }
      var options = SyncOptions.still
      options.patience = 1
      _ = outcome(replica, from: repeating, options)
      #expect(accounts.withLock { $0.max() ?? 0 } > before + 30_000)
    }
  }

  @Test func `numbers of any size are no trap`() throws {
    try Self.withGap { folder, feed, replica in
      let weak = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        ServiceSource<MemoryFeed>.Fault(cut: request == 0 ? 900 : nil)
      }
      _ = outcome(replica, from: weak, .still(days: .max, budget: .max))
      try replica.setBudget(day: .max, month: .max)
      #expect(outcome(replica, from: weak, .still(days: .max, budget: .max)).report.complete)
    }
  }
}

/// Calls a closure before each piece of an answer is handed over.
private struct Watched<S: Source>: Source {
  let inner: S
  let onPiece: @Sendable () -> Void
  var name: String { inner.name }

  init(_ inner: S, onPiece: @escaping @Sendable () -> Void) {
    self.inner = inner
    self.onPiece = onPiece
  }

  func fetch(
    _ request: SourceRequest, cancellation: FilClient.Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    try inner.fetch(
      request, cancellation: cancellation, onHead: onHead,
      onBytes: {
        onPiece()
        return onBytes($0)
      })
  }
}
