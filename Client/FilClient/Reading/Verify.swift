internal import Database
internal import FilProtocol

/// What a verification found.
public struct Verification: Sendable {
  public var version = 0
  public var records = 0
  public var bodies = 0
  /// What differs from what the newsroom signed, such as `volume 3` or `body 812`; empty: nothing.
  public var damage: [String] = []
  /// Everything held is what the newsroom signed.
  public var isSound: Bool { damage.isEmpty }

  public init() {}
}

extension Replica {
  /// Hashes everything that is held, and compares it with the signed checkpoint that is held.
  ///
  /// - Parameter repair: what differs is forgotten, so that the next sync fetches it again, and what
  ///   can be made again from the rest, such as the search index, is made again.
  public func verify(repair: Bool = false) throws(FilError) -> Verification {
    try write { (connection) throws(FilError) in
      do throws(DatabaseError) {
        return try connection.transaction { () throws(DatabaseError) in
          var check = try ReplicaCheck(connection, self.key, repair: repair)
          try check.run()
          return check.found
        }
      } catch { throw .database(error) }
    }
  }
}

/// One verification, in one transaction.
private struct ReplicaCheck {
  let connection: Connection
  let key: VerifierKey
  let repair: Bool
  let state: ReplicaState
  var found = Verification()

  init(_ connection: Connection, _ key: VerifierKey, repair: Bool) throws(DatabaseError) {
    self.connection = connection
    self.key = key
    self.repair = repair
    state = try ReplicaState(connection)
    found.version = state.version
  }

  mutating func run() throws(DatabaseError) {
    guard state.version > 0 else { return }
    try checkHead()
    try checkRecords()
    try checkBodies()
    try checkColumns()
    do throws(DatabaseError) {
      try connection.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    } catch {
      guard error.isDamage else { throw error }
      found.damage.append("search index")
    }
    guard repair, !found.isSound else { return }
    try connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
    try connection.execute("UPDATE replica SET bodies_at = NULL")
  }

  private mutating func checkHead() throws(DatabaseError) {
    let digests = try connection.query("SELECT digest FROM volume ORDER BY volume") {
      Digest(bytes: $0.blob(0))
    }
    let keys = [key] + (try connection.masthead()?.keys ?? [])
    guard let signed = state.signed,
      let head = try? signed.verified(origin: key.name, keys: keys),
      head.version == state.version, digests.count == head.volumes,
      !digests.contains(nil), Merkle.root(digests.compactMap(\.self)) == head.stateRoot
    else {
      found.damage.append("checkpoint")
      // Without a head nothing is proven: the next sync compares everything anew.
      if repair { try forgetState() }
      return
    }
  }

  private func forgetState() throws(DatabaseError) {
    try connection.script(
      """
      DELETE FROM article; DELETE FROM tag; DELETE FROM superseded; DELETE FROM volume;
      DELETE FROM transfer; DELETE FROM body;
      UPDATE replica SET version = 0, note = NULL, bodies_at = 0, floor = 0, path = x'';
      """)
  }

  private mutating func checkRecords() throws(DatabaseError) {
    let volumes = try connection.query("SELECT volume, digest FROM volume ORDER BY volume") {
      row throws(DatabaseError) in (row.integer(0), row.blob(1))
    }
    for (volume, digest) in volumes {
      let records = try? StoredFeed(connection: connection).records(
        ofVolume: volume, asOf: state.version)
      let root: Digest?
      if volume >= state.floor {
        root = records.map { Merkle.root($0.map(\.leaf)) }
        found.records += records?.count ?? 0
      } else if volume == 0 {
        root = records?.first.map { Merkle.root(first: $0.leaf, path: state.mastheadPath) }
        found.records += 1
      } else {
        continue
      }
      guard root?.bytes != digest else { continue }
      found.damage.append("volume \(volume)")
      if repair { try forget(volume) }
    }
  }

  /// Forgets the records of `volume` and its digest: the next sync sees that it differs.
  private func forget(_ volume: Int) throws(DatabaseError) {
    let first = Value(volume * Limits.volume)
    let last = Value(volume * Limits.volume + Limits.volume - 1)
    try connection.execute("DELETE FROM article WHERE number BETWEEN ? AND ?", first, last)
    try connection.execute("DELETE FROM tag WHERE number BETWEEN ? AND ?", first, last)
    try connection.execute("DELETE FROM superseded WHERE number BETWEEN ? AND ?", first, last)
    try connection.execute("DELETE FROM transfer")
    try connection.execute(
      "INSERT OR REPLACE INTO damaged (volume) VALUES (?)", Value(volume))
  }

  private mutating func checkBodies() throws(DatabaseError) {
    var wrong: [[UInt8]] = []
    var count = 0
    try connection.forEach("SELECT hash, text FROM body") { row throws(DatabaseError) in
      count += 1
      if BodyHash(of: Array(row.text(1).utf8)).bytes != row.blob(0) { wrong.append(row.blob(0)) }
      return true
    }
    found.bodies = count
    for hash in wrong {
      let numbers = try connection.query("SELECT number FROM article WHERE shown = ?", Value(hash)) {
        $0.integer(0)
      }
      found.damage += numbers.isEmpty ? ["body \(Hex.encode(hash))"] : numbers.map { "body \($0)" }
      guard repair else { continue }
      try connection.execute("UPDATE article SET shown = NULL WHERE shown = ?", Value(hash))
      try connection.execute("DELETE FROM body WHERE hash = ?", Value(hash))
    }
    let lost = try connection.query(
      "SELECT number FROM article WHERE shown IS NOT NULL AND shown NOT IN (SELECT hash FROM body)"
    ) { $0.integer(0) }
    found.damage += lost.map { "body \($0)" }
    guard repair, !lost.isEmpty else { return }
    try connection.execute(
      """
      UPDATE article SET shown = NULL
      WHERE shown IS NOT NULL AND shown NOT IN (SELECT hash FROM body)
      """)
  }

  /// Whether the columns that plain SQL readers use say what the records say.
  private mutating func checkColumns() throws(DatabaseError) {
    var wrong: [Int] = []
    try connection.forEach(
      """
      SELECT number, version, record, title, summary, section, published, body, reason, flags
      FROM article
      """
    ) { row throws(DatabaseError) in
      guard let record = try? Record(decoding: row.blob(2)) else { return true }
      let headline = record.headline
      var reason: String?
      var published = headline?.published
      if case .retraction(let retraction) = record.content {
        reason = retraction.reason
        published = retraction.published
      }
      let same =
        record.number == row.integer(0) && record.version == row.integer(1)
        && headline?.title == row.textOrNil(3) && headline?.summary == row.textOrNil(4)
        && headline?.section == row.textOrNil(5) && published == row.integerOrNil(6)
        && headline?.body.bytes == row.blobOrNil(7) && reason == row.textOrNil(8)
        && headline?.flags.rawValue == row.integerOrNil(9)
      if !same { wrong.append(row.integer(0)) }
      return true
    }
    for number in wrong {
      found.damage.append("columns of \(number)")
      if repair { try ReplicaWriter(connection: connection).restoreColumns(number) }
    }
  }
}

extension ReplicaState {
  /// The path of the masthead, as hashes.
  var mastheadPath: [Digest] {
    stride(from: 0, to: path.count - path.count % 32, by: 32).compactMap {
      Digest(bytes: Array(path[$0..<$0 + 32]))
    }
  }
}
