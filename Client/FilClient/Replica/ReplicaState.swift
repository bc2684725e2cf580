internal import Database
internal import FilProtocol

/// The one row that says where the replica stands.
struct ReplicaState: Sendable {
  var version: Int
  var note: [UInt8]?
  var highest: [UInt8]?
  var floor: Int
  var path: [UInt8]
  /// `all`, `none` or slugs by commas, as the person asked.
  var sections: String
  /// Slugs by commas, the most important first.
  var first: String
  /// When a source last said what its head is, by the local clock.
  var polled: Int
  /// Nil: with holes.
  var bodiesAt: Int?
  var received: Int
  var sent: Int
  var synced: Int?
  var source: String?

  init(_ connection: Connection) throws(DatabaseError) {
    let row = try connection.first(
      """
      SELECT version, note, highest, floor, path, sections, bodies_at, received, sent, synced, source,
        first, polled
      FROM replica
      """
    ) { row throws(DatabaseError) in
      ReplicaState(
        version: row.integer(0), note: row.blobOrNil(1), highest: row.blobOrNil(2),
        floor: row.integer(3), path: row.blob(4), sections: row.text(5),
        bodiesAt: row.integerOrNil(6), received: row.integer(7), sent: row.integer(8),
        synced: row.integerOrNil(9), source: row.textOrNil(10), first: row.text(11),
        polled: row.integer(12))
    }
    guard let row else {
      throw DatabaseError(code: 11, message: "table replica is empty", sql: "")
    }
    self = row
  }

  private init(
    version: Int, note: [UInt8]?, highest: [UInt8]?, floor: Int, path: [UInt8], sections: String,
    bodiesAt: Int?, received: Int, sent: Int, synced: Int?, source: String?, first: String,
    polled: Int
  ) {
    self.version = version
    self.note = note
    self.highest = highest
    self.floor = floor
    self.path = path
    self.sections = sections
    self.first = first
    self.polled = polled
    self.bodiesAt = bodiesAt
    self.received = received
    self.sent = sent
    self.synced = synced
    self.source = source
  }

  /// The checkpoint of the state that is held.
  var signed: SignedCheckpoint? { note.flatMap { try? SignedCheckpoint(note: $0) } }

  /// The head below which nothing is accepted.
  var highestHead: Checkpoint? {
    highest.flatMap { try? SignedCheckpoint(note: $0) }?.checkpoint
  }
}

extension Connection {
  /// The masthead that is held.
  func masthead() throws(DatabaseError) -> Masthead? {
    let bytes = try first("SELECT record FROM article WHERE number = 0") { $0.blob(0) }
    guard let bytes, case .masthead(let masthead)? = (try? Record(decoding: bytes))?.content else {
      return nil
    }
    return masthead
  }
}
