import FilClient
import FilProtocol
import Files
import Synchronization
import TestSupport
import Testing

/// Each trouble is found under its name, and a line without trouble has none.
struct DoctorTests {
  private typealias Check = Doctor.Finding.Check

  /// What is not good, of a replica whose source does as `meddle` says.
  private static func troubles(
    now: Int = 1_800_000_400, grow: Bool = false, budget: Int? = nil,
    _ meddle:
      @escaping @Sendable (SourceRequest) -> Meddler<ServiceSource<MemoryFeed>>.Answer? = { _ in nil
      }
  ) throws -> [Doctor.Finding] {
    var found: [Doctor.Finding] = []
    try StepTests.withReplica(60) { folder, feed, replica in
      let served = grow ? try MemoryFeed.sample(20) : feed
      if let budget { try replica.setBudget(day: budget, month: nil) }
      let source = Meddler(try ServiceSource(served, cache: folder + "/cache2")) { _, request in
        meddle(request)
      }
      var clock = SyncClock.still
      clock.now = { now }
      let doctor = Doctor(
        path: replica.path, sources: [source], clock: clock, isOnline: { true },
        freeBytes: { _ in 1_000_000_000 })
      found = doctor.examine()
      // It changes nothing.
      #expect(try replica.status().version == feed.version)
    }
    #expect(found.first?.check == .permissions)
    return found.filter { $0.outcome != .good }
  }

  private static func gone(_ cause: SourceError.Cause) -> Meddler<ServiceSource<MemoryFeed>>.Answer
  {
    var answer = Meddler<ServiceSource<MemoryFeed>>.Answer(0)
    answer.error = SourceError(.offline, "essai", cause: cause)
    return answer
  }

  @Test func `nothing is found where all is well`() throws {
    #expect(try Self.troubles() == [])
  }

  @Test(arguments: [
    (SourceError.Cause.name, Doctor.Finding.Check.name), (.refused, .connection),
    (.unreachable, .connection), (.tls, .tls), (.silent, .silence), (.other, .connection),
  ])
  func `what is wrong on the way has its name`(
    cause: SourceError.Cause, check: Doctor.Finding.Check
  ) throws {
    let found = try Self.troubles { _ in Self.gone(cause) }
    #expect(found.map(\.check) == [check] && found[0].outcome == .bad)
    #expect(found[0].source == "essai" && found[0].detail == "essai")
  }

  @Test func `a portal is told from a source that lacks the feed`() throws {
    #expect(try Self.troubles { _ in .portal() }.map(\.check) == [.portal])
    #expect(
      try Self.troubles { _ in
        var answer = Meddler<ServiceSource<MemoryFeed>>.Answer(0)
        answer.error = SourceError(.portal, "redirected")
        return answer
      }.map(\.check) == [.portal])
    let missing = try Self.troubles { _ in .init(404, type: "text/plain") }
    #expect(missing.map(\.check) == [.answer] && missing[0].number == 404)
    let note = try Self.troubles { _ in .init(200, type: "text/plain", body: Array("?".utf8)) }
    #expect(note.map(\.check) == [.answer])
  }

  @Test func `another newsroom's signature is found`() throws {
    let other = MemoryFeed(seed: 9)
    try other.append(.masthead(Masthead(name: "Autre")), number: 0)
    let note = try other.sign(time: 1_800_000_000).note
    let found = try Self.troubles { request in
      request.path.hasSuffix("checkpoint") ? .init(200, type: "text/plain", body: note) : nil
    }
    #expect(found.map(\.check) == [.signature])
  }

  @Test func `a source that is behind is found, with how far`() throws {
    let found = try Self.troubles(grow: true)
    #expect(found.map(\.check) == [.freshness] && found[0].number == 40)
  }

  @Test func `a clock before the signature is wrong, one beside the source's may be`() throws {
    let late = try Self.troubles(now: 1_790_000_000)
    #expect(late.map(\.check) == [.clock])
    #expect(late.first?.outcome == .bad && late.first?.number == -10_000_000)
    let note = try MemoryFeed.sample(60).head().note
    let ahead = try Self.troubles(now: 1_800_009_000) { request in
      guard request.path.hasSuffix("checkpoint") else { return nil }
      var answer = Meddler<ServiceSource<MemoryFeed>>.Answer(200, type: "text/plain", body: note)
      answer.head.date = 1_800_000_500
      return answer
    }
    #expect(ahead.map(\.check) == [.clock])
    #expect(ahead.first?.outcome == .warning && ahead.first?.number == 8_500)
    let old = try Self.troubles(now: 1_800_100_000)
    #expect(old.map(\.check) == [.age] && old.first?.number == 100_000)
  }

  @Test func `a path that swallows large answers is found, and whether small packets help`() throws
  {
    let swallowed = try Self.troubles { request in
      request.path.contains("/sync/") ? Self.gone(.silent) : nil
    }
    #expect(swallowed.map(\.check) == [.largeAnswers] && swallowed[0].outcome == .bad)
    let cut = try Self.troubles { request in
      request.path.contains("/sync/") ? Self.gone(.other) : nil
    }
    #expect(cut.map(\.check) == [.largeAnswers] && cut[0].outcome == .warning)
    #expect(cut[0].number == nil)
  }

  @Test func `a path that swallows even the first answer is tried with small packets`() throws {
    let asked = Mutex(0)
    let found = try Self.troubles { _ in
      let count = asked.withLock { asked in
        asked += 1
        return asked
      }
      return count == 1 ? Self.gone(.silent) : nil
    }
    #expect(found.map(\.check) == [.largeAnswers] && found[0].outcome == .warning)
    #expect(found[0].number != nil)
  }

  @Test func `a portal may say so by its status`() throws {
    let found = try Self.troubles { _ in .init(511, type: "text/html") }
    #expect(found.map(\.check) == [.portal])
  }

  @Test func `a spent budget is found`() throws {
    #expect(try Self.troubles(budget: 1).map(\.check) == [.budget])
  }

  @Test func `a full disk, a missing file and a file that is none are found`() throws {
    try StepTests.withReplica(3) { folder, _, replica in
      func examine(_ path: String, free: Int) -> [Doctor.Finding] {
        Doctor(
          path: path, sources: [], clock: .still, isOnline: { false }, freeBytes: { _ in free }
        ).examine().filter { $0.outcome != .good }
      }
      #expect(examine(replica.path, free: 1_000).map(\.check) == [.disk, .route])
      #expect(examine(replica.path, free: 20_000_000).map(\.outcome) == [.warning, .warning])
      #expect(examine(folder + "/none.db", free: 1 << 40).map(\.check) == [.replica])
      var junk = try AppendFile(folder + "/junk.db")
      try junk.append([UInt8](repeating: 65, count: 10_000))
      #expect(examine(folder + "/junk.db", free: 1 << 40).map(\.check) == [.replica])
      #expect(
        examine(folder + "/nowhere/replica.db", free: 1 << 40).map(\.check) == [.permissions])
    }
  }

  @Test func `two states under one version are found`() throws {
    try StepTests.withReplica(3) { _, _, replica in
      try tamper(replica.path, "INSERT INTO fork VALUES (1, x'00', x'01')")
      let found = Doctor(path: replica.path, sources: [], clock: .still).examine()
      #expect(found.contains { $0.check == .fork && $0.outcome == .bad })
    }
  }
}
