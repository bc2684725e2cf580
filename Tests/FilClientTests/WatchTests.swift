import FilClient
import FilProtocol
import Synchronization
import TestSupport
import Testing

/// Syncing by itself: when, how often, and what is waited for.
struct WatchTests {
  private static func outcomes(
    _ replica: Replica, _ sources: [any Source], _ plan: WatchPlan, _ clock: SyncClock
  ) -> [String] {
    var options = SyncOptions.still
    options.clock = clock
    options.patience = 1
    var outcomes: [String] = []
    replica.watch(sources, plan, options) { result in
      switch result {
      case .success(let report): outcomes.append(report.headlines > 0 ? "news" : "nothing")
      case .failure(let failure): outcomes.append(failure.error.code)
      }
    }
    return outcomes
  }

  private static func rests(_ naps: [Double], nap: Double = 5) -> [Double] {
    naps.split(whereSeparator: { $0 < nap }).map { $0.reduce(0, +) }
  }

  @Test func `it rests for the interval, longer after failures, and not when the network is back`()
    throws
  {
    try StepTests.withReplica(5) { folder, feed, replica in
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache2")) { request, _ in
        (1...3).contains(request) ? .gone(.offline) : nil
      }
      let online = Mutex(true)
      let time = FakeClock()
      var plan = WatchPlan()
      plan.every = 600
      plan.count = 6
      plan.isOnline = { online.withLock { $0 } }
      let got = Self.outcomes(replica, [source], plan, time.clock)
      #expect(got == ["nothing", "offline", "offline", "offline", "nothing", "nothing"])
      // With 0.5 for every chance, the interval itself; doubled after each failure.
      #expect(time.naps.reduce(0, +) == 9_600)
    }
  }

  @Test func `it tries at once when there is a network again`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let looks = Mutex(0)
      var plan = WatchPlan()
      plan.every = 10_000
      plan.count = 2
      // Gone from the third look to the seventh.
      plan.isOnline = {
        looks.withLock {
          $0 += 1
          return !(3...7).contains($0)
        }
      }
      let time = FakeClock()
      #expect(Self.outcomes(replica, [source], plan, time.clock) == ["nothing", "nothing"])
      #expect(time.naps.reduce(0, +) == 35)
    }
  }

  @Test func `outside its hours only headlines come`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<3 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let time = FakeClock()
      var plan = WatchPlan()
      plan.hours = (22, 6)
      plan.every = 3_600
      let start = time.clock.now()
      // It is noon when it begins.
      plan.localHour = { (12 + ($0 - start) / 3_600) % 24 }
      plan.count = 10
      _ = Self.outcomes(replica, [source], plan, time.clock)
      #expect(try replica.status().version == feed.version)
      #expect(try replica.status().missingBodies == 3)
      plan.count = 2
      plan.every = 2 * 3_600
      _ = Self.outcomes(replica, [source], plan, time.clock)
      try expectEqual(replica, feed)
    }
  }

  @Test func `where the source waits, nobody rests, and news comes with one sync`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let time = FakeClock()
      let waits = Mutex(0)
      let service = try ServiceSource(feed, cache: folder + "/cache2")
      // It holds each question for its time; at the third there is news.
      let source = Meddler(service) { _, request in
        guard let wait = request.wait else { return nil }
        let count = waits.withLock {
          $0 += 1
          return $0
        }
        #expect(request.headOnly && request.ifNoneMatch != nil)
        time.goOn(count == 3 ? 3 : Double(wait))
        guard count == 3 else { return nil }
        var news = News(seed: 3)
        _ = try? feed.publish(&news)
        _ = try? feed.sign(time: 1_800_000_100)
        return nil
      }
      var plan = WatchPlan()
      plan.wait = 45
      plan.count = 2
      let got = Self.outcomes(replica, [source], plan, time.clock)
      #expect(got == ["nothing", "news"])
      #expect(time.naps.isEmpty && waits.withLock { $0 } == 3)
      try expectEqual(replica, feed)
      #expect(source.requests.count == 5)
    }
  }

  @Test func `a source that does not wait is asked now and then`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let time = FakeClock()
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache2")) { _, _ in nil }
      var plan = WatchPlan()
      plan.wait = 45
      plan.every = 600
      plan.count = 3
      #expect(
        Self.outcomes(replica, [source], plan, time.clock) == ["nothing", "nothing", "nothing"])
      #expect(time.naps.reduce(0, +) == 1_200)
      // A question, and a poll, each time.
      #expect(source.requests.map { $0.wait != nil } == [false, true, false, true, false])
    }
  }

  @Test func `a false 304 to a question that waits proves nothing`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let time = FakeClock()
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache2")) { _, request in
        guard let wait = request.wait else { return nil }
        time.goOn(Double(wait))
        var answer = Meddler<ServiceSource<MemoryFeed>>.Answer(304)
        answer.head.time = "1800000900 AAAA"
        return answer
      }
      var plan = WatchPlan()
      plan.wait = 45
      plan.every = 600
      plan.count = 2
      _ = Self.outcomes(replica, [source], plan, time.clock)
      #expect(time.naps.reduce(0, +) == 600)
      #expect(try replica.status().signed == 1_800_000_000)
    }
  }

  @Test func `waiting for news keeps to the budget`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let time = FakeClock()
      let service = try ServiceSource(feed, cache: folder + "/cache2")
      let source = Meddler(service) { _, request in
        if let wait = request.wait { time.goOn(Double(wait)) }
        return nil
      }
      let spent = try replica.spending(now: 1_800_000_000).spentToday
      try replica.setBudget(day: spent + 20_000, month: nil)
      var plan = WatchPlan()
      plan.wait = 45
      plan.count = 2
      _ = Self.outcomes(replica, [source], plan, time.clock)
      // Each wait costs 300 bytes; the last ones are left for news.
      #expect(source.requests.count > 20)
      let now = try replica.spending(now: 1_800_000_000)
      #expect(now.spentToday <= spent + 20_000 && now.left ?? 0 >= 700)
    }
  }

  @Test func `who loses the condition on the way is not asked without a rest`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let time = FakeClock()
      let service = try ServiceSource(feed, cache: folder + "/cache2")
      // A carrier that drops If-None-Match: every question is answered at once, as if there were news.
      let source = Meddler(service) { _, request in
        request.wait == nil ? nil : Meddler<ServiceSource<MemoryFeed>>.Answer(200)
      }
      var plan = WatchPlan()
      plan.wait = 45
      plan.every = 600
      plan.count = 6
      _ = Self.outcomes(replica, [source], plan, time.clock)
      #expect(time.naps.reduce(0, +) >= 1_200)
      #expect(source.requests.count { $0.wait != nil } <= 3)
    }
  }

  @Test func `a network that comes back during a sync that fails is not waited for`() throws {
    try StepTests.withReplica(5) { folder, feed, replica in
      let online = Mutex(false)
      let source = Meddler(try ServiceSource(feed, cache: folder + "/cache2")) { request, _ in
        if request > 0 { return nil }
        online.withLock { $0 = true }
        return .gone(.offline)
      }
      var plan = WatchPlan()
      plan.every = 10_000
      plan.count = 2
      plan.isOnline = { online.withLock { $0 } }
      let time = FakeClock()
      #expect(Self.outcomes(replica, [source], plan, time.clock) == ["offline", "nothing"])
      #expect(time.naps.reduce(0, +) <= 5)
    }
  }
}
