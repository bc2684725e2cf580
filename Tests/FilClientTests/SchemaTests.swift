import Database
import FilClient
import FilProtocol
import FilSource
import Files
import Foundation
import TestSupport
import Testing

/// `Client/SCHEMA.md` against a replica: other programs rely on it.
struct SchemaTests {
  private static let page =
    (try? String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Client/SCHEMA.md"), encoding: .utf8)) ?? ""

  /// What stands in the fences of kind sql.
  static let queries = page.components(separatedBy: "```sql\n").dropFirst().map {
    $0.components(separatedBy: "```")[0]
  }

  /// Table and column, as the page's table has them.
  static let columns: [(String, String)] = {
    var table = ""
    var found: [(String, String)] = []
    for line in page.components(separatedBy: "\n") where line.hasPrefix("| ") {
      let cells = line.components(separatedBy: " | ")
      let names = cells.map { cell in
        cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      }
      guard names.count == 3, !names[1].isEmpty else { continue }
      table = names[0].first ?? table
      found += names[1].map { (table, $0) }
    }
    return found
  }()

  /// A file with all that the queries ask for, read as other programs do.
  private func withFile(_ body: (Connection, MemoryFeed) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(40)
      var news = News(seed: 4)
      try feed.correct(3, &news)
      try feed.retract(7)
      var headline = try #require(feed.record(9, asOf: feed.version)?.headline)
      headline.title = "Sécurité au marché"
      headline.section = "societe"
      try feed.append(.headline(headline), number: 9)
      try feed.sign(time: 1_800_000_100)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      try replica.sync(from: ServiceSource(feed, cache: folder + "/cache"), .still)
      try body(try Connection(path: replica.path, mode: .readOnly), feed)
    }
  }

  @Test func `every promised column is there`() throws {
    #expect(Self.columns.count > 30)
    try withFile { file, _ in
      for (table, column) in Self.columns {
        #expect(throws: Never.self, "\(table).\(column)") {
          _ = try file.first("SELECT \"\(table)\".\(column) FROM \"\(table)\"") { $0.isNull(0) }
        }
      }
    }
  }

  @Test(arguments: queries)
  func `every query of the page finds something`(sql: String) throws {
    try withFile { file, _ in
      let rows = try file.query(sql) { row in (0..<row.count).count { !row.isNull($0) } }
      #expect(!rows.isEmpty && rows.allSatisfy { $0 > 0 })
    }
  }

  @Test func `the columns say what the page says`() throws {
    try withFile { file, feed in
      let wanted = [
        ("SELECT origin FROM replica", feed.origin),
        ("SELECT version FROM replica", "\(feed.version)"),
        ("SELECT kind FROM article WHERE number = 0", "3"),
        ("SELECT kind || reason FROM article WHERE number = 7", "2retiré"),
        ("SELECT title IS NULL AND section IS NULL FROM article WHERE number = 7", "1"),
        ("SELECT retracted > published FROM article WHERE number = 7", "1"),
        ("SELECT (updated - published) || note FROM article WHERE number = 3", "60corrigé"),
        ("SELECT count(*) FROM article WHERE kind = 1 AND shown IS NOT body", "0"),
        (
          """
          SELECT count(*) FROM article_text t JOIN article a USING (number)
          WHERE length(CAST(t.body AS BLOB)) <> a.length
          """, "0"
        ),
        (
          """
          SELECT count(*) FROM article a, json_each(a.tags)
          WHERE NOT EXISTS (SELECT 1 FROM tag t WHERE t.tag = value AND t.number = a.number)
          """, "0"
        ),
        ("SELECT rowid FROM search WHERE search MATCH 'SECURITE marche'", "9"),
      ]
      for (sql, value) in wanted {
        let found = try file.first(sql) { $0.text(0) }
        #expect(found == value, "\(sql)")
      }
    }
  }

  @Test func `a reader with plain SQLite sees whole articles during a sync`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(120)
      let replica = try Replica(path: folder + "/replica.db", key: feed.key.verifier)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let file = try Connection(path: replica.path, mode: .readOnly)
      var counts: Set<Int> = []
      let (report, error) = outcome(replica, from: source) { _ in
        let torn = try? file.query(
          """
          SELECT count(*), sum(length(CAST(text AS BLOB)) <> length) FROM article
          LEFT JOIN body ON hash = shown WHERE kind = 1
          """
        ) { ($0.integer(0), $0.integer(1)) }
        #expect(torn?.first?.1 == 0)
        counts.insert(torn?.first?.0 ?? -1)
      }
      #expect(error == nil && report.complete)
      #expect(counts.count > 1 && !counts.contains(-1), "it read while articles came: \(counts)")
    }
  }
}
