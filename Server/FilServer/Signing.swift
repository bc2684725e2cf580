internal import Database
internal import FilProtocol

/// What a version is to be signed as, and the digests of the volumes that it changes.
struct Head {
  let checkpoint: Checkpoint
  let volumes: [Int: Digest]
}

extension Connection {
  /// The newest version that was signed; 0 before the first.
  func signedLength() throws(NewsroomError) -> Int {
    try guarded { (db) throws(DatabaseError) in
      try db.first("SELECT max(version) FROM signed") { $0.integer(0) } ?? 0
    }
  }

  /// The head of the log as it stands, computed from the leaves; nil when all of it is signed.
  func unsignedHead(origin: String, time: Int) throws(NewsroomError) -> Head? {
    let version = try logLength()
    let signed = try signedLength()
    guard version > signed else { return nil }
    var digests = try signedDigests(asOf: signed)
    var changed: [Int: Digest] = [:]
    for volume in Set(
      try numbersChanged(after: signed, through: version).map { $0 / Limits.volume }
    ).sorted() {
      let digest = Merkle.root(try leaves(ofVolume: volume, asOf: version))
      changed[volume] = digest
      if volume < digests.count { digests[volume] = digest } else { digests.append(digest) }
    }
    let head: Checkpoint
    do {
      head = try Checkpoint(
        origin: origin, version: version, logRoot: try logRoot(), stateSize: try stateSize(),
        stateRoot: Merkle.root(digests), time: time)
    } catch let error as NewsroomError { throw error } catch {
      throw .damaged("the log (\(error))")
    }
    return Head(checkpoint: head, volumes: changed)
  }

  private func logRoot() throws(NewsroomError) -> Digest {
    var tree = Merkle.Frontier()
    try guarded { (db) throws(DatabaseError) in
      try db.forEach("SELECT leaf FROM change ORDER BY version") { row in
        guard let leaf = Digest(bytes: row.blob(0)) else { return false }
        tree.append(leaf)
        return true
      }
    }
    guard tree.count == (try logLength()) else { throw .damaged("the versions of the log") }
    return tree.root
  }

  func store(head note: SignedCheckpoint) throws(DatabaseError) {
    try execute(
      "INSERT OR REPLACE INTO head (only, note) VALUES (1, ?)",
      .text(String(decoding: note.note, as: UTF8.self)))
  }

  /// Stores the first checkpoint of a version, which must not have one.
  func store(_ head: Head, signed note: SignedCheckpoint) throws(DatabaseError) {
    let version = Value(head.checkpoint.version)
    try execute(
      "INSERT INTO signed (version, note) VALUES (?, ?)", version,
      .text(String(decoding: note.note, as: UTF8.self)))
    for (volume, digest) in head.volumes {
      try execute(
        "INSERT INTO volume_digest (volume, version, digest) VALUES (?, ?, ?)", Value(volume),
        version, .blob(digest.bytes))
    }
    try store(head: note)
  }
}

extension Newsroom {
  /// Signs what is on disk and unsigned: after a publication, or after a crash in one.
  ///
  /// The witness knows before the store does. A crash between the two is harmless: the roots are
  /// computed again, from what is on disk, and are the same.
  /// The head that was `rehearsed` already is not rehearsed again.
  func signWhatIsNot(rehearsed: Head? = nil) throws(NewsroomError) {
    guard let head = try db.unsignedHead(origin: origin, time: surroundings.now()) else { return }
    if rehearsed?.checkpoint.sameHead(as: head.checkpoint) != true {
      try rehearse(head)
    }
    let note = try sign(head.checkpoint, at: head.checkpoint.time)
    try witness.remember(note)
    try surroundings.reached(.witnessed)
    do throws(DatabaseError) {
      try db.transaction { () throws(DatabaseError) in try db.store(head, signed: note) }
    } catch { throw .database(error) }
  }

  /// Decodes what readers of the last signed version will get.
  func rehearse(_ head: Head) throws(NewsroomError) {
    try Rehearsal.run(db, head, after: try db.signedLength(), surroundings)
  }

  func sign(_ checkpoint: Checkpoint, at time: Int) throws(NewsroomError) -> SignedCheckpoint {
    do { return SignedCheckpoint(signing: try checkpoint.at(time: time), with: [signingKey]) } catch
    { throw .damaged("the clock (\(error)); set it, then publish again") }
  }
}
