internal import Database
internal import FilProtocol
internal import Files

/// An object that is on its way: a row of the replica and a file of bytes.
struct Transfer: Sendable {
  var id: Int
  /// The object's own name.
  var path: String
  /// Empty: the source gave none.
  var tag: String
  var total: Int
  /// V; of what is no delta 0.
  var base: Int
  /// N, once the preamble was verified; else 0.
  var target: Int
  /// All headlines are committed.
  var headlinesHeld: Bool
  /// How often it was found damaged.
  var damaged: Int

  var resource: Resource? { Resource(path: path) }

  static func all(_ connection: Connection) throws(DatabaseError) -> [Transfer] {
    try connection.query(
      "SELECT id, path, tag, total, base, target, headlines, damaged FROM transfer ORDER BY id"
    ) { row throws(DatabaseError) in
      Transfer(
        id: row.integer(0), path: row.text(1), tag: row.text(2), total: row.integer(3),
        base: row.integer(4), target: row.integer(5), headlinesHeld: row.boolean(6),
        damaged: row.integer(7))
    }
  }
}

extension Replica {
  func state() throws(FilError) -> ReplicaState {
    try database { (connection) throws(DatabaseError) in try ReplicaState(connection) }
  }

  func transfers() throws(FilError) -> [Transfer] {
    try database { (connection) throws(DatabaseError) in try Transfer.all(connection) }
  }

  /// Runs `body` in one transaction of the writing connection.
  func commit<R: Sendable>(
    _ body: @Sendable (Connection) throws(DatabaseError) -> R
  ) throws(FilError) -> R {
    try database { (connection) throws(DatabaseError) in
      try connection.transaction { () throws(DatabaseError) in try body(connection) }
    }
  }

  private func database<R: Sendable>(
    _ body: @Sendable (Connection) throws(DatabaseError) -> R
  ) throws(FilError) -> R {
    try write { (connection) throws(FilError) in
      do throws(DatabaseError) { return try body(connection) } catch { throw .database(error) }
    }
  }

  /// Opens a transfer of the object that a source has just named.
  func begin(path: String, tag: String, total: Int, base: Int) throws(FilError) -> Transfer {
    let id = try commit { (connection) throws(DatabaseError) in
      try connection.execute(
        "INSERT INTO transfer (path, tag, total, base, selection) VALUES (?, ?, ?, ?, '')",
        Value(path), Value(tag), Value(total), Value(base))
      return connection.lastInsertRowID
    }
    return Transfer(
      id: id, path: path, tag: tag, total: total, base: base, target: 0, headlinesHeld: false,
      damaged: 0)
  }

  func update(_ transfer: Transfer) throws(FilError) {
    try commit { (connection) throws(DatabaseError) in
      try connection.execute(
        """
        UPDATE transfer SET path = ?, tag = ?, total = ?, target = ?, headlines = ?, damaged = ?
        WHERE id = ?
        """, Value(transfer.path), Value(transfer.tag), Value(transfer.total),
        Value(transfer.target), Value(transfer.headlinesHeld), Value(transfer.damaged),
        Value(transfer.id))
    }
  }

  /// Ends a transfer, done or given up: first its row, then its bytes.
  func end(_ id: Int) throws(FilError) {
    try commit { (connection) throws(DatabaseError) in
      try connection.execute("DELETE FROM transfer WHERE id = ?", Value(id))
    }
    do { try Files.removeTree(spoolPath(id)) } catch { throw .file(error) }
  }

  /// Removes spools of transfers that are no more: a crash came between the row and the file.
  func removeStraySpools() throws(FilError) {
    let open = Set(try transfers().map { String($0.id) })
    let folder = Files.parent(of: path)
    let prefix = String(path.split(separator: "/").last ?? "") + "-spool-"
    do {
      for file in try Files.list(folder)
      where file.name.hasPrefix(prefix) && !open.contains(String(file.name.dropFirst(prefix.count)))
      {
        try Files.removeTree("\(folder)/\(file.name)")
      }
    } catch { throw .file(error) }
  }
}
