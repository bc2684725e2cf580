internal import Database
internal import FilProtocol

/// The head that a replica holds, with what proves it: checked when it is read.
///
/// Whoever can write to the file can change everything here but the signature and what it covers.
struct ReplicaMoment: Sendable {
  /// With its newest time.
  let signed: SignedCheckpoint
  /// As it came first: what deltas to it carry, so that their bytes need not change [HTTP-9].
  let first: SignedCheckpoint
  let digests: [Digest]
  let floor: Int
  /// Of the masthead, while the floor is above 0.
  let path: [Digest]
  /// The version of the newest change held that erased something.
  let erased: Int

  var head: Checkpoint { signed.checkpoint }

  /// - Throws: `notFound` before the first sync, `damaged` when what is held is not what was signed.
  init(_ connection: Connection, _ key: VerifierKey) throws(FilError) {
    let state: ReplicaState
    let masthead: Masthead?
    let stood: [UInt8]?
    do throws(DatabaseError) {
      state = try ReplicaState(connection)
      masthead = try connection.masthead()
      stood = try connection.first("SELECT note FROM stood WHERE version = ?", Value(state.version))
      { $0.blob(0) }
      erased =
        try connection.first("SELECT max(erased) FROM article WHERE erased > 0") {
          $0.integer(0)
        } ?? 0
    } catch { throw .database(error) }
    guard state.version > 0 else { throw .notFound(key.name) }
    digests = try StoredFeed(connection: connection).digests(asOf: state.version)
    floor = state.floor
    path = state.mastheadPath
    let keys = [key] + (masthead?.keys ?? [])
    func verified(_ note: [UInt8]?) -> SignedCheckpoint? {
      guard let signed = note.flatMap({ try? SignedCheckpoint(note: $0) }),
        (try? signed.verified(origin: key.name, keys: keys)) != nil
      else { return nil }
      return signed
    }
    guard let signed = verified(state.note), signed.checkpoint.version == state.version,
      digests.count == signed.checkpoint.volumes,
      Merkle.root(digests) == signed.checkpoint.stateRoot
    else { throw .damaged("checkpoint") }
    self.signed = signed
    let first = verified(stood)
    self.first =
      first?.checkpoint.sameHead(as: signed.checkpoint) ?? false ? first ?? signed : signed
  }
}
