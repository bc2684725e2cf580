internal import Database
internal import FilProtocol

/// Changes that are appended in one transaction, each one version.
///
/// A value: put the one of before back where the changes since were rolled back.
struct Batch {
  let db: Connection
  /// Seconds since 1970-01-01T00:00Z: when all of it happens.
  let time: Int
  private(set) var version: Int
  /// How many numbers there are.
  private(set) var size: Int
  private(set) var masthead: Masthead

  /// Begins after what is in the store; `masthead` is there only for the very first change.
  init(_ db: Connection, time: Int, founding: Masthead? = nil) throws(NewsroomError) {
    self.db = db
    self.time = time
    version = try db.logLength()
    size = try db.stateSize()
    if let founding {
      masthead = founding
    } else {
      guard case .masthead(let found)? = try db.record(0, asOf: version)?.content else {
        throw .damaged("the masthead")
      }
      masthead = found
    }
  }

  /// The current record of `number`; nil where there is none.
  func current(_ number: Int) throws(NewsroomError) -> Record? {
    guard (0..<size).contains(number) else { return nil }
    guard let record = try db.record(number, asOf: version) else {
      throw .damaged("record \(number)")
    }
    return record
  }

  /// Appends what is now true of `number`, or of the next new number, and gives that back.
  @discardableResult
  mutating func append(
    _ content: Record.Content, number: Int? = nil
  ) throws(NewsroomError) -> Int {
    let record: Record
    do { record = try Record(content, number: number ?? size, version: version + 1) } catch {
      let name = number == 0 ? "the masthead" : "article \(number ?? size)"
      throw .input(
        InputError(name, nil, "\(error.field) is not acceptable (\(error.code)); see limits.md"))
    }
    var body: [UInt8]?
    if let headline = record.headline, headline.length > 0 { body = headline.body.bytes }
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute(
        """
        INSERT INTO change (version, number, leaf, record, body, published)
        VALUES (?, ?, ?, ?, ?, ?)
        """, Value(record.version), Value(record.number), .blob(record.leaf.bytes),
        .blob(record.bytes), Value(body), Value(record.headline?.published))
    }
    version = record.version
    size = max(size, record.number + 1)
    if case .masthead(let new) = content { masthead = new }
    return record.number
  }

  /// Stores the text that a headline is about to name.
  func store(_ text: String) throws(NewsroomError) {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { return }
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute(
        "INSERT OR IGNORE INTO body (hash, text) VALUES (?, ?)", .blob(BodyHash(of: bytes).bytes),
        .text(text))
    }
  }

  /// Removes the bytes of all revisions of `number` but the newest; their leaves stay in the log.
  func eraseOlder(_ number: Int) throws(NewsroomError) {
    let newest = Value(version)
    try db.guarded { (db) throws(DatabaseError) in
      let bodies = try db.query(
        """
        SELECT DISTINCT body FROM change
        WHERE number = ? AND version < ? AND body IS NOT NULL
        """, Value(number), newest
      ) { $0.blob(0) }
      try db.execute(
        """
        UPDATE change SET record = NULL, body = NULL, published = NULL
        WHERE number = ? AND version < ?
        """, Value(number), newest)
      for body in bodies {
        try db.execute(
          """
          DELETE FROM body
          WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM change WHERE body = ?1)
          """, .blob(body))
      }
      try db.set(.erased, "\(version)")
      try db.set(.erasure, "pending")
    }
  }

  /// Says that the history which ended with `note` is known to be lost.
  func pardon(_ note: SignedCheckpoint) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in
      try db.set(.pardoned, String(decoding: note.note, as: UTF8.self))
    }
  }

  /// The number that has this name (`id:…` or `slug:…`), if any.
  func number(named name: String) throws(NewsroomError) -> Int? {
    try db.guarded { (db) throws(DatabaseError) in
      try db.first("SELECT number FROM identity WHERE name = ?", Batch.key(name)) { $0.integer(0) }
    }
  }

  func name(_ number: Int, _ name: String) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute(
        "INSERT OR IGNORE INTO identity (name, number) VALUES (?, ?)", Batch.key(name),
        Value(number))
    }
  }

  private static func key(_ name: String) -> Value {
    .blob(BodyHash(of: Array(name.utf8)).bytes)
  }
}

extension Newsroom {
  /// Appends what `body` says in one transaction, rehearses it, and signs it once it is on disk.
  ///
  /// - Throws: what `body` throws, or ``NewsroomError/rehearsal(_:)``: nothing was then appended.
  ///   What fails after that is finished by the next call.
  func append<R>(
    founding: Masthead? = nil, _ body: (inout Batch) throws(NewsroomError) -> R
  ) throws(NewsroomError) -> R {
    var rehearsed: Head?
    let wrap = NewsroomError.database
    let result = try db.transaction(failure: wrap) { () throws(NewsroomError) in
      var batch = try Batch(db, time: surroundings.now(), founding: founding)
      let result = try body(&batch)
      rehearsed = try db.unsignedHead(origin: origin, time: batch.time)
      if let rehearsed { try rehearse(rehearsed) }
      return result
    }
    try surroundings.reached(.committed)
    try purgeCacheIfErased()
    try signWhatIsNot(rehearsed: rehearsed)
    try finishErasure()
    return result
  }
}

extension Batch {
  /// Begins a part that may be rolled back by itself.
  func mark() throws(NewsroomError) { try run("SAVEPOINT part") }

  func unmark() throws(NewsroomError) { try run("RELEASE part") }

  /// Undoes, in the store, what came since ``mark()``.
  func rollBack() throws(NewsroomError) { try run("ROLLBACK TO part; RELEASE part") }

  private func run(_ sql: String) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in try db.script(sql) }
  }
}
