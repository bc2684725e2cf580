import Database
import FilClient
import FilProtocol
import FilSource
import Files
import TestSupport
import Testing

/// The card rots: `verify` names the place, `repair` and a sync make it whole for few bytes.
struct DamageTests {
  /// What is done to the file, and what `verify` says of it.
  struct Damage: Sendable, CustomTestStringConvertible {
    var sql: String
    var place: String
    /// What the repair may fetch; nil: nothing but the poll.
    var fetches: String?

    var testDescription: String { sql }
  }

  static let damages = [
    Damage(
      sql: "UPDATE article SET record = CAST(substr(record, 1, 40) || x'41' || substr(record, 42)"
        + " AS BLOB)"
        + " WHERE number = 7", place: "volume 0", fetches: "/volume/0/"),
    Damage(
      sql: "UPDATE article SET record = x'00' WHERE number = 270", place: "volume 1",
      fetches: "/volume/1/"),
    Damage(
      sql: "UPDATE article SET record = x'00' WHERE number = 0", place: "volume 0",
      fetches: "/volume/0/"),
    Damage(sql: "DELETE FROM article WHERE number = 9", place: "volume 0", fetches: "/volume/0/"),
    Damage(
      sql: "UPDATE body SET text = 'x' || substr(text, 2)"
        + " WHERE hash = (SELECT body FROM article WHERE number = 12)", place: "body 12",
      fetches: "/body/"),
    Damage(
      sql: "DELETE FROM body WHERE hash = (SELECT body FROM article WHERE number = 12)",
      place: "body 12", fetches: "/body/"),
    Damage(sql: "UPDATE volume SET digest = zeroblob(32) WHERE volume = 1", place: "checkpoint"),
    Damage(sql: "DELETE FROM volume WHERE volume = 1", place: "checkpoint"),
    Damage(
      sql:
        "UPDATE replica SET note = CAST(substr(note, 1, 90) || x'30' || substr(note, 92) AS BLOB)",
      place: "checkpoint"),
    Damage(sql: "UPDATE replica SET highest = substr(highest, 2)", place: "checkpoint"),
    Damage(
      sql: "INSERT INTO search (search, rowid, title, summary, body)"
        + " SELECT 'delete', number, title, summary, body FROM article_text WHERE number = 4",
      place: "search index"),
    Damage(sql: "UPDATE article SET title = 'Faux' WHERE number = 4", place: "columns of 4"),
    Damage(sql: "UPDATE article SET author = 'Faux' WHERE number = 4", place: "columns of 4"),
    Damage(sql: "UPDATE article SET kind = 2 WHERE number = 4", place: "columns of 4"),
    Damage(sql: "UPDATE article SET length = 0 WHERE number = 4", place: "columns of 4"),
    Damage(sql: "UPDATE article SET tags = '[' WHERE number = 4", place: "columns of 4"),
    Damage(sql: "DELETE FROM tag WHERE number = 4", place: "tags of 4"),
    Damage(sql: "INSERT INTO tag VALUES ('faux', 4)", place: "tags of 4"),
    Damage(
      sql: "INSERT INTO article (number, version, kind, erased, record)"
        + " VALUES (700, 5, 1, 0, x'00')", place: "article 700"),
  ]

  @Test(arguments: damages)
  func `damage is named and repaired`(damage: Damage) throws {
    try StepTests.withReplica(300) { folder, feed, replica in
      try tamper(replica.path, damage.sql)
      #expect(try replica.verify().damage.contains(damage.place))
      #expect(try replica.verify(repair: true).damage.contains(damage.place))
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete, "\(String(describing: error))")
      for row in source.rows {
        let isPoll = row.path.contains("/sync/")
        #expect(isPoll || damage.fetches.map { row.path.contains($0) } ?? false, "\(row.path)")
      }
      #expect(source.rows.reduce(0) { $0 + $1.delivered } < 40_000)
      try expectEqual(replica, feed)
      #expect(try replica.verify().isSound)
    }
  }

  @Test func `a head that cannot be proven is fetched again, without the texts`() throws {
    try StepTests.withReplica(60) { folder, feed, replica in
      try tamper(replica.path, "UPDATE replica SET note = x'00', highest = x'00'")
      #expect(try replica.verify(repair: true).damage.contains("checkpoint"))
      #expect(try replica.articles().isEmpty)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete && report.bodies == 0)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a volume that the source has no more is compared with its head`() throws {
    try StepTests.withReplica(300) { folder, feed, replica in
      try tamper(replica.path, "UPDATE article SET record = x'00' WHERE number = 7")
      _ = try replica.verify(repair: true)
      try feed.retract(8, erasing: true)
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache2")
      let (report, error) = outcome(replica, from: source)
      #expect(error == nil && report.complete, "\(String(describing: error))")
      try expectEqual(replica, feed)
    }
  }

  /// Records and texts are what a delta builds on: where they rot, no source is to blame.
  @Test(arguments: [
    "UPDATE body SET text = 'x' || substr(text, 2)",
    "UPDATE article SET record = CAST(substr(record, 1, 40) || x'41' || substr(record, 42)"
      + " AS BLOB)"
      + " WHERE number > 20",
    "UPDATE volume SET digest = zeroblob(32)",
  ])
  func `a damaged context is local damage`(sql: String) throws {
    try StepTests.withReplica(300) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<8 { try feed.publish(&news) }
      try feed.correct(290, &news)
      try feed.sign(time: 1_800_000_100)
      try tamper(replica.path, sql)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let (_, error) = outcome(replica, from: source)
      guard case .damaged? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(source.rows.count == 1)
      #expect(error?.status == 6)
      #expect(try replica.verify(repair: true).isSound == false)
      let (report, second) = outcome(replica, from: source)
      #expect(second == nil && report.complete, "\(String(describing: second))")
      try expectEqual(replica, feed)
    }
  }

  @Test func `a spool that rots is asked for from the damaged place on`() throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<30 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let cache = folder + "/cache"
      let size = try DeltaRenderer(feed, from: 41, to: feed.version, selection: .all, floor: 0)
        .render().count
      let base = folder + "/base.db"
      let cut = try ServiceSource(feed, cache: cache) { request, _ in
        var fault = ServiceSource<MemoryFeed>.Fault(cut: size * 3 / 4)
        fault.dead = request > 0
        return fault
      }
      _ = outcome(replica, from: cut)
      try photograph(replica.path, to: base)
      for place in stride(from: 0, to: size * 3 / 4, by: size / 12) {
        let path = "\(folder)/\(place).db"
        try photograph(base, to: path)
        let spool = try files(of: path).first { $0.contains("-spool-") }
        var bytes = try Files.read(spool ?? "", atMost: 1 << 20)
        bytes[place] ^= 4
        try Files.writeDurably(spool ?? "", bytes)
        let damaged = try Replica(path: path)
        let source = try ServiceSource(feed, cache: cache)
        let (report, error) = outcome(damaged, from: source)
        #expect(error == nil && report.complete, "\(place): \(String(describing: error))")
        let delivered = source.rows.reduce(0) { $0 + $1.delivered }
        #expect(delivered <= size - place + 4_000 || place < 600, "\(place) of \(size)")
        try expectEqual(damaged, feed)
      }
    }
  }

  @Test func `superseded records that rot are named`() throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for number in 1...30 { try feed.correct(number, &news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let size = try DeltaRenderer(feed, from: 41, to: feed.version, selection: .all, floor: 0)
        .render().count
      let budget = size * 4 / 5 + 701
      #expect(outcome(replica, from: source, .still(budget: budget)).error == .budgetSpent)
      try tamper(replica.path, "UPDATE superseded SET record = x'00' WHERE number = 9")
      #expect(try replica.verify().damage == ["superseded 9"])
      _ = try replica.verify(repair: true)
      #expect(outcome(replica, from: source).error == nil)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a verification in the middle of a delta finds no damage`() throws {
    try StepTests.withReplica(300) { folder, feed, replica in
      var news = News(seed: 3)
      for number in 1...300 where number % 2 == 0 {
        try feed.correct(number, &news, erasing: number % 10 == 0)
      }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      var middle = 0
      _ = outcome(replica, from: source) { progress in
        guard let found = try? replica.verify() else { return }
        #expect(found.isSound, "\(found.damage)")
        if progress.headlines > 0 { middle += 1 }
      }
      #expect(middle > 3)
      try expectEqual(replica, feed)
    }
  }

  @Test func `a full or locked disk drops nothing`() throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<20 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      // Another program cannot be told from a full disk here: the write fails in the middle.
      try tamper(
        replica.path,
        "CREATE TRIGGER full BEFORE INSERT ON body BEGIN SELECT raise(ABORT, 'full'); END")
      guard case .database? = outcome(replica, from: source).error else {
        Issue.record("it did not fail")
        return
      }
      let spooled = try replica.status().spooled
      #expect(spooled > 0)
      try tamper(replica.path, "DROP TRIGGER full")
      let before = source.rows.reduce(0) { $0 + $1.delivered }
      #expect(outcome(replica, from: source).error == nil)
      let whole = try DeltaRenderer(feed, from: 41, to: feed.version, selection: .all, floor: 0)
        .render().count
      let after = source.rows.filter { !$0.path.contains("/none/") }.reduce(0) { $0 + $1.delivered }
      #expect(before <= whole && after == whole)
      try expectEqual(replica, feed)
    }
  }
}
