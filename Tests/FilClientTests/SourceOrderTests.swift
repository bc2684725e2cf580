import FilClient
import FilProtocol
import TestSupport
import Testing

/// Several sources: who is asked first, what they may cost together, and whose fault a failure is.
struct SourceOrderTests {
  @Test func `several sources share one budget`() throws {
    try LinkTests.withGap { folder, feed, replica in
      let sources = try (1...3).map { number in
        Named(
          "\(number)",
          try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
            var fault = ServiceSource<MemoryFeed>.Fault(cut: 1_200)
            fault.dead = request > 0
            return fault
          })
      }
      let failure = #expect(throws: SyncFailure.self) {
        try replica.sync(from: sources, .still(budget: 4_000))
      }
      #expect(failure?.error == .budgetSpent)
      let report = try #require(failure?.report)
      #expect(report.bytesReceived + report.bytesSent <= 4_000)
      #expect(sources[1].inner.rows.count > 0)
    }
  }

  @Test func `what a source brought before it failed is in the report`() throws {
    try LinkTests.withGap { folder, feed, replica in
      let before = try replica.status()
      // All headlines come, and some texts.
      let weak = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        var fault = ServiceSource<MemoryFeed>.Fault(cut: 6_000)
        fault.dead = request > 0
        return fault
      }
      let good = try ServiceSource(feed, cache: folder + "/cache2")
      let report = try replica.sync(from: [Named("a", weak), Named("b", good)], .still)
      #expect(report.complete && report.from == before.version && report.to == feed.version)
      #expect(report.headlines == 12 && report.bodies == 12)
      #expect(report.requests == weak.rows.count + good.rows.count)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a sync that ended well stays one, whatever another source lacks`() throws {
    try LinkTests.withGap { folder, feed, replica in
      try replica.sync(
        from: ServiceSource(feed, cache: folder + "/cache2"), .still(SectionChoice.none))
      let number = try #require(
        try replica.articles(Replica.Filter()).first { $0.bodyState == .missing }?.number)
      #expect(try replica.want(number) == .queued)
      // Neither has the text; the second has nothing more to spend.
      func without(_ name: String) throws -> Named<ServiceSource<MemoryFeed>> {
        Named(
          name,
          try ServiceSource(feed, cache: folder + "/cache2") { _, request in
            var fault = ServiceSource<MemoryFeed>.Fault()
            if request.path.contains("/body/") { fault.head = { $0.status = 404 } }
            return fault
          })
      }
      let report = try replica.sync(
        from: [try without("a"), try without("b")], .still(SectionChoice.none, budget: 2_000))
      #expect(report.complete && report.openWishes == 1)
    }
  }

  @Test func `what was not a source's fault does not put it back`() throws {
    try LinkTests.withGap { folder, feed, replica in
      let time = FakeClock(1_800_100_000)
      var options = SyncOptions.still
      options.clock = time.clock
      let good = Named("bonne", try ServiceSource(feed, cache: folder + "/cache2"))
      _ = try replica.sync(from: good, options)
      time.goOn(10)
      var news = News(seed: 4)
      for _ in 0..<9 { try feed.publish(&news, sentences: 30) }
      try feed.sign(time: 1_800_100_010)
      _ = try replica.cost(from: good, options)
      options.budget = 1_500
      _ = outcome(replica, from: good, options)
      #expect(try replica.knownSources().first == "bonne")
      #expect(try integer(replica.path, "SELECT bad FROM source WHERE name = 'bonne'") == 0)
      // One that is known only by this is no sync that anybody can be told of.
      _ = outcome(replica, from: Named("nouvelle", good.inner), options)
      #expect(try replica.knownSources().contains("nouvelle"))
      try tamper(replica.path, "DELETE FROM source WHERE name <> 'nouvelle'")
      #expect(try replica.lastSync() == nil)
    }
  }

  @Test func `a source that wants to be left alone is not waited for while there is another`()
    throws
  {
    try LinkTests.withGap { folder, feed, replica in
      let time = FakeClock(1_800_100_000)
      var options = SyncOptions.still
      options.clock = time.clock
      let busy = Named(
        "occupée",
        try ServiceSource(feed, cache: folder + "/cache2") { _, _ in
          var fault = ServiceSource<MemoryFeed>.Fault()
          fault.head = {
            $0.status = 503
            $0.retryAfter = 900
          }
          return fault
        })
      let good = Named("bonne", try ServiceSource(feed, cache: folder + "/cache2"))
      #expect(try replica.sync(from: [busy, good], options).complete)
      #expect(time.naps.isEmpty && busy.inner.rows.count == 1)
      // Alone, it is waited for as it asks.
      options.patience = 2
      #expect(outcome(replica, from: busy, options).error?.code == "offline")
      #expect(time.naps == [900])
    }
  }

  @Test func `a source that fails is put back and named, and the next one finishes its object`()
    throws
  {
    try LinkTests.withGap { folder, feed, replica in
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
    try LinkTests.withGap { folder, feed, replica in
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
  var overhead: Int

  init(_ name: String, _ inner: S, overhead: Int = 700) {
    self.name = name
    self.inner = inner
    self.overhead = overhead
  }

  func fetch(
    _ request: SourceRequest, cancellation: FilClient.Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    try inner.fetch(request, cancellation: cancellation, onHead: onHead, onBytes: onBytes)
  }
}
