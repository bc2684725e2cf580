internal import Database
internal import FilProtocol
internal import Files

extension SyncRun {
  /// Commits one verified part, in one transaction; true when the object is complete.
  func commit(_ part: Assembly.Part, _ transfer: inout Transfer) throws(FilError) -> Bool {
    switch part {
    case .preamble(let preamble, let digests):
      reading = (preamble, digests)
      // Records are held of one head; bodies of another one do not belong to them.
      guard !transfer.headlinesHeld || transfer.target == preamble.to else {
        throw .untrusted(TrustError(.wrongObject, "delta"))
      }
      transfer.target = preamble.to
      // Its true name, whatever the source called it.
      if preamble.from < preamble.to {
        transfer.path =
          Resource.delta(
            from: preamble.from, to: preamble.to, preamble.selection, floor: preamble.floor
          ).path
      }
      try replica.update(transfer)
    case .headlines(_, let records):
      try commit(records, transfer)
      report.headlines += records.count
    case .headlinesEnd:
      transfer.headlinesHeld = true
      try finishHeadlines(transfer)
    case .body(_, let hash, let text):
      try replica.commit { (connection) throws(DatabaseError) in
        try ReplicaWriter(connection: connection).commit(text, hash)
      }
      report.bodies += 1
    case .end:
      try finish(transfer)
      return true
    }
    return false
  }

  private func commit(_ records: [Record], _ transfer: Transfer) throws(FilError) {
    guard let note = reading?.preamble.checkpoint.note else { return }
    let highest = try replica.state().highestHead?.version ?? 0
    let erased = try replica.commit { (connection) throws(DatabaseError) in
      let erased = try ReplicaWriter(connection: connection).commit(records)
      // From here on an older head is a step back.
      if transfer.target > highest {
        try connection.execute("UPDATE replica SET highest = ?", Value(note))
      }
      // Other objects on their way may hold what was erased: they are not gone on with.
      if erased {
        try connection.execute("DELETE FROM transfer WHERE id <> ?", Value(transfer.id))
        try connection.execute("UPDATE replica SET bodies_at = NULL")
      }
      return erased
    }
    if erased { try replica.removeStraySpools() }
  }

  /// The replica stands at the head: all its headlines are there.
  private func finishHeadlines(_ transfer: Transfer) throws(FilError) {
    guard let reading else { return }
    let preamble = reading.preamble
    let digests = reading.digests
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.move(
        to: preamble.checkpoint, digests: digests, floor: preamble.floor,
        path: preamble.volumes.contains(0) ? preamble.path : nil)
      try connection.execute(
        "UPDATE transfer SET headlines = 1 WHERE id = ?", Value(transfer.id))
    }
  }

  private func finish(_ transfer: Transfer) throws(FilError) {
    let wanted = try replica.wanted().wanted
    if case .delta(_, _, let selection, _)? = transfer.resource, selection.basis != .bare,
      selection.wanted != .none || wanted == .none
    {
      // What is wanted may have changed meanwhile: then there are holes.
      let complete = selection.wanted == wanted
      try replica.commit { (connection) throws(DatabaseError) in
        try connection.execute(
          "UPDATE replica SET bodies_at = ?", Value(complete ? transfer.target : nil))
      }
    }
    finished.insert(transfer.path)
    try replica.end(transfer.id)
  }

  /// Takes the newer time of a head that did not change [HTTP-6].
  func renew(_ head: SourceHead) throws(FilError) {
    guard let held = try replica.state().signed, let field = head.time else {
      throw .untrusted(TrustError(.unsigned, "304"))
    }
    let renewed: SignedCheckpoint
    do { renewed = try SignedCheckpoint(renewing: held.checkpoint, field: field) } catch {
      throw .malformed(error)
    }
    try accept(renewed, over: held)
  }

  /// Verifies a note of the version that is held, and keeps it when it is newer.
  func accept(_ signed: SignedCheckpoint, over held: SignedCheckpoint) throws(FilError) {
    do {
      _ = try signed.verified(origin: replica.key.name, keys: try replica.keys())
    } catch let error as TrustError { throw .untrusted(error) } catch let error as FilError {
      throw error
    } catch { throw .damaged("checkpoint") }
    guard signed.checkpoint.time > held.checkpoint.time else { return }
    let note = signed.note
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.execute("UPDATE replica SET note = ?", Value(note))
    }
  }

  /// Keeps the two notes of a fork as evidence.
  func keepFork(_ spool: borrowing AppendFile?) throws(FilError) {
    guard let held = try replica.state().highest else { return }
    var scanner = ObjectScanner(origin: replica.key.name)
    let bytes: [UInt8]
    do { bytes = try spool?.read(at: 0, count: 2 * Limits.preambleBytes) ?? [] } catch {
      throw .file(error)
    }
    scanner.push(bytes)
    guard case .preamble(.delta(let preamble))? = try? scanner.next() else { return }
    try keepFork(held, preamble.checkpoint.note)
  }

  func keepFork(_ held: [UInt8], _ offered: [UInt8]) throws(FilError) {
    let now = options.clock.now()
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.execute(
        """
        INSERT INTO fork (found, held, offered) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM fork WHERE offered = ?3)
          AND (SELECT count(*) FROM fork) < 100
        """, Value(now), Value(held), Value(offered))
    }
  }
}

extension Connection {
  /// Says that the records held are those of `signed`.
  ///
  /// The path is that of the masthead, where it changed; nil: as it was.
  func move(
    to signed: SignedCheckpoint, digests: [Digest], floor: Int, path: [Digest]?
  ) throws(DatabaseError) {
    for (volume, digest) in digests.enumerated() {
      try execute(
        """
        INSERT INTO volume (volume, digest, changed) VALUES (?1, ?2, ?3)
        ON CONFLICT (volume) DO UPDATE SET digest = ?2, changed = ?3 WHERE digest <> ?2
        """, Value(volume), Value(digest.bytes), Value(signed.checkpoint.version))
    }
    try stand(at: signed)
    try execute("DELETE FROM volume WHERE volume >= ?", Value(digests.count))
    try ReplicaWriter(connection: self).keep(
      from: floor, below: signed.checkpoint.stateSize)
    let held = try ReplicaState(self)
    // Of two notes of one head the newer one stays [CHK-9].
    let head = signed.checkpoint
    let isNewer = held.signed.map {
      $0.checkpoint.version < head.version || $0.checkpoint.time < head.time
    }
    let note = isNewer ?? true ? signed.note : held.note
    try execute(
      """
      UPDATE replica SET version = ?1, note = ?2, floor = ?3, path = coalesce(?4, path),
        highest = CASE WHEN ?5 THEN ?2 ELSE highest END
      """, Value(head.version), Value(note), Value(floor),
      Value(path.map { $0.flatMap(\.bytes) }),
      Value(head.version >= held.highestHead?.version ?? 0))
  }
}
