internal import Database
internal import FilProtocol

/// A body that should be here and is not.
struct MissingBody: Sendable {
  var number: Int
  var hash: BodyHash
  var length: Int
  var section: String
}

extension Replica {
  /// The keys that are accepted: the one it was made with, and those of the masthead [CHK-5].
  func keys() throws(FilError) -> [VerifierKey] {
    try [key] + (commit { (connection) throws(DatabaseError) in try connection.masthead() }?.keys ?? [])
  }

  /// Whose bodies are wanted, subsections included.
  func wanted() throws(FilError) -> Selection {
    let (choice, masthead) = try commit { (connection) throws(DatabaseError) in
      (try ReplicaState(connection).sections, try connection.masthead())
    }
    switch SectionChoice(text: choice) {
    case .all: return .all
    case .none: return .none
    case .sections(let slugs):
      let all = slugs.flatMap { masthead?.subtree(of: $0) ?? [$0] }
      do { return try Selection(sections: all) } catch { throw .usage("\(error)") }
    }
  }

  /// The bodies that are wanted and not held, newest article first.
  func missingBodies() throws(FilError) -> [MissingBody] {
    let selection = try wanted()
    if selection.wanted == .none { return [] }
    let rows = try commit { (connection) throws(DatabaseError) in
      try connection.query(
        """
        SELECT number, body, length, section FROM article
        WHERE kind = 1 AND length > 0 AND shown IS NOT body
          AND number >= (SELECT floor * \(Limits.volume) FROM replica)
        ORDER BY number DESC
        """
      ) { row throws(DatabaseError) in
        (row.integer(0), row.blob(1), row.integer(2), row.text(3))
      }
    }
    return rows.compactMap { row in
      guard selection.names(row.3), let hash = BodyHash(bytes: row.1) else { return nil }
      return MissingBody(number: row.0, hash: hash, length: row.2, section: row.3)
    }
  }

  func damagedVolumes() throws(FilError) -> [Int] {
    try commit { (connection) throws(DatabaseError) in
      try connection.query("SELECT volume FROM damaged ORDER BY volume DESC") { $0.integer(0) }
    }
  }

  /// Says that bodies are missing which no delta will bring.
  func digHoles() throws(FilError) {
    try commit { (connection) throws(DatabaseError) in
      try connection.execute("UPDATE replica SET bodies_at = NULL")
    }
  }

  /// Gives up a transfer: what it brought stays, the rest will be fetched another way.
  func abandon(_ transfer: Transfer) throws(FilError) {
    if transfer.headlinesHeld { try digHoles() }
    try end(transfer.id)
  }

  /// Drops what was kept for objects on their way, when there are none and nothing is missing.
  ///
  /// - Returns: whether everything wanted is held.
  func settle() throws(FilError) -> Bool {
    guard try missingBodies().isEmpty else { return false }
    let open = try transfers()
    guard !open.contains(where: \.isStream) else { return false }
    for transfer in open { try end(transfer.id) }
    try commit { (connection) throws(DatabaseError) in
      try ReplicaWriter(connection: connection).tidy()
      try connection.execute("UPDATE replica SET bodies_at = version")
    }
    return true
  }

  /// Cleans the bytes of erased revisions from the file; what cannot be done yet stays pending.
  func finishErasures() throws(FilError) {
    let pending = try commit { (connection) throws(DatabaseError) in
      try connection.first("SELECT count(*) FROM erasure") { $0.integer(0) } ?? 0
    }
    guard pending > 0 else { return }
    try commit { (connection) throws(DatabaseError) in
      // Merges the index into one part, without the words that were deleted.
      try connection.execute("INSERT INTO search (search) VALUES ('optimize')")
    }
    let clean = try write { (connection) throws(FilError) in
      do throws(DatabaseError) { return try connection.checkpoint(truncate: true) } catch {
        throw .database(error)
      }
    }
    guard clean else { return }
    try commit { (connection) throws(DatabaseError) in
      try connection.execute("DELETE FROM erasure")
    }
  }

  /// Whether older volumes are needed to cover the `days` before the newest article.
  func lacks(days: Int) throws(FilError) -> Bool {
    try commit { (connection) throws(DatabaseError) in
      let floor = try ReplicaState(connection).floor
      guard floor > 0 else { return false }
      let times = try connection.first(
        "SELECT max(published), min(published) FROM article WHERE number >= ? AND kind IN (1, 2)",
        Value(floor * Limits.volume)
      ) { row throws(DatabaseError) in (row.integer(0), row.integer(1)) }
      guard let times else { return false }
      return times.1 > times.0 - days * 86_400
    }
  }

  /// The leaf hashes of the records held of a volume, whatever their version.
  func leaves(ofVolume volume: Int) throws(FilError) -> [Digest] {
    try ReplicaHoldings(replica: self).records(ofVolume: volume, asOf: .max).map(\.leaf)
  }

  /// Whether the masthead held leads to `digest`, the digest of volume 0.
  func holdsMasthead(under digest: Digest) throws(FilError) -> Bool {
    let path = try state().mastheadPath
    guard let masthead = try ReplicaHoldings(replica: self).record(0, asOf: .max) else {
      return false
    }
    return Merkle.root(first: masthead.leaf, path: path) == digest
  }
}
