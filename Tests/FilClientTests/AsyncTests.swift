import FilClient
import FilProtocol
import FilSource
import Files
import Glibc
import Synchronization
import TestSupport
import Testing

/// A source that says nothing until the call is cancelled.
private final class SilentSource: Source {
  let name = "muet"
  /// Yields once when it is asked, and ends when the asking is over.
  let asked: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation

  init() { (asked, bell) = AsyncStream.makeStream() }

  func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    bell.yield()
    while !cancellation.isCancelled { sched_yield() }
    bell.finish()
    throw SourceError(.cancelled)
  }
}

private final class Counter: Sendable {
  private let value = Atomic(0)
  var count: Int { value.load(ordering: .relaxed) }
  func add() { value.add(1, ordering: .relaxed) }
}

@Suite(.timeLimit(.minutes(2)))
struct AsyncTests {
  /// A replica of a feed of `count` articles, not synced yet.
  private func withReplica(
    _ count: Int, _ body: (Replica, MemoryFeed, ServiceSource<MemoryFeed>) async throws -> Void
  ) async throws {
    let folder = try makeTemporaryFolder()
    defer { try? Files.removeTree(folder) }
    let feed = try MemoryFeed.sample(count)
    let source = try ServiceSource(feed, cache: folder + "/cache")
    let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
    try await body(replica, feed, source)
  }

  @Test func `a sync tells what happens and ends with its report`() async throws {
    try await withReplica(60) { replica, feed, source in
      var events: [String] = []
      var iterator = replica.syncing(from: [source], .still).makeAsyncIterator()
      while let event = try await iterator.next() {
        switch event {
        case .progress(let progress):
          events.append("progress")
          #expect(progress.done <= progress.total)
        case .attempt(let attempt):
          events.append("attempt")
          #expect(attempt.source == "essai" && attempt.error == nil)
        case .done(let report):
          events.append("done")
          #expect(report.complete && report.bodies == 60)
        }
      }
      #expect(events.suffix(1) == ["done"] && events.count { $0 == "attempt" } == 1)
      #expect(events.contains("progress"))
      #expect(try await iterator.next() == nil, "nothing follows")
      try expectEqual(replica, feed)
    }
  }

  @Test func `a sync that fails says why after the attempts`() async throws {
    try await withReplica(3) { replica, _, source in
      let gone = Meddler(source) { _, _ in .gone(.offline) }
      var attempts = 0
      do throws(SyncFailure) {
        for try await event in replica.syncing(from: [gone, gone], .still) {
          if case .attempt(let attempt) = event, attempt.error?.code == "offline" { attempts += 1 }
        }
        Issue.record("it ended well")
      } catch { #expect(error.error.code == "offline") }
      #expect(attempts == 2)
    }
  }

  @Test func `cancelling the task cancels the sync`() async throws {
    try await withReplica(3) { replica, _, _ in
      let source = SilentSource()
      let task = Task { () -> FilError? in
        do throws(SyncFailure) {
          for try await _ in replica.syncing(from: [source], .still) {}
          return nil
        } catch { return error.error }
      }
      for await _ in source.asked { task.cancel() }
      #expect(await task.value == .cancelled)
    }
  }

  @Test func `letting go of the events cancels the sync`() async throws {
    try await withReplica(3) { replica, _, source in
      let slow = SilentSource()
      // The first source fails at once, so that there is an event; the second is still silent then.
      let gone = Meddler(source) { _, _ in .gone(.offline) }
      for try await _ in replica.syncing(from: [gone, slow], .still) { break }
      // This ends only when the silent source saw the cancellation, or was never asked.
      let other = try Replica(path: replica.path)
      while true {
        do throws(FilError) {
          _ = try other.verify(repair: true)
          break
        } catch {
          #expect(error == .busy)
          sched_yield()
        }
      }
    }
  }

  @Test func `work that blocks has threads of its own`() async throws {
    try await withReplica(3) { replica, _, _ in
      // Each waits for all others: on a pool with a thread per core this would never end.
      let begun = Counter()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<64 {
          group.addTask {
            await replica.perform { (_, _) throws(Never) in
              begun.add()
              while begun.count < 64 { sched_yield() }
            }
          }
        }
      }
      #expect(begun.count == 64)
    }
  }

  @Test func `the host's signals do not reach the library's threads, faults do`() async throws {
    try await withReplica(1) { replica, _, _ in
      let (term, fault) = await replica.perform { (_, _) throws(Never) in
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        return (sigismember(&mask, SIGTERM) == 1, sigismember(&mask, SIGSEGV) == 1)
      }
      #expect(term && !fault)
    }
  }

  @Test func `what is performed hears of the cancellation, and its error arrives`() async throws {
    try await withReplica(3) { replica, _, _ in
      let (begun, bell) = AsyncStream.makeStream(of: Void.self)
      let task = Task {
        try await replica.perform { (_, cancellation) throws(FilError) in
          bell.finish()
          while !cancellation.isCancelled { sched_yield() }
          throw .cancelled
        }
      }
      for await _ in begun {}
      task.cancel()
      await #expect(throws: FilError.cancelled) { try await task.value }
    }
  }
}

/// The examples of `Client/README.md`, which are here word for word.
struct ReadmeTests {
  static func show(_ articles: [Article]) {}

  static func example(key: String) async throws {
    let replica = try Replica(path: "gao.db", key: VerifierKey(parsing: key))
    for try await event in replica.syncing(from: [HTTPSource("https://fil.askia24.net")]) {
      if case .progress(let progress) = event { print(progress.done, "of", progress.total) }
    }
    let latest = replica.observe { (replica) throws(FilError) in try replica.articles() }
    for try await articles in latest { show(articles) }
  }

  @Test func `the example of the page compiles`() throws {
    let here = #filePath.split(separator: "/").dropLast()
    func text(_ path: String) throws -> String {
      let root = "/" + here.dropLast(2).joined(separator: "/")
      return String(decoding: try Files.read("\(root)/\(path)", atMost: 1 << 20), as: UTF8.self)
    }
    let page = try text("Client/README.md").split(separator: "## In C")[0]
    let block = page.split(separator: "\n").filter { $0.hasPrefix("    ") }
    let source = try text("Tests/FilClientTests/AsyncTests.swift")
    #expect(block.count == 7)
    for line in block where line != "    import FilClient" {
      #expect(source.contains(line), "\(line)")
    }
  }
}

@Suite(.timeLimit(.minutes(2)))
struct ObservationTests {
  private static func titles(_ replica: Replica) throws(FilError) -> [String] {
    try replica.articles().map(\.title)
  }

  @Test func `a query is told again when a sync changed its value, by whichever object`()
    async throws
  {
    let folder = try makeTemporaryFolder()
    defer { try? Files.removeTree(folder) }
    let feed = try MemoryFeed.sample(5)
    let source = try ServiceSource(feed, cache: folder + "/cache")
    let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
    let other = try Replica(path: replica.path)
    var news = News(seed: 3)
    var values = replica.observe(Self.titles).makeAsyncIterator()
    #expect(try await values.next() == [], "the value at once")
    for writer in [replica, other] {
      try writer.sync(from: source, .still)
      // A sync commits more than once; the last value comes, and none comes twice.
      var last: [String]?
      let wanted = try Self.titles(writer)
      while last != wanted {
        let next = try await values.next()
        #expect(next != nil && next != last)
        last = next
      }
      // A change that the query does not see is not told.
      try writer.setBudget(day: 1_000_000, month: nil)
      try feed.publish(&news)
      try feed.sign(time: 1_800_000_100 + feed.version)
    }
  }

  @Test func `an observation ends with its task, and a failing query fails it`() async throws {
    let folder = try makeTemporaryFolder()
    defer { try? Files.removeTree(folder) }
    let feed = try MemoryFeed.sample(1)
    let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
    let (seen, bell) = AsyncStream.makeStream(of: Int.self)
    let task = Task {
      var values = 0
      for try await value in replica.observe({ (replica) throws(FilError) in
        try replica.status().version
      }) {
        values += 1
        bell.yield(value)
      }
      return values
    }
    for await _ in seen { break }
    task.cancel()
    #expect(try await task.value == 1)
    var failing = replica.observe { (replica) throws(FilError) in
      var filter = Replica.Filter()
      filter.section = "nulle-part"
      return try replica.articles(filter).count
    }.makeAsyncIterator()
    await #expect(throws: FilError.notFound("section nulle-part")) { try await failing.next() }
  }
}
