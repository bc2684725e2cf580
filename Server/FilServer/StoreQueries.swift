internal import Database
internal import FilProtocol

// What both the archive and the writer ask the store. Records and texts are hashed again when they
// are read: the disk may have changed them, and nothing changed is ever given out.

extension Connection {
  /// The length of the log, signed or not.
  func logLength() throws(NewsroomError) -> Int {
    try guarded { (db) throws(DatabaseError) in
      try db.first("SELECT max(version) FROM change") { $0.integer(0) } ?? 0
    }
  }

  /// How many numbers there are.
  func stateSize() throws(NewsroomError) -> Int {
    try guarded { (db) throws(DatabaseError) in
      try db.first("SELECT max(number) + 1 FROM change") { $0.integer(0) } ?? 0
    }
  }

  /// The record of `number` that was current at `version`; nil where there is none, or it is erased.
  func record(_ number: Int, asOf version: Int) throws(NewsroomError) -> Record? {
    let row = try guarded { (db) throws(DatabaseError) in
      try db.first(
        """
        SELECT version, leaf, record FROM change WHERE number = ? AND version <= ?
        ORDER BY version DESC LIMIT 1
        """, Value(number), Value(version), row: StoredRecord.init)
    }
    return try row?.checked(number)
  }

  func records(ofVolume volume: Int, asOf version: Int) throws(NewsroomError) -> [Record] {
    let rows = try guarded { (db) throws(DatabaseError) in
      // Of each group SQLite takes the bare columns from the row that has the maximum.
      try db.query(
        """
        SELECT max(version), leaf, record, number FROM change
        WHERE number BETWEEN ? AND ? AND version <= ? GROUP BY number ORDER BY number
        """, Value(volume * Limits.volume), Value((volume + 1) * Limits.volume - 1), Value(version)
      ) { (row) throws(DatabaseError) in (number: row.integer(3), stored: try StoredRecord(row)) }
    }
    var records: [Record] = []
    for row in rows {
      if let record = try row.stored.checked(row.number) { records.append(record) }
    }
    return records
  }

  func leaves(ofVolume volume: Int, asOf version: Int) throws(NewsroomError) -> [Digest] {
    let leaves = try guarded { (db) throws(DatabaseError) in
      try db.query(
        """
        SELECT leaf, max(version) FROM change
        WHERE number BETWEEN ? AND ? AND version <= ? GROUP BY number ORDER BY number
        """, Value(volume * Limits.volume), Value((volume + 1) * Limits.volume - 1), Value(version)
      ) { Digest(bytes: $0.blob(0)) }
    }
    return try leaves.map { (leaf) throws(NewsroomError) in
      guard let leaf else { throw .damaged("a leaf of volume \(volume)") }
      return leaf
    }
  }

  func body(_ hash: BodyHash) throws(NewsroomError) -> [UInt8]? {
    let text = try guarded { (db) throws(DatabaseError) in
      try db.first("SELECT text FROM body WHERE hash = ?", .blob(hash.bytes)) {
        [UInt8]($0.text(0).utf8)
      }
    }
    guard let text else { return nil }
    guard BodyHash(of: text) == hash else { throw .damaged("body \(hash)") }
    return text
  }

  func signedNote(_ version: Int) throws(NewsroomError) -> SignedCheckpoint? {
    try note("SELECT note FROM signed WHERE version = ?", Value(version))
  }

  /// The newest checkpoint, with its newest time; nil before the first.
  func headNote() throws(NewsroomError) -> SignedCheckpoint? {
    try note("SELECT note FROM head WHERE only = ?", 1)
  }

  private func note(_ sql: String, _ value: Value) throws(NewsroomError) -> SignedCheckpoint? {
    let text = try guarded { (db) throws(DatabaseError) in
      try db.first(sql, value) { [UInt8]($0.text(0).utf8) }
    }
    guard let text else { return nil }
    do { return try SignedCheckpoint(note: text) } catch {
      throw .damaged("a signed checkpoint (\(error))")
    }
  }

  func numbersChanged(after version: Int, through last: Int) throws(NewsroomError) -> [Int] {
    try guarded { (db) throws(DatabaseError) in
      try db.query(
        """
        SELECT DISTINCT number FROM change WHERE version > ? AND version <= ? ORDER BY number
        """, Value(version), Value(last)
      ) { $0.integer(0) }
    }
  }

  /// Runs queries; what SQLite refuses becomes a ``NewsroomError``.
  func guarded<R>(
    _ body: (Connection) throws(DatabaseError) -> R
  ) throws(NewsroomError) -> R {
    do throws(DatabaseError) { return try body(self) } catch {
      throw error.isDamage ? .damaged("\(path): \(error.message)") : .database(error)
    }
  }
}

/// A row of the log, before it is believed.
struct StoredRecord {
  let version: Int
  let leaf: [UInt8]
  /// Nil once erased.
  let bytes: [UInt8]?

  /// Reads the columns version, leaf and record, in this order.
  init(_ row: borrowing Row) throws(DatabaseError) {
    version = row.integer(0)
    leaf = row.blob(1)
    bytes = row.blobOrNil(2)
  }

  /// The record, which must have the hash, the number and the version that it is filed under.
  func checked(_ number: Int) throws(NewsroomError) -> Record? {
    guard let bytes else { return nil }
    guard Merkle.leaf(bytes).bytes == leaf, let record = try? Record(decoding: bytes),
      record.number == number, record.version == version
    else { throw .damaged("record \(number) of version \(version)") }
    return record
  }
}
