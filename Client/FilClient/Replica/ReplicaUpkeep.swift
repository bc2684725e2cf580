internal import Database
internal import FilProtocol

/// A body that should be here and is not.
struct MissingBody: Sendable {
  var number: Int
  var hash: BodyHash
  var length: Int
  var section: String
  /// Urgent, or of À la Une.
  var isPressing: Bool
}

extension Replica {
  /// The keys that are accepted: the one it was made with, and those of the masthead [CHK-5].
  func keys() throws(FilError) -> [VerifierKey] {
    let masthead = try look { (connection) throws(DatabaseError) in try connection.masthead() }
    return [key] + (masthead?.keys ?? [])
  }

  /// Whose bodies are wanted, subsections included, and which of them first.
  func wanted() throws(FilError) -> Selection {
    let (state, masthead) = try look { (connection) throws(DatabaseError) in
      (try ReplicaState(connection), try connection.masthead())
    }
    let levels = state.first.split(separator: ",").map { slug in
      masthead?.subtree(of: String(slug)) ?? [String(slug)]
    }
    return try SectionChoice(text: state.sections).selection(masthead).preferring(levels)
  }

  /// The bodies that are wanted and not held, newest article first.
  func missingBodies() throws(FilError) -> [MissingBody] {
    let selection = try wanted()
    return try look { (connection) throws(DatabaseError) in
      try connection.missingBodies(selection)
    }
  }

  func damagedVolumes() throws(FilError) -> [Int] {
    try look { (connection) throws(DatabaseError) in
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

  /// Drops what was kept for objects on their way, when nothing that they bring is missing.
  ///
  /// Records of a head that was not reached need those that they replaced: nothing is dropped then.
  ///
  /// - Returns: whether everything wanted is held.
  func settle() throws(FilError) -> Bool {
    let state = try state()
    guard state.highestHead?.version ?? 0 <= state.version, try missingBodies().isEmpty else {
      return false
    }
    let open = try transfers()
    guard !open.contains(where: { $0.isDelta && !$0.headlinesHeld }) else { return false }
    let wishes = try openWishes().map { Resource.body($0.hash).path }
    for transfer in open where !wishes.contains(transfer.path) { try end(transfer.id) }
    try commit { (connection) throws(DatabaseError) in
      try ReplicaWriter(connection: connection).tidy()
      try connection.execute("UPDATE replica SET bodies_at = version")
    }
    return true
  }

  /// Cleans the bytes of erased revisions from the file; what cannot be done yet stays pending.
  func finishErasures() throws(FilError) {
    let pending = try look { (connection) throws(DatabaseError) in
      try connection.first("SELECT count(*) FROM erasure") { $0.integer(0) } ?? 0
    }
    guard pending > 0 else { return }
    try forgetRendered()
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
    try look { (connection) throws(DatabaseError) in
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

  /// Where the records held are not those of the state held: damage of the card, not of a source.
  func damagedRecords() throws(FilError) -> String? {
    try look { (connection) throws(DatabaseError) in
      let state = try ReplicaState(connection)
      guard let head = state.signed?.checkpoint else { return nil }
      let feed = StoredFeed(connection: connection)
      guard let digests = try? feed.digests(asOf: state.version),
        Merkle.root(digests) == head.stateRoot
      else { return "checkpoint" }
      for (volume, digest) in digests.enumerated() where volume >= state.floor || volume == 0 {
        guard try feed.isSound(volume, digest, state) else { return "volume \(volume)" }
      }
      return nil
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

extension SectionChoice {
  /// The sections that are chosen, with those that `masthead` has below them.
  func selection(_ masthead: Masthead?) throws(FilError) -> Selection {
    switch self {
    case .all: return .all
    case .none: return .none
    case .sections(let slugs):
      let all = slugs.flatMap { masthead?.subtree(of: $0) ?? [$0] }
      do { return try Selection(sections: all) } catch { throw .usage("\(error)") }
    }
  }
}

extension Connection {
  private static let isWithoutBody = """
    kind = 1 AND length > 0 AND shown IS NOT body
      AND number >= (SELECT floor * \(Limits.volume) FROM replica)
    """

  /// How many bodies of `selection` are not held.
  func missingBodyCount(_ selection: Selection) throws(DatabaseError) -> Int {
    if selection.wanted == .none { return 0 }
    return try query(
      "SELECT section, count(*) FROM article WHERE \(Connection.isWithoutBody) GROUP BY section"
    ) { row throws(DatabaseError) in
      selection.names(row.text(0)) ? row.integer(1) : 0
    }.reduce(0, +)
  }

  /// The bodies of `selection` that are not held, newest article first.
  func missingBodies(_ selection: Selection) throws(DatabaseError) -> [MissingBody] {
    if selection.wanted == .none { return [] }
    return try query(
      """
      SELECT number, body, length, section, flags & 3 FROM article
      WHERE \(Connection.isWithoutBody) ORDER BY number DESC
      """
    ) { row throws(DatabaseError) -> MissingBody? in
      guard selection.names(row.text(3)), let hash = BodyHash(bytes: row.blob(1)) else {
        return nil
      }
      return MissingBody(
        number: row.integer(0), hash: hash, length: row.integer(2), section: row.text(3),
        isPressing: row.integer(4) != 0)
    }.compactMap(\.self)
  }
}

extension StoredFeed {
  /// Whether the records of `volume` as of `state` hash to `digest`.
  ///
  /// What an object on its way has erased cannot be told any more: then the volume passes.
  func isSound(
    _ volume: Int, _ digest: Digest, _ state: ReplicaState
  ) throws(DatabaseError) -> Bool {
    guard let records = try? records(ofVolume: volume, asOf: state.version) else { return false }
    if volume < state.floor {
      guard let masthead = records.first, masthead.number == 0 else { return false }
      return Merkle.root(first: masthead.leaf, path: state.mastheadPath) == digest
    }
    if Merkle.root(records.map(\.leaf)) == digest { return true }
    let held = Set(records.map(\.number))
    let size = state.signed?.checkpoint.stateSize ?? 0
    let first = volume * Limits.volume
    let newer = try connection.query(
      "SELECT number FROM article WHERE number BETWEEN ? AND ? AND version > ?", Value(first),
      Value(min(first + Limits.volume, size) - 1), Value(state.version)
    ) { $0.integer(0) }
    return !held.isSuperset(of: newer)
  }
}
