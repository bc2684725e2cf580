internal import Database
internal import FilProtocol

extension Replica {
  /// Where a list by time was left, to go on with what is older.
  public struct Place: Sendable, Equatable {
    /// Seconds since 1970-01-01T00:00Z.
    public var published: Int
    public var number: Int

    public init(published: Int, number: Int) {
      self.published = published
      self.number = number
    }
  }

  /// Which articles to list.
  public struct Filter: Sendable {
    /// Of this section and those below it.
    public var section: String?
    public var tag: String?
    /// Of À la Une only.
    public var une = false
    /// With retractions in their place.
    public var retracted = true
    /// Published in these seconds since 1970-01-01T00:00Z.
    public var published: Range<Int>?
    /// Only what comes after this place in the list.
    public var before: Place?
    public var limit = 50
    public var offset = 0

    public init() {}
  }

  /// What lists by something else than time need.
  static let listings = Migration(
    "À la Une, corrections and retractions by time",
    """
    CREATE INDEX article_une ON article (published DESC, number DESC) WHERE kind = 1 AND flags & 2;
    CREATE INDEX article_by_update ON article (updated) WHERE updated IS NOT NULL;
    CREATE INDEX article_by_retraction ON article (retracted) WHERE retracted IS NOT NULL;
    """)

  /// Articles, newest first; those of a tag in the order of their numbers, the highest first.
  ///
  /// What a list costs depends on its length and its offset, never on how much the replica holds:
  /// page with `before` rather than with `offset`.
  ///
  /// - Throws: `notFound` for a section that the masthead does not have.
  public func articles(_ filter: Filter = Filter()) throws(FilError) -> [Article] {
    var sections: [String] = []
    if let section = filter.section {
      guard let masthead = try masthead(), masthead.sections.contains(where: { $0.slug == section })
      else { throw .notFound("section \(section)") }
      sections = masthead.subtree(of: section)
    }
    let statement = ListStatement(filter, sections)
    return try read { (connection) throws(DatabaseError) in
      try connection.query(statement.sql, with: statement.values) { row throws(DatabaseError) in
        Article(row.blob(0), shown: row.blobOrNil(1), body: nil)
      }.compactMap(\.self)
    }
  }

  /// How SQLite finds the articles of a list: its own words, for a test that nothing is sorted or
  /// scanned as a whole.
  package func plan(_ filter: Filter, sections: [String] = []) throws(FilError) -> [String] {
    let statement = ListStatement(filter, sections)
    return try read { (connection) throws(DatabaseError) in
      try connection.query("EXPLAIN QUERY PLAN " + statement.sql, with: statement.values) {
        $0.text(3)
      }
    }
  }

  /// Articles corrected since `time`, in seconds since 1970-01-01T00:00Z, the newest correction first.
  public func corrected(since time: Int, limit: Int = 50) throws(FilError) -> [Article] {
    try articles("updated >= ?1 AND kind = 1", by: "updated", time, limit)
  }

  /// Articles withdrawn since `time`, in seconds since 1970-01-01T00:00Z, the newest withdrawal first.
  public func retracted(since time: Int, limit: Int = 50) throws(FilError) -> [Article] {
    try articles("retracted >= ?1 AND kind = 2", by: "retracted", time, limit)
  }

  private func articles(
    _ condition: String, by column: String, _ time: Int, _ limit: Int
  ) throws(FilError) -> [Article] {
    try read { (connection) throws(DatabaseError) in
      try connection.query(
        "SELECT record, shown FROM article WHERE \(condition) ORDER BY \(column) DESC LIMIT ?2",
        Value(time), Value(limit)
      ) { row throws(DatabaseError) in
        Article(row.blob(0), shown: row.blobOrNil(1), body: nil)
      }.compactMap(\.self)
    }
  }

  /// Articles that share tags with article `number`, then others of its section, newest first.
  ///
  /// Of each tag, and of the section, the newest two hundred are looked at.
  public func related(to number: Int, limit: Int = 5) throws(FilError) -> [Article] {
    try read { (connection) throws(DatabaseError) in
      var shared: [Int: Int] = [:]
      let tags = try connection.query("SELECT tag FROM tag WHERE number = ?", Value(number)) {
        $0.text(0)
      }
      for tag in tags {
        let others = try connection.query(
          "SELECT number FROM tag WHERE tag = ? ORDER BY number DESC LIMIT 200", Value(tag)
        ) { $0.integer(0) }
        for other in others { shared[other, default: 0] += 1 }
      }
      let neighbours = try connection.query(
        """
        SELECT number FROM article WHERE section = (SELECT section FROM article WHERE number = ?)
        ORDER BY published DESC LIMIT 200
        """, Value(number)
      ) { $0.integer(0) }
      for other in neighbours { shared[other, default: 0] += 0 }
      shared[number] = nil
      // Numbers rise with time: the highest of those that share most are the ones to look up.
      let best = shared.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.prefix(limit + 20)
      var found: [(shared: Int, article: Article)] = []
      for (other, count) in best {
        let article = try connection.first(
          "SELECT record, shown FROM article WHERE number = ? AND kind = 1", Value(other)
        ) { row throws(DatabaseError) in
          Article(row.blob(0), shown: row.blobOrNil(1), body: nil)
        }
        if let article = article ?? nil { found.append((count, article)) }
      }
      return found.sorted {
        ($0.shared, $0.article.published, $0.article.number)
          > ($1.shared, $1.article.published, $1.article.number)
      }.prefix(limit).map(\.article)
    }
  }
}

/// The statement for a list, which names an index that has its order.
private struct ListStatement: Sendable {
  private(set) var sql = ""
  private(set) var values: [Value] = []

  init(_ filter: Replica.Filter, _ sections: [String]) {
    var conditions = [filter.retracted ? "kind IN (0, 1, 2)" : "kind = 1", "number > 0"]
    if filter.une { conditions.append("kind = 1 AND flags & 2") }
    if let range = filter.published {
      conditions.append(
        "published >= \(bind(Value(range.lowerBound))) AND published < \(bind(Value(range.upperBound)))"
      )
    }
    let limit = bind(Value(max(0, filter.limit)))
    let offset = bind(Value(max(0, filter.offset)))
    if let tag = filter.tag {
      if let place = filter.before {
        conditions.append("tag.number < \(bind(Value(place.number)))")
      }
      if !sections.isEmpty {
        conditions.append(
          "section IN (\(sections.map { bind(Value($0)) }.joined(separator: ", ")))")
      }
      conditions = conditions.map { $0 == "number > 0" ? "tag.number > 0" : $0 }
      sql = """
        SELECT record, shown FROM tag JOIN article USING (number)
        WHERE tag = \(bind(Value(tag))) AND \(conditions.joined(separator: " AND "))
        ORDER BY tag.number DESC LIMIT \(limit) OFFSET \(offset)
        """
      return
    }
    if let place = filter.before {
      conditions.append(
        "(published, number) < (\(bind(Value(place.published))), \(bind(Value(place.number))))")
    }
    let order = "ORDER BY published DESC, number DESC"
    let list = "FROM article WHERE \(conditions.joined(separator: " AND "))"
    guard !sections.isEmpty else {
      sql = "SELECT record, shown \(list) \(order) LIMIT \(limit) OFFSET \(offset)"
      return
    }
    // The newest of each section, by the index of sections, then the newest of those.
    let parts = sections.map {
      "SELECT * FROM (SELECT number, published, record, shown \(list) AND section = \(bind(Value($0))) "
        + "\(order) LIMIT \(limit) + \(offset))"
    }
    sql =
      "SELECT record, shown FROM (\(parts.joined(separator: " UNION ALL "))) \(order) "
      + "LIMIT \(limit) OFFSET \(offset)"
  }

  private mutating func bind(_ value: Value) -> String {
    values.append(value)
    return "?\(values.count)"
  }
}
