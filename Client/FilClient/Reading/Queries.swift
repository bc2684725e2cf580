internal import Database
public import FilProtocol
internal import Files
internal import Synchronization

extension Replica {
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

  /// What the feed says of itself; nil before the first sync.
  public func masthead() throws(FilError) -> Masthead? {
    try read { (connection) throws(DatabaseError) in try connection.masthead() }
  }

  /// How new what is held is: cheap enough to be asked with every page.
  public func freshness() throws(FilError) -> Freshness {
    try read { (connection) throws(DatabaseError) in
      let state = try ReplicaState(connection)
      return Freshness(
        version: state.version, signed: state.signed?.checkpoint.time, synced: state.synced)
    }
  }

  public func status() throws(FilError) -> ReplicaStatus {
    let spools = (try? spoolSizes()) ?? [:]
    let version = try dataVersion()
    let known = counted.withLock { $0?.dataVersion == version ? $0?.counts : nil }
    let (status, counts) = try read { (connection) throws(DatabaseError) in
      let state = try ReplicaState(connection)
      let open = try Transfer.all(connection)
      let choice = SectionChoice(text: state.sections)
      let wanted = (try? choice.selection(try connection.masthead())) ?? .all
      let counts = if let known { known } else { try ArticleCounts(connection, wanted) }
      let status = ReplicaStatus(
        origin: self.key.name, key: self.key.description, version: state.version,
        signed: state.signed?.checkpoint.time,
        articles: counts.articles, bodies: counts.bodies, missingBodies: counts.missingBodies,
        openWishes: counts.openWishes, choice: choice,
        oldest: max(1, state.floor * Limits.volume),
        spooled: open.reduce(0) { $0 + (spools[$1.id] ?? 0) },
        spoolTotal: open.reduce(0) { $0 + $1.total },
        bytesReceived: state.received, bytesSent: state.sent, synced: state.synced,
        source: state.source,
        pendingErasures: try connection.count("SELECT count(*) FROM erasure"),
        forks: try connection.count("SELECT count(*) FROM fork"))
      return (status, counts)
    }
    // Read after the version: at worst they are counted once more.
    counted.withLock { $0 = (version, counts) }
    return status
  }
}

/// The numbers of a status for which every article is looked at.
struct ArticleCounts: Sendable {
  var articles: Int
  var bodies: Int
  var missingBodies: Int
  var openWishes: Int

  init(_ connection: Connection, _ wanted: Selection) throws(DatabaseError) {
    articles = try connection.count("SELECT count(*) FROM article WHERE number > 0")
    bodies = try connection.count("SELECT count(*) FROM article WHERE kind = 1 AND shown = body")
    missingBodies = try connection.missingBodyCount(wanted)
    openWishes = try connection.openWishes().count
  }
}

extension Connection {
  fileprivate func count(_ sql: String) throws(DatabaseError) -> Int {
    try first(sql) { $0.integer(0) } ?? 0
  }
}
