internal import Database
internal import FilProtocol

extension Newsroom {
  /// Compares what the witness has seen with what this newsroom signed, or is about to sign.
  func compare(_ seen: SignedCheckpoint) throws(NewsroomError) {
    let head: Checkpoint
    do { head = try seen.verified(origin: origin, keys: [key]) } catch {
      throw .witness(.foreign(place: witness.place, why: "\(error)"))
    }
    if let pardoned = try pardoned(), pardoned.sameHead(as: head) { return }
    let unsigned = try db.unsignedHead(origin: origin, time: 0)?.checkpoint
    if let unsigned, unsigned.sameHead(as: head) { return }
    if try db.signedNote(head.version)?.checkpoint.sameHead(as: head) ?? false { return }
    let ours = try db.logLength()
    throw .witness(
      head.version > ours
        ? .ahead(place: witness.place, version: head.version, ours: ours)
        : .differs(place: witness.place, version: head.version))
  }

  /// Appends masthead changes until the version passes the one that was `seen`, as DESIGN.md §3 says.
  ///
  /// What was published after the backup is lost here; its versions are never used again.
  func pass(_ seen: SignedCheckpoint) throws(NewsroomError) {
    _ = try append { (batch) throws(NewsroomError) in
      let masthead = batch.masthead
      repeat {
        try batch.append(.masthead(masthead), number: 0)
      } while batch.version <= seen.checkpoint.version
      // The public URL goes on saying so until this newsroom is served.
      try batch.pardon(seen)
    }
  }

  /// The head of another history, which the operator has said is one.
  private func pardoned() throws(NewsroomError) -> Checkpoint? {
    let text = try db.guarded { (db) throws(DatabaseError) in try db.setting(.pardoned) }
    guard let text else { return nil }
    return (try? SignedCheckpoint(note: Array(text.utf8)))?.checkpoint
  }
}
