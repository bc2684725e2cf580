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
  /// N, once it is known; else 0.
  var target: Int
  /// All headlines are committed, or it has none.
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

  /// Runs `body`, which only reads, on the writing connection; all its queries see one state.
  func look<R: Sendable>(
    _ body: @Sendable (Connection) throws(DatabaseError) -> R
  ) throws(FilError) -> R {
    try database { (connection) throws(DatabaseError) in
      try connection.snapshot { () throws(DatabaseError) in try body(connection) }
    }
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
    // An object of bodies alone is checked against the records that are held now.
    var bodies = false
    switch Resource(path: path) {
    case .delta(_, _, let selection, _), .sync(_, let selection, _):
      bodies = selection.basis == .bodies
    case .bodies: bodies = true
    default: break
    }
    let held = bodies
    return try commit { (connection) throws(DatabaseError) in
      let target = held ? try ReplicaState(connection).version : 0
      try connection.execute(
        "INSERT INTO transfer (path, tag, total, base, target, headlines) VALUES (?, ?, ?, ?, ?, ?)",
        Value(path), Value(tag), Value(total), Value(base), Value(target), Value(held))
      return Transfer(
        id: connection.lastInsertRowID, path: path, tag: tag, total: total, base: base,
        target: target, headlinesHeld: held, damaged: 0)
    }
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

  /// The first bytes that are here of `transfer`, enough for its preamble.
  func spooled(_ transfer: Transfer) throws(FilError) -> [UInt8] {
    let path = spoolPath(transfer.id)
    guard Files.exists(path) else { return [] }
    do {
      return try AppendFile(path, mode: 0o600).read(at: 0, count: 2 * Limits.preambleBytes)
    } catch {
      throw .file(error)
    }
  }

  /// Removes spools of transfers that are no more: a crash came between the row and the file.
  func removeStraySpools() throws(FilError) {
    let open = Set(try transfers().map(\.id))
    do {
      for id in try spoolSizes().keys where !open.contains(id) {
        try Files.removeTree(spoolPath(id))
      }
    } catch { throw .file(error) }
  }

  /// How many bytes are in the spool of each transfer.
  func spoolSizes() throws(FileError) -> [Int: Int] {
    let prefix = String(file.split(separator: "/").last ?? "") + "-spool-"
    var sizes: [Int: Int] = [:]
    for entry in try Files.list(Files.parent(of: file)) where entry.name.hasPrefix(prefix) {
      if let id = Int(entry.name.dropFirst(prefix.count)) { sizes[id] = entry.size }
    }
    return sizes
  }
}
