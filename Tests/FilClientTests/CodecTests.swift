import FilClient
import FilProtocol
import FilSource
import TestSupport
import Testing

/// A replica that reads codec 2, from sources that have it or not, with a context that is whole or not.
struct CodecTests {
  private static var text: SyncOptions {
    var options = SyncOptions.still
    options.codec = .text
    return options
  }

  private static func publish(_ feed: MemoryFeed) throws {
    var news = News(seed: 3)
    for _ in 0..<6 { try feed.publish(&news) }
    try feed.correct(5, &news)
    try feed.sign(time: 1_800_000_100)
  }

  @Test func `codec 2 is asked for by name, and its objects are read`() throws {
    try StepTests.withReplica(20, Self.text) { folder, feed, replica in
      try Self.publish(feed)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let (report, error) = outcome(replica, from: source, Self.text)
      #expect(error == nil && report.complete)
      #expect(source.rows.map(\.path) == ["/fil/v1/sync/21/all.c2/0"])
      try expectEqual(replica, feed)
    }
  }

  @Test func `a source without codec 2 is asked for codec 1`() throws {
    try StepTests.withReplica(20, Self.text) { folder, feed, replica in
      try Self.publish(feed)
      let source = try ServiceSource(feed, cache: folder + "/cache") { _, request in
        var fault = ServiceSource<MemoryFeed>.Fault()
        if request.path.contains(".c2") { fault.head = { $0.status = 404 } }
        return fault
      }
      let (report, error) = outcome(replica, from: source, Self.text)
      #expect(error == nil && report.complete, "\(String(describing: error))")
      #expect(source.rows.map(\.path) == ["/fil/v1/sync/21/all.c2/0", "/fil/v1/sync/21/all/0"])
      try expectEqual(replica, feed)
    }
  }

  @Test func `a replica with holes asks for what needs no context`() throws {
    try StepTests.withReplica(20, Self.text) { folder, feed, replica in
      try Self.publish(feed)
      try tamper(
        replica.path,
        "DELETE FROM body WHERE hash = (SELECT body FROM article WHERE number = 12)")
      #expect(try replica.verify(repair: true).damage.contains("body 12"))
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let (report, error) = outcome(replica, from: source, Self.text)
      #expect(error == nil && report.complete, "\(String(describing: error))")
      #expect(source.rows.first?.path == "/fil/v1/sync/21/all.bare.c2/0")
      try expectEqual(replica, feed)
    }
  }

  /// The object was begun when its context was whole: what it brought stays, the rest comes without it.
  @Test func `a context that is lost on the way costs no headline again`() throws {
    try StepTests.withReplica(20, Self.text) { folder, feed, replica in
      try Self.publish(feed)
      let size = try DeltaRenderer(
        feed, from: 21, to: feed.version, selection: .all.coded(.text), floor: 0
      ).render().count
      let cut = try ServiceSource(feed, cache: folder + "/cache") { request, _ in
        var fault = ServiceSource<MemoryFeed>.Fault(cut: size * 3 / 4)
        fault.dead = request > 0
        return fault
      }
      let (first, _) = outcome(replica, from: cut, Self.text)
      #expect(first.headlines == 7 && !first.complete)
      try tamper(
        replica.path,
        "DELETE FROM body WHERE hash = (SELECT body FROM article WHERE number = 12)")
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let (report, error) = outcome(replica, from: source, Self.text)
      #expect(error == nil && report.complete, "\(String(describing: error))")
      #expect(report.headlines == 0)
      try expectEqual(replica, feed)
    }
  }
}
