internal import Database
public import FilProtocol
internal import Files

extension Replica {
  /// Which articles to list.
  public struct Filter: Sendable {
    /// Of this section and those below it.
    public var section: String?
    public var tag: String?
    /// Of À la Une only.
    public var une = false
    /// With retractions in their place.
    public var retracted = true
    public var limit = 50
    public var offset = 0

    public init() {}
  }

  /// Articles, newest first.
  ///
  /// - Throws: `notFound` for a section that the masthead does not have.
  public func articles(_ filter: Filter = Filter()) throws(FilError) -> [Article] {
    var sections: [String] = []
    if let section = filter.section {
      guard let masthead = try masthead(), masthead.sections.contains(where: { $0.slug == section })
      else { throw .notFound("section \(section)") }
      sections = masthead.subtree(of: section)
    }
    let named = Value(sections.isEmpty ? nil : JSONText.array(sections))
    return try read { (connection) throws(DatabaseError) in
      try connection.query(
        """
        SELECT record, shown FROM article
        WHERE kind IN (0, 1, 2) AND number > 0
          AND (?1 IS NULL OR section IN (SELECT value FROM json_each(?1)))
          AND (?2 IS NULL OR number IN (SELECT number FROM tag WHERE tag = ?2))
          AND (?3 = 0 OR flags & 2) AND (?4 OR kind = 1)
        ORDER BY published DESC, number DESC LIMIT ?5 OFFSET ?6
        """, named, Value(filter.tag), Value(filter.une), Value(filter.retracted),
        Value(filter.limit), Value(filter.offset)
      ) { row throws(DatabaseError) in
        Article(row.blob(0), shown: row.blobOrNil(1), body: nil)
      }.compactMap(\.self)
    }
  }

  /// The article of that number with its text, as far as it is here; nil: there is none.
  public func article(_ number: Int) throws(FilError) -> Article? {
    try read { (connection) throws(DatabaseError) in
      try connection.first(
        """
        SELECT record, shown, text FROM article LEFT JOIN body ON hash = shown
        WHERE number = ? AND number > 0
        """, Value(number)
      ) { row throws(DatabaseError) in
        Article(row.blob(0), shown: row.blobOrNil(1), body: row.textOrNil(2))
      } ?? nil
    }
  }

  /// The record of that number, verbatim.
  public func record(_ number: Int) throws(FilError) -> [UInt8]? {
    try read { (connection) throws(DatabaseError) in
      try connection.first("SELECT record FROM article WHERE number = ?", Value(number)) {
        $0.blob(0)
      }
    }
  }

  /// Articles that share tags with article `number`, then others of its section, newest first.
  public func related(to number: Int, limit: Int = 5) throws(FilError) -> [Article] {
    try read { (connection) throws(DatabaseError) in
      try connection.query(
        """
        SELECT a.record, a.shown,
          (SELECT count(*) FROM tag t JOIN tag o USING (tag)
           WHERE t.number = ?1 AND o.number = a.number) AS shared
        FROM article a, article me
        WHERE me.number = ?1 AND a.kind = 1 AND a.number <> ?1
          AND (a.section = me.section
            OR a.number IN (SELECT o.number FROM tag t JOIN tag o USING (tag) WHERE t.number = ?1))
        ORDER BY shared DESC, a.published DESC LIMIT ?2
        """, Value(number), Value(limit)
      ) { row throws(DatabaseError) in
        Article(row.blob(0), shown: row.blobOrNil(1), body: nil)
      }.compactMap(\.self)
    }
  }

  /// Articles with all of these words, best first; accents and case do not matter.
  public func search(
    _ words: String, limit: Int = 20, offset: Int = 0
  ) throws(FilError) -> [SearchHit] {
    // Every word is quoted: what a person types is never a query language.
    let query = words.split(whereSeparator: \.isWhitespace)
      .map { "\"" + $0.split(separator: "\"").joined() + "\"" }
      .filter { $0.contains { $0.isLetter || $0.isNumber } }.joined(separator: " ")
    guard !query.isEmpty else { return [] }
    return try read { (connection) throws(DatabaseError) in
      try connection.query(
        """
        SELECT record, shown, snippet(search, -1, char(1), char(2), '…', 24)
        FROM search JOIN article ON number = search.rowid
        WHERE search MATCH ? ORDER BY bm25(search, 10.0, 4.0, 1.0), published DESC LIMIT ? OFFSET ?
        """, Value(query), Value(limit), Value(offset)
      ) { row throws(DatabaseError) -> SearchHit? in
        guard let article = Article(row.blob(0), shown: row.blobOrNil(1), body: nil) else {
          return nil
        }
        return SearchHit(article: article, snippet: SearchHit.runs(row.text(2)))
      }.compactMap(\.self)
    }
  }

  /// What the feed says of itself; nil before the first sync.
  public func masthead() throws(FilError) -> Masthead? {
    try read { (connection) throws(DatabaseError) in try connection.masthead() }
  }

  public func status() throws(FilError) -> ReplicaStatus {
    let spools = (try? spoolSizes()) ?? [:]
    return try read { (connection) throws(DatabaseError) in
      let state = try ReplicaState(connection)
      let open = try Transfer.all(connection)
      let choice = SectionChoice(text: state.sections)
      let wanted = (try? choice.selection(try connection.masthead())) ?? .all
      func count(_ sql: String) throws(DatabaseError) -> Int {
        try connection.first(sql) { $0.integer(0) } ?? 0
      }
      return ReplicaStatus(
        origin: self.key.name, key: self.key.description, version: state.version,
        signed: state.signed?.checkpoint.time,
        articles: try count("SELECT count(*) FROM article WHERE number > 0"),
        bodies: try count("SELECT count(*) FROM article WHERE kind = 1 AND shown = body"),
        missingBodies: try connection.missingBodies(wanted).count,
        openWishes: try connection.openWishes().count, choice: choice,
        oldest: max(1, state.floor * Limits.volume),
        spooled: open.reduce(0) { $0 + (spools[$1.id] ?? 0) },
        spoolTotal: open.reduce(0) { $0 + $1.total },
        bytesReceived: state.received, bytesSent: state.sent, synced: state.synced,
        source: state.source, pendingErasures: try count("SELECT count(*) FROM erasure"),
        forks: try count("SELECT count(*) FROM fork"))
    }
  }
}

extension SearchHit {
  /// Cuts a snippet at its marks.
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
