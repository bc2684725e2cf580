internal import Database

/// An article that a search found.
public struct SearchHit: Sendable {
  /// A piece of text around the words, in runs; those that match are marked.
  public struct Run: Sendable, Equatable {
    public let text: String
    public let isMatch: Bool
  }

  public let article: Article
  /// The title, with the words marked.
  public let title: [Run]
  public let snippet: [Run]
}

extension Replica {
  /// How many matches are ranked: the newest so many.
  public static let ranked = 2_000

  /// Articles with all of these words, best first; accents and case do not matter.
  ///
  /// The first twelve different words count. Of words that stand in more than ``ranked`` articles, the
  /// newest so many are ranked; the others are not found.
  public func search(
    _ words: String, limit: Int = 20, offset: Int = 0
  ) throws(FilError) -> [SearchHit] {
    guard let query = SearchHit.query(words) else { return [] }
    return try read { (connection) throws(DatabaseError) in
      let numbers = try connection.query(
        """
        SELECT number FROM (
          SELECT rowid AS number, bm25(search, 10.0, 4.0, 1.0) AS score FROM search
          WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT \(Replica.ranked))
        ORDER BY score, number DESC LIMIT ?2 OFFSET ?3
        """, Value(query), Value(limit), Value(offset)
      ) { $0.integer(0) }
      var hits: [SearchHit] = []
      for number in numbers {
        let hit = try connection.first(
          """
          SELECT record, shown, highlight(search, 0, char(1), char(2)),
            snippet(search, -1, char(1), char(2), '…', 24)
          FROM search JOIN article ON number = search.rowid
          WHERE search MATCH ? AND search.rowid = ?
          """, Value(query), Value(number)
        ) { row throws(DatabaseError) -> SearchHit? in
          guard let article = Article(row.blob(0), shown: row.blobOrNil(1), body: nil) else {
            return nil
          }
          return SearchHit(
            article: article, title: SearchHit.runs(row.text(2)),
            snippet: SearchHit.runs(row.text(3)))
        }
        if let hit = hit ?? nil { hits.append(hit) }
      }
      return hits
    }
  }

  /// How many articles have all of these words, counted up to one more than ``ranked``.
  public func searchCount(_ words: String) throws(FilError) -> Int {
    guard let query = SearchHit.query(words) else { return 0 }
    return try read { (connection) throws(DatabaseError) in
      try connection.first(
        """
        SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT \(Replica.ranked + 1))
        """, Value(query)
      ) { $0.integer(0) } ?? 0
    }
  }
}

extension SearchHit {
  /// How many words are looked for: each costs a walk through the index.
  private static let words = 12

  /// Every word is quoted: what a person types is never a query language.
  fileprivate static func query(_ words: String) -> String? {
    var seen: Set<String> = []
    let query = words.split(whereSeparator: \.isWhitespace)
      .map { "\"" + $0.split(separator: "\"").joined() + "\"" }
      .filter { $0.contains { $0.isLetter || $0.isNumber } }
      .filter { seen.insert($0.lowercased()).inserted }
      .prefix(SearchHit.words).joined(separator: " ")
    return query.isEmpty ? nil : query
  }

  /// Cuts a text at its marks.
  static func runs(_ text: String) -> [Run] {
    var runs: [Run] = []
    for (place, part) in text.split(separator: "\u{1}", omittingEmptySubsequences: false)
      .enumerated()
    {
      let halves = part.split(separator: "\u{2}", maxSplits: 1, omittingEmptySubsequences: false)
      if place > 0, let match = halves.first {
        runs.append(Run(text: String(match), isMatch: true))
      }
      if let rest = place > 0 ? halves.dropFirst().first : part, !rest.isEmpty {
        runs.append(Run(text: String(rest), isMatch: false))
      }
    }
    return runs
  }
}
