import Database
import FilClient
import FilProtocol
import Files
import Glibc
import TestSupport
import Testing

/// What may be opened, and under which name.
struct OpeningTests {
  @Test func `a file of another program stays as it is, to the byte`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/notes.db"
      do {
        let notes = try Connection(path: path, mode: .create)
        try notes.script("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('à moi');")
      }
      let before = try Files.read(path, atMost: 1 << 20)
      let feed = try MemoryFeed.sample(1)
      for key in [nil, feed.key.verifier] {
        let error = #expect(throws: FilError.self) { try Replica(path: path, key: key) }
        #expect(error == .usage("\(path) is not a replica"))
      }
      #expect(try Files.read(path, atMost: 1 << 20) == before)
      #expect(try Files.list(folder).map(\.name) == ["notes.db"])
    }
  }

  @Test func `an empty file becomes a replica with a key only`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/empty.db"
      try Files.writeDurably(path, [])
      #expect(throws: FilError.notFound(path)) { try Replica(path: path) }
      #expect(try Files.read(path, atMost: 1) == [])
      let feed = try MemoryFeed.sample(2)
      let replica = try Replica(path: path, key: feed.key.verifier)
      try replica.sync(from: ServiceSource(feed, cache: folder + "/cache"), .still)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a link to a replica has its lock and its spool`() throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<12 { try feed.publish(&news, sentences: 16) }
      try feed.sign(time: 1_800_000_100)
      let link = folder + "/link.db"
      #expect(symlink(replica.path, link) == 0)
      let linked = try Replica(path: link)
      let source = try ServiceSource(feed, cache: folder + "/cache2") { request, _ in
        ServiceSource<MemoryFeed>.Fault(cut: request == 0 ? 2_000 : nil)
      }
      var options = SyncOptions.still
      options.patience = 1
      var other: FilError?
      _ = outcome(linked, from: source, options) { _ in
        other = outcome(replica, from: source, options).error
      }
      #expect(other == .busy)
      #expect(outcome(replica, from: source).report.complete)
      // What came by the link was not asked for again.
      #expect(source.rows.filter { $0.delivered > 0 }.map(\.start).contains(2_000))
      #expect(try Files.list(folder).allSatisfy { !$0.name.hasPrefix("link.db-") })
      try expectEqual(linked, feed)
    }
  }
}
