import FilClient
import FilProtocol
import FilSource
import Files
import TestSupport
import Testing

/// News in one file: `Protocol/bundle.md`.
struct BundleTests {
  private func replica(_ feed: MemoryFeed, _ path: String) throws -> Replica {
    try Replica(path: path, key: feed.key.verifier)
  }

  /// [BUN-1] [BUN-4] [BUN-7]: whatever is chosen, and wherever the laptop stood.
  @Test(arguments: [0, 1, 40, 300])
  func `a first copy brings everything to a replica of any selection and version`(count: Int)
    throws
  {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(count)
      let kiosk = try Kiosk(feed, folder)
      let old = try replica(feed, folder + "/old.db")
      try old.sync(from: kiosk.newsroom, .still)
      var news = News(seed: 4)
      if count > 3 {
        try feed.correct(2, &news)
        try feed.retract(3)
      }
      try feed.publish(&news)
      try kiosk.publish(time: 1_800_000_100)
      let bundle = folder + "/news.fil"
      let report = try kiosk.replica.export(to: bundle)
      #expect(report.bytes == (try Files.read(bundle, atMost: 1 << 30)).count)
      #expect(report.missingBodies == 0)
      let source = BundleSource(bundle)
      #expect(try source.contents().fault == nil)
      #expect(try source.contents().version == feed.version)
      let fresh = try replica(feed, folder + "/fresh.db")
      for laptop in [old, fresh] {
        let report = try laptop.sync(from: source, .still)
        #expect(report.complete && report.bytesReceived + report.bytesSent == 0)
        try expectEqual(laptop, feed)
        #expect(try laptop.sync(from: source, .still).headlines == 0)
      }
      let some = try replica(feed, folder + "/some.db")
      try some.sync(from: source, .still(.sections(["culture"])))
      try expectEqual(some, feed, wanting: { $0 == "culture" })
    }
  }

  // [BUN-8]
  @Test func `a copy since a version serves whoever stands there or later`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(300)
      let kiosk = try Kiosk(feed, folder)
      let laptops = try (0..<3).map { try replica(feed, "\(folder)/laptop-\($0).db") }
      try laptops[0].sync(from: kiosk.newsroom, .still)
      let since = feed.version
      var news = News(seed: 4)
      for (round, laptop) in laptops.enumerated().dropFirst() {
        try feed.correct(290 + round, &news)
        try feed.publish(&news)
        try kiosk.publish(time: 1_800_000_100 + round)
        try laptop.sync(from: kiosk.newsroom, .still)
      }
      try feed.retract(280)
      try kiosk.publish(time: 1_800_000_200)
      let whole = try kiosk.replica.export(to: folder + "/whole.fil")
      let part = try kiosk.replica.export(to: folder + "/part.fil", since: since)
      #expect(part.volumes == 1 && part.bodies == 4)
      #expect(part.bytes < whole.bytes / 2)
      for laptop in laptops {
        try laptop.sync(from: BundleSource(folder + "/part.fil"), .still)
        try expectEqual(laptop, feed)
      }
      let fresh = try replica(feed, folder + "/fresh.db")
      let error = outcome(fresh, from: BundleSource(folder + "/part.fil")).error
      #expect(error?.code == "notFound")
      #expect(throws: FilError.self) {
        try kiosk.replica.export(to: folder + "/later.fil", since: feed.version + 1)
      }
      #expect(!Files.exists(folder + "/later.fil"))
    }
  }

  // [BUN-6] [BUN-7]
  @Test func `a replica without the old volumes hands on what it has, with the masthead`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(700)
      let kiosk = try Kiosk(feed, folder, .still(days: 3))
      try kiosk.replica.export(to: folder + "/news.fil")
      let source = BundleSource(folder + "/news.fil")
      #expect(try source.contents().floor == 2)
      let laptop = try replica(feed, folder + "/laptop.db")
      try laptop.sync(from: source, .still(days: 1))
      try expectEqual(laptop, feed, from: 2)
      #expect(try laptop.masthead()?.name == "Essai")
    }
  }

  // [BUN-9]
  @Test func `the same state gives the same bytes, whichever way it came`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(60)
      let kiosk = try Kiosk(feed, folder)
      let other = try replica(feed, folder + "/other.db")
      try kiosk.replica.export(to: folder + "/a.fil")
      try other.sync(from: BundleSource(folder + "/a.fil"), .still)
      try other.export(to: folder + "/b.fil")
      #expect(
        try Files.read(folder + "/a.fil", atMost: 1 << 24)
          == Files.read(folder + "/b.fil", atMost: 1 << 24))
      #expect(try Files.list(folder).allSatisfy { !$0.name.hasSuffix(".tmp") })
    }
  }

  // [BUN-5]
  @Test func `a copy that ends too early gives what it has, at every length`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(12, sentences: 1)
      let kiosk = try Kiosk(feed, folder)
      try kiosk.replica.export(to: folder + "/news.fil")
      let bytes = try Files.read(folder + "/news.fil", atMost: 1 << 24)
      let laptop = try replica(feed, folder + "/laptop.db")
      var bodies = 0
      for length in stride(from: 0, to: bytes.count, by: 23) {
        let path = folder + "/cut.fil"
        try Files.writeDurably(path, Array(bytes.prefix(length)))
        let source = BundleSource(path)
        if length >= 5 { #expect(try source.contents().fault?.code == .truncated) }
        let error = outcome(laptop, from: source).error
        #expect(["behind", "notFound", "offline"].contains(error?.code), "\(length)")
        let status = try laptop.status()
        #expect(status.bodies >= bodies)
        #expect(try laptop.verify().isSound)
        bodies = status.bodies
      }
      #expect(bodies >= 10)
      try laptop.sync(from: BundleSource(folder + "/news.fil"), .still)
      try expectEqual(laptop, feed)
    }
  }

  // [BUN-2]
  @Test func `a checkpoint that is larger than a note may be is not read`() throws {
    try withTemporaryFolder { folder in
      let bytes = [UInt8](repeating: 10, count: Limits.noteBytes + 1)
      let entry = Bundle.Entry(.checkpoint, bytes)
      try Files.writeDurably(
        folder + "/news.fil", Bundle.magic + entry.encoded + bytes + Bundle.end)
      let source = BundleSource(folder + "/news.fil")
      #expect(try source.contents().objects == 1 && source.contents().version == nil)
      var status = 0
      _ = try source.fetch(
        SourceRequest(path: Resource.checkpoint.path), cancellation: Cancellation(),
        onHead: {
          status = $0.status
          return true
        }, onBytes: { _ in true })
      #expect(status == 404)
    }
  }

  @Test func `a replica that an unfinished sync has erased something of is not damaged`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(300)
      let kiosk = try Kiosk(feed, folder)
      let old = feed.version
      var news = News(seed: 4)
      // Volumes with retractions come first.
      try feed.retract(3, erasing: true)
      for number in 257..<299 { try feed.correct(number, &news) }
      try feed.sign(time: 1_800_000_100)
      for _ in 0..<100 where try kiosk.replica.article(3)?.retracted == nil {
        let short = try ServiceSource(feed, cache: folder + "/short") { count, _ in
          var fault = ServiceSource<MemoryFeed>.Fault(cut: 150)
          fault.dead = count > 0
          return fault
        }
        _ = outcome(kiosk.replica, from: short)
      }
      #expect(try kiosk.replica.article(3)?.isErased == true)
      #expect(try kiosk.replica.status().version == old)
      #expect(throws: FilError.notFound("version \(old)")) {
        try kiosk.replica.export(to: folder + "/news.fil")
      }
      #expect(!Files.exists(folder + "/news.fil"))
      try kiosk.replica.sync(from: kiosk.newsroom, .still)
      #expect(try kiosk.replica.export(to: folder + "/news.fil").version == feed.version)
    }
  }

  // [BUN-3]
  @Test func `a stick that rots is never taken for a liar`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(12, sentences: 1)
      let kiosk = try Kiosk(feed, folder)
      try kiosk.replica.export(to: folder + "/news.fil")
      let bytes = try Files.read(folder + "/news.fil", atMost: 1 << 24)
      var random = SplitMix64(seed: 6)
      for round in 0..<60 {
        var rotten = bytes
        rotten[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 << (random.next() % 8))
        let path = folder + "/rot.fil"
        try Files.writeDurably(path, rotten)
        let laptop = try replica(feed, "\(folder)/laptop-\(round).db")
        let error = outcome(laptop, from: BundleSource(path)).error
        let allowed = [nil, "behind", "notFound", "offline"]
        #expect(allowed.contains(error?.code), "\(round): \(String(describing: error))")
        #expect(try laptop.verify().isSound)
      }
    }
  }

  @Test func `what a bundle invents is refused by name`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(12)
      let forger = MemoryFeed(seed: 9)
      try forger.append(.masthead(Masthead(name: "Faux")), number: 0)
      try forger.sign(time: 1_900_000_000)
      let kiosk = try Kiosk(forger, folder)
      try kiosk.replica.export(to: folder + "/news.fil")
      let laptop = try replica(feed, folder + "/laptop.db")
      let error = outcome(laptop, from: BundleSource(folder + "/news.fil")).error
      #expect(error?.status == 5)
      #expect(try laptop.status().version == 0)
    }
  }

  @Test func `a full day's budget does not stop a file, which costs nothing`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(12)
      let kiosk = try Kiosk(feed, folder)
      try kiosk.replica.export(to: folder + "/news.fil")
      let laptop = try replica(feed, folder + "/laptop.db")
      try laptop.setBudget(day: 1, month: 1)
      var options = SyncOptions.still(budget: 1)
      options.remembers = false
      try laptop.sync(from: BundleSource(folder + "/news.fil"), options)
      try expectEqual(laptop, feed)
      #expect(try laptop.knownSources().isEmpty)
    }
  }

  @Test func `an old stick takes nothing back`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(12)
      let kiosk = try Kiosk(feed, folder)
      try kiosk.replica.export(to: folder + "/old.fil")
      try feed.retract(5, erasing: true)
      try kiosk.publish(time: 1_800_000_100)
      #expect(outcome(kiosk.replica, from: BundleSource(folder + "/old.fil")).error == .behind)
      try expectEqual(kiosk.replica, feed)
    }
  }

  @Test func `what is no bundle is said to be none`() throws {
    try withTemporaryFolder { folder in
      try Files.writeDurably(folder + "/page.fil", Array("<html>".utf8))
      #expect(throws: FilError.malformed(FormatError(.wrongMagic, "bundle"))) {
        try BundleSource(folder + "/page.fil").contents()
      }
      #expect(throws: FilError.self) { try BundleSource(folder + "/none.fil").contents() }
      #expect(throws: FilError.self) { try BundleSource(folder).contents() }
    }
  }
}
