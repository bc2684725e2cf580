internal import Database
internal import FilProtocol
internal import FilSource

/// Decodes what readers will get, with the decoder that they have, before anything is signed.
///
/// It runs on the writer's connection, which sees the changes before they are committed, and under a
/// throwaway key: nothing that bears the feed's key exists before it has passed.
enum Rehearsal {
  /// Renders the delta from version `last` to `head`, decodes it, and compares.
  static func run(
    _ db: Connection, _ head: Head, after last: Int, _ surroundings: Surroundings
  ) throws(NewsroomError) {
    do {
      let key = try SigningKey(
        name: head.checkpoint.origin, seed: [UInt8](repeating: 0, count: 32))
      let note = SignedCheckpoint(signing: head.checkpoint, with: [key])
      let delta = try DeltaRenderer(
        DraftArchive(db, head: note), from: last, signed: note, selection: .all, floor: 0
      ).render()
      let audience = Audience(db, from: last)
      var reader = DeltaReader(
        DeltaRequest(
          origin: head.checkpoint.origin, keys: [key.verifier], from: last, selection: .all,
          floor: 0, highest: try db.signedNote(last)?.checkpoint), holdings: audience)
      reader.push(surroundings.rendered(delta))
      try play(&reader, to: audience)
    } catch let error as NewsroomError { throw error } catch RenderError<NewsroomError>.archive(
      let error)
    {
      throw error
    } catch ReadError<NewsroomError>.holdings(let error) {
      throw error
    } catch {
      throw .rehearsal("version \(head.checkpoint.version): \(error)")
    }
  }

  private static func play(
    _ reader: inout DeltaReader<Audience>, to audience: Audience
  ) throws {
    while let part = try reader.next() {
      switch part {
      case .preamble, .headlinesEnd: break
      case .headlines(_, let records): try audience.compare(records)
      case .body(_, let hash, let text): audience.keep(hash, text)
      case .end: return
      }
    }
    throw NewsroomError.rehearsal("the delta ends too early")
  }
}

/// The newsroom as it will be once the draft is signed.
///
/// `@unchecked`: the renderer that it is given to uses it on the writer's thread alone.
private struct DraftArchive: Archive, @unchecked Sendable {
  private let db: Connection
  private let note: SignedCheckpoint

  init(_ db: Connection, head: SignedCheckpoint) {
    self.db = db
    note = head
  }

  var isComplete: Bool { true }

  func head() throws(NewsroomError) -> SignedCheckpoint { note }

  func checkpoint(of version: Int) throws(NewsroomError) -> SignedCheckpoint? {
    version == note.checkpoint.version ? note : try db.signedNote(version)
  }

  func record(_ number: Int, asOf version: Int) throws(NewsroomError) -> Record? {
    try db.record(number, asOf: version)
  }

  func records(ofVolume volume: Int, asOf version: Int) throws(NewsroomError) -> [Record] {
    try db.records(ofVolume: volume, asOf: version)
  }

  func leaves(ofVolume volume: Int, asOf version: Int) throws(NewsroomError) -> [Digest] {
    try db.leaves(ofVolume: volume, asOf: version)
  }

  func body(_ hash: BodyHash) throws(NewsroomError) -> [UInt8]? { try db.body(hash) }

  func numbersChanged(
    after version: Int, through last: Int
  ) throws(NewsroomError) -> [Int]? {
    try db.numbersChanged(after: version, through: last)
  }

  func version(ofVolume: Int, digest: Digest) throws(NewsroomError) -> Int? { nil }

  func lastErasure() throws(NewsroomError) -> Int { try db.lastErasure() }

  func floor(days: Int) throws(NewsroomError) -> Int { 0 }
}

/// A replica at the version before: it holds what was published then, and what the delta brings.
private final class Audience: Holdings {
  private let db: Connection
  private let from: Int
  private var brought: [BodyHash: [UInt8]] = [:]

  init(_ db: Connection, from: Int) {
    self.db = db
    self.from = from
  }

  func keep(_ hash: BodyHash, _ text: [UInt8]) { brought[hash] = text }

  /// Refuses records that are not the ones in the store.
  func compare(_ records: [Record]) throws(NewsroomError) {
    for record in records where try db.record(record.number, asOf: record.version) != record {
      throw .rehearsal("record \(record.number) came out differently")
    }
  }

  func digests(asOf version: Int) throws(NewsroomError) -> [Digest] {
    try db.signedDigests(asOf: version)
  }

  func record(_ number: Int, asOf version: Int) throws(NewsroomError) -> Record? {
    try db.record(number, asOf: version)
  }

  func records(ofVolume volume: Int, asOf version: Int) throws(NewsroomError) -> [Record] {
    try db.records(ofVolume: volume, asOf: version)
  }

  func body(_ hash: BodyHash) throws(NewsroomError) -> [UInt8]? {
    if let text = brought[hash] { return text }
    let held = try db.guarded { (db) throws(DatabaseError) in
      try db.first(
        "SELECT 1 FROM change WHERE body = ? AND version <= ?", .blob(hash.bytes), Value(from)
      ) { _ in true }
    }
    return held == nil ? nil : try db.body(hash)
  }
}
