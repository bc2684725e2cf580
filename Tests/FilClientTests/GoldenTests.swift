import Database
import FilClient
import FilProtocol
import FilSource
import Files
import Foundation
import TestSupport
import Testing

/// Replicas as earlier programs left them: each opens, is brought to today's schema, and goes on.
struct GoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Replicas").path()

  /// One dump per schema, kept for ever.
  static let dumps = (try? Files.list(folder))?.map(\.name).filter { $0.hasSuffix(".sql") }.sorted()

  /// The feed of the kept replicas, which must stay what it is: nothing in it is made by chance.
  ///
  /// Two articles in two sections, one corrected, one retracted; `later` adds what a replica that was
  /// made before has not seen.
  private static func feed(later: Bool) throws -> MemoryFeed {
    let feed = MemoryFeed(origin: "ancien.example/fil", seed: 11)
    try feed.append(
      .masthead(
        Masthead(
          name: "Le Fil d'hier",
          sections: [
            Masthead.Section(slug: "societe", title: "Société"),
            Masthead.Section(slug: "sante", title: "Santé", parent: "societe"),
          ])), number: 0)
    for (number, title) in ["Le puits", "Le marché", "L'école", "La digue"].enumerated() {
      try write(feed, number + 1, title, "Un article d'essai, le numéro \(number + 1).")
    }
    try write(
      feed, 2, "Le marché de Gao", "Un article d'essai, corrigé : sécurité.", isCorrected: true)
    try feed.append(
      .retraction(Retraction(published: 1_700_010_800, time: 1_700_100_000, reason: "doublon")),
      number: 3)
    try feed.sign(time: 1_700_200_000)
    guard later else { return feed }
    try write(feed, 5, "Le bac", "Le bac est réparé.")
    try write(feed, 1, "Le puits neuf", "Le puits est profond.", isCorrected: true)
    try feed.sign(time: 1_700_300_000)
    return feed
  }

  private static func write(
    _ feed: MemoryFeed, _ number: Int, _ title: String, _ text: String, isCorrected: Bool = false
  ) throws {
    let body = Array("\(text)\n\nEt *encore* une phrase, pour **\(title)**.".utf8)
    var headline = Headline(
      published: 1_700_000_000 + number * 3_600, title: title, summary: text,
      section: number == 4 ? "sante" : "societe", tags: ["essai", "n\(number)"],
      author: "Rédaction",
      flags: number == 4 ? .une : [], body: BodyHash(of: body), length: body.count)
    if isCorrected {
      headline.updated = 1_700_050_000
      headline.note = "précisé"
    }
    try feed.append(.headline(headline), number: number, body: body)
  }

  /// The replica that a dump is of, in a file.
  private static func restore(_ dump: String, at path: String) throws {
    let sql = String(decoding: try Files.read("\(folder)/\(dump)", atMost: 1 << 24), as: UTF8.self)
    try Connection(path: path, mode: .create).script(sql)
  }

  @Test(arguments: try #require(GoldenTests.dumps))
  func `a replica of an earlier schema opens, is sound, and syncs on`(dump: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/hier.db"
      try Self.restore(dump, at: path)
      let old = try Connection(path: path, mode: .readOnly).userVersion()
      #expect(dump == "schema-\(old).sql", "its name says which")
      let replica = try Replica(path: path)
      let status = try replica.status()
      #expect(status.origin == "ancien.example/fil" && status.version == 7 && status.isComplete)
      #expect(try replica.verify().damage == [])
      #expect(
        try replica.articles().map(\.title) == ["La digue", "", "Le marché de Gao", "Le puits"])
      #expect(try replica.search("securite").map(\.article.number) == [2])
      #expect(try replica.article(2)?.note == "précisé")
      #expect(try replica.article(3)?.reason == "doublon")
      let feed = try Self.feed(later: true)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let report = try replica.sync(from: source, .still)
      #expect(report.complete && report.from == 7 && report.requests == 1, "with a delta")
      try expectEqual(replica, feed)
    }
  }

  @Test func `every schema there was has its replica`() throws {
    try withTemporaryFolder { folder in
      let replica = try Replica(
        path: folder + "/neuf.db", key: Self.feed(later: false).key.verifier)
      let today = try Connection(path: replica.path, mode: .readOnly).userVersion()
      // A new schema: see Tests/Replicas/README.md.
      #expect(Self.dumps == (1...today).map { "schema-\($0).sql" })
    }
  }

  @Test func `a replica of a newer program is refused and left as it is`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/demain.db"
      try Self.restore(try #require(Self.dumps?.last), at: path)
      try tamper(path, "PRAGMA journal_mode = WAL; PRAGMA user_version = 1000")
      let before = try Files.read(path, atMost: 1 << 24)
      #expect {
        try Replica(path: path)
      } throws: { error in
        guard case .database(let error)? = error as? FilError else { return false }
        return error.isNewer
      }
      #expect(try Files.read(path, atMost: 1 << 24) == before)
    }
  }

  /// Makes the replica that is to be kept for today's schema: `Tests/Replicas/README.md`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["FIL_KEEP_REPLICA"] != nil))
  func `the replica to be kept is made`() throws {
    let path = try #require(ProcessInfo.processInfo.environment["FIL_KEEP_REPLICA"])
    try withTemporaryFolder { folder in
      let feed = try Self.feed(later: false)
      let replica = try Replica(path: path, key: feed.key.verifier)
      try replica.sync(from: ServiceSource(feed, cache: folder + "/cache"), .still)
      #expect(try replica.verify().isSound)
    }
  }
}
