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
  /// - Returns: what was found, before it was repaired.
  /// - Throws: `busy` when something is to be repaired while a sync goes on.
  public func verify(repair: Bool = false) throws(FilError) -> Verification {
    guard repair else { return try check(repair: false) }
    return try alone { () throws(FilError) in
      let found = try check(repair: true)
      try removeStraySpools()
      return found
    }
  }

  private func check(repair: Bool) throws(FilError) -> Verification {
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
  var state: ReplicaState
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
    try checkIndex()
    try checkHead()
    try checkRecords()
    try checkStrays()
    try checkBodies()
    try checkColumns()
    try checkTags()
    guard repair, !found.isSound else { return }
    try connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
    if state.version > 0 { try connection.execute("UPDATE replica SET bodies_at = NULL") }
  }

  /// First, while nothing is forgotten yet.
  private mutating func checkIndex() throws(DatabaseError) {
    do throws(DatabaseError) {
      try connection.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    } catch {
      guard error.isDamage else { throw error }
      found.damage.append("search index")
    }
  }

  private mutating func checkHead() throws(DatabaseError) {
    let keys = [key] + (try connection.masthead()?.keys ?? [])
    func head(_ note: [UInt8]?) -> Checkpoint? {
      guard let signed = note.flatMap({ try? SignedCheckpoint(note: $0) }) else { return nil }
      return try? signed.verified(origin: key.name, keys: keys)
    }
    let digests = try connection.query("SELECT digest FROM volume ORDER BY volume") {
      Digest(bytes: $0.blob(0))
    }
    func fold(_ digests: [Digest?], _ head: Checkpoint) -> Bool {
      digests.count == head.volumes && !digests.contains(nil)
        && Merkle.root(digests.compactMap(\.self)) == head.stateRoot
    }
    let note = head(state.note)
    let highest = head(state.highest)
    if let note, note.version == state.version, let highest, highest.version >= note.version,
      fold(digests, note)
    {
      return
    }
    found.damage.append("checkpoint")
    guard repair else { return }
    // The note is kept twice, and the digests can be made of the records.
    let held = [(note, state.note), (highest, state.highest)].first {
      $0.0?.version == state.version
    }
    guard let held, let right = held.0, let digests = try restored(digests, right),
      fold(digests, right)
    else { return try forgetState() }
    for (volume, digest) in digests.enumerated() {
      try connection.execute(
        "INSERT OR REPLACE INTO volume (volume, digest) VALUES (?, ?)", Value(volume),
        Value(digest?.bytes))
    }
    try connection.execute("DELETE FROM volume WHERE volume >= ?", Value(digests.count))
    try connection.execute(
      "UPDATE replica SET note = ?1, highest = CASE WHEN ?2 THEN highest ELSE ?1 END",
      Value(held.1), Value(highest.map { $0.version >= right.version } ?? false))
    state = try ReplicaState(connection)
  }

  /// The digests that the records held have; below the floor those that are held.
  private func restored(
    _ digests: [Digest?], _ head: Checkpoint
  ) throws(DatabaseError) -> [Digest?]? {
    if digests.count == head.volumes, Merkle.root(digests.compactMap(\.self)) == head.stateRoot {
      return digests
    }
    var restored: [Digest?] = []
    for volume in 0..<head.volumes {
      let records = try? StoredFeed(connection: connection).records(
        ofVolume: volume, asOf: state.version)
      let below = digests.indices.contains(volume) ? digests[volume] : nil
      restored.append(volume < state.floor ? below : records.map { Merkle.root($0.map(\.leaf)) })
    }
    return restored
  }

  /// Without a head nothing is proven: records are fetched anew.
  ///
  /// Texts are proven by them, and stay.
  private mutating func forgetState() throws(DatabaseError) {
    try connection.script(
      """
      DELETE FROM article; DELETE FROM tag; DELETE FROM superseded; DELETE FROM volume;
      DELETE FROM transfer; DELETE FROM damaged; DELETE FROM stood; DELETE FROM past;
      UPDATE replica SET version = 0, note = NULL, bodies_at = NULL, path = x'';
      """)
    if state.highestHead == nil { try connection.execute("UPDATE replica SET highest = NULL") }
    state = try ReplicaState(connection)
  }

  private mutating func checkRecords() throws(DatabaseError) {
    let volumes = try connection.query("SELECT volume, digest FROM volume ORDER BY volume") {
      row throws(DatabaseError) in (row.integer(0), Digest(bytes: row.blob(1)))
    }
    found.records =
      try connection.first(
        "SELECT count(*) FROM article WHERE version <= ?", Value(state.version)
      ) { $0.integer(0) } ?? 0
    for (volume, digest) in volumes where volume >= state.floor || volume == 0 {
      let feed = StoredFeed(connection: connection)
      if let digest, try feed.isSound(volume, digest, state) { continue }
      found.damage.append("volume \(volume)")
      if repair { try forget(volume) }
    }
    let old = try connection.query("SELECT number, version, record FROM superseded") {
      row throws(DatabaseError) in
      let record = try? Record(decoding: row.blob(2))
      let isRight = record?.number == row.integer(0) && record?.version == row.integer(1)
      return isRight ? nil : row.integer(0)
    }.compactMap(\.self)
    for number in old {
      found.damage.append("superseded \(number)")
      // What is on its way builds on it.
      guard repair else { continue }
      try connection.execute("DELETE FROM superseded WHERE number = ?", Value(number))
      try connection.execute("DELETE FROM transfer")
    }
  }

  /// Forgets the records of `volume`: the next sync fetches them.
  private func forget(_ volume: Int) throws(DatabaseError) {
    let first = Value(volume * Limits.volume)
    let last = Value(volume * Limits.volume + Limits.volume - 1)
    for table in ["article", "tag", "superseded"] {
      try connection.execute("DELETE FROM \(table) WHERE number BETWEEN ? AND ?", first, last)
    }
    // What builds on an older state than this one has lost its contexts.
    try connection.execute("DELETE FROM transfer WHERE base < ?", Value(state.version))
    try connection.execute(
      "INSERT OR REPLACE INTO damaged (volume) VALUES (?)", Value(volume))
  }

  /// Records of numbers that the state does not have, or that the replica does not hold.
  private mutating func checkStrays() throws(DatabaseError) {
    let size = state.highestHead?.stateSize ?? 0
    let strays = try connection.query(
      "SELECT number FROM article WHERE number >= ? OR number BETWEEN 1 AND ?",
      Value(max(size, state.signed?.checkpoint.stateSize ?? 0)),
      Value(state.floor * Limits.volume - 1)
    ) { $0.integer(0) }
    for number in strays {
      found.damage.append("article \(number)")
      guard repair else { continue }
      try connection.execute("DELETE FROM article WHERE number = ?", Value(number))
      try connection.execute("DELETE FROM tag WHERE number = ?", Value(number))
    }
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
      let numbers = try connection.query("SELECT number FROM article WHERE shown = ?", Value(hash))
      {
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
    try connection.forEach("SELECT * FROM article") { row throws(DatabaseError) in
      // Columns in the order of the schema.
      guard let record = try? Record(decoding: row.blob(19)) else { return true }
      if !record.isSpelt(in: row) { wrong.append(row.integer(0)) }
      return true
    }
    for number in wrong {
      found.damage.append("columns of \(number)")
      if repair { try ReplicaWriter(connection: connection).restoreColumns(number) }
    }
  }

  private mutating func checkTags() throws(DatabaseError) {
    let wrong = try connection.query(
      """
      SELECT number FROM (
        SELECT number, value AS tag FROM article, json_each(iif(json_valid(tags), tags, '[]'))
        WHERE kind = 1
        EXCEPT SELECT number, tag FROM tag)
      UNION SELECT number FROM (
        SELECT number, tag FROM tag
        EXCEPT SELECT number, value AS tag FROM article, json_each(iif(json_valid(tags), tags, '[]'))
        WHERE kind = 1)
      """
    ) { $0.integer(0) }
    for number in wrong {
      found.damage.append("tags of \(number)")
      guard repair else { continue }
      try connection.execute("DELETE FROM tag WHERE number = ?", Value(number))
      try ReplicaWriter(connection: connection).restoreColumns(number)
    }
  }
}

extension Record {
  /// Whether the columns of `row`, all of `article` in their order, say what this record says.
  fileprivate func isSpelt(in row: borrowing Row) -> Bool {
    let headline = headline
    var retraction: Retraction?
    if case .retraction(let found) = content { retraction = found }
    let kind =
      switch content {
      case .headline: 1
      case .retraction: 2
      case .masthead: 3
      case .unreadable: 0
      }
    return number == row.integer(0) && version == row.integer(1) && kind == row.integer(2)
      && headline?.published ?? retraction?.published == row.integerOrNil(3)
      && headline?.updated == row.integerOrNil(4) && retraction?.time == row.integerOrNil(5)
      && retraction?.reason == row.textOrNil(6) && headline?.title == row.textOrNil(7)
      && headline?.summary == row.textOrNil(8) && headline?.section == row.textOrNil(9)
      && headline.map { JSONText.array($0.tags) } == row.textOrNil(10)
      && headline?.author == row.textOrNil(11) && headline?.language == row.textOrNil(12)
      && headline?.flags.rawValue == row.integerOrNil(13) && headline?.note == row.textOrNil(14)
      && headline?.body.bytes == row.blobOrNil(15) && headline?.length == row.integerOrNil(16)
      && erased == row.integer(18)
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
