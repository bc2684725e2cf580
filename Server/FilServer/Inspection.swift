internal import Database
internal import FilProtocol

/// What a check of everything in a newsroom's store found: all is hashed, and all is verified.
///
/// It only reads, also while others publish. What it names is damaged or was changed by someone
/// without the key; what it does not name is what was signed.
public struct Inspection: Sendable {
  /// One sentence for each thing that is not as it was signed; empty: all is well.
  public private(set) var damage: [String] = []
  public private(set) var changes = 0
  public private(set) var bodies = 0
  /// Changes that no checkpoint covers yet; the next publication signs them.
  public private(set) var unsigned = 0

  private var key: VerifierKey
  private var leaves: [Digest] = []
  private var log = Merkle.Frontier()
  /// Roots of the volumes, and those that changed since the last signed version.
  private var digests: [Digest] = []
  private var touched: Set<Int> = []
  private var notes: [Int: [UInt8]] = [:]
  private var lastSigned: Checkpoint?
  private var storedDigests: Set<VolumeDigest> = []
  private var lengths: [[UInt8]: Int] = [:]
  private var named: Set<[UInt8]> = []
  /// By number: the newest revision without bytes, and up to where revisions may be erased.
  private var erased: [Int: Int] = [:]
  private var mayBeErased: [Int: Int] = [:]

  private struct VolumeDigest: Hashable {
    let volume: Int
    let version: Int
    let digest: [UInt8]
  }

  /// Checks the newsroom in the folder `path`.
  public init(_ path: String) throws(NewsroomError) {
    let db = try Store.open(path, .readOnly)
    key = try Store.identity(db, path).key
    for line in try db.guarded({ (db) throws(DatabaseError) in try db.integrityCheck() }) {
      damage.append("newsroom.db: \(line)")
    }
    do throws(NewsroomError) { _ = try KeyFile.read(Store.key(path), verifier: key) } catch {
      damage.append(error.description)
    }
    var check = self
    do throws(DatabaseError) {
      try db.snapshot { () throws(DatabaseError) in try check.run(db) }
    } catch {
      guard error.isDamage else { throw .database(error) }
      check.damage.append("newsroom.db: \(error.message)")
    }
    self = check
  }

  private mutating func run(_ db: Connection) throws(DatabaseError) {
    try readBodies(db)
    for (version, note) in try db.query(
      "SELECT version, note FROM signed", row: { ($0.integer(0), [UInt8]($0.text(1).utf8)) })
    {
      notes[version] = note
    }
    storedDigests = Set(
      try db.query("SELECT volume, version, digest FROM volume_digest") {
        VolumeDigest(volume: $0.integer(0), version: $0.integer(1), digest: $0.blob(2))
      })
    try readLog(db)
    for (number, version) in erased where mayBeErased[number, default: 0] <= version {
      damage.append("record \(number) of version \(version) is missing and was not erased")
    }
    for version in notes.keys.sorted() where version > changes {
      damage.append("version \(version) was signed, and the log ends at \(changes)")
    }
    unsigned = changes - (lastSigned?.version ?? 0)
    for row in storedDigests.sorted(by: { $0.version < $1.version }) {
      damage.append("a digest of volume \(row.volume) at version \(row.version) is not of the log")
    }
    for hash in lengths.keys where !named.contains(hash) {
      damage.append("body \(Hex.encode(hash)) belongs to no article")
    }
    try readHead(db)
    for number in try db.query("SELECT number FROM identity", row: { $0.integer(0) })
    where !(1..<max(1, leaves.count)).contains(number) {
      damage.append("an id or slug stands for article \(number), which does not exist")
    }
  }

  private mutating func readBodies(_ db: Connection) throws(DatabaseError) {
    var wrong: [String] = []
    var found: [[UInt8]: Int] = [:]
    try db.forEach("SELECT hash, text FROM body") { row in
      let (hash, text) = (row.blob(0), [UInt8](row.text(1).utf8))
      found[hash] = text.count
      if BodyHash(of: text).bytes != hash { wrong.append("body \(Hex.encode(hash)) is damaged") }
      return true
    }
    (lengths, bodies) = (found, found.count)
    damage += wrong
  }

  private mutating func readLog(_ db: Connection) throws(DatabaseError) {
    var check = self
    try db.forEach("SELECT version, leaf, record, number, body FROM change ORDER BY version") {
      (row) throws(DatabaseError) in
      check.take(try StoredRecord(row), number: row.integer(3), body: row.blobOrNil(4))
      return true
    }
    self = check
  }

  private mutating func take(_ stored: StoredRecord, number: Int, body: [UInt8]?) {
    changes += 1
    let name = "record \(number) of version \(stored.version)"
    if stored.version != changes { damage.append("the log has no version \(changes)") }
    changes = stored.version
    guard let leaf = Digest(bytes: stored.leaf), (0...leaves.count).contains(number) else {
      damage.append("\(name) has no place in the state")
      return
    }
    if number == leaves.count { leaves.append(leaf) } else { leaves[number] = leaf }
    log.append(leaf)
    touched.insert(number / Limits.volume)
    if let bytes = stored.bytes {
      if let record = try? stored.checked(number) {
        check(record, body, name)
      } else {
        damage.append("\(name) is damaged (\(bytes.count) bytes)")
      }
    } else {
      erased[number] = stored.version
    }
    if let note = notes[stored.version] { check(note, version: stored.version) }
  }

  private mutating func check(_ record: Record, _ body: [UInt8]?, _ name: String) {
    mayBeErased[record.number] = record.erased
    let headline = record.headline.flatMap { $0.length > 0 ? $0 : nil }
    if headline?.body.bytes != body { damage.append("\(name) is filed under another body") }
    guard let headline else { return }
    named.insert(headline.body.bytes)
    if lengths[headline.body.bytes] != headline.length {
      damage.append("body \(headline.body) of \(name) is missing or cut")
    }
  }

  private mutating func check(_ note: [UInt8], version: Int) {
    for volume in touched.sorted() {
      let end = min((volume + 1) * Limits.volume, leaves.count)
      let digest = Merkle.root(leaves[volume * Limits.volume..<end])
      if volume < digests.count { digests[volume] = digest } else { digests.append(digest) }
      let row = VolumeDigest(volume: volume, version: version, digest: digest.bytes)
      if storedDigests.remove(row) == nil {
        damage.append("the digest of volume \(volume) at version \(version) is missing or wrong")
      }
    }
    touched = []
    guard let head = verified(note), head.version == version, head.logRoot == log.root,
      head.stateSize == leaves.count, head.stateRoot == Merkle.root(digests)
    else {
      damage.append("the checkpoint of version \(version) does not cover the log")
      return
    }
    lastSigned = head
  }

  private func verified(_ note: [UInt8]) -> Checkpoint? {
    try? SignedCheckpoint(note: note).verified(origin: key.name, keys: [key])
  }

  private mutating func readHead(_ db: Connection) throws(DatabaseError) {
    let note = try db.first("SELECT note FROM head") { [UInt8]($0.text(0).utf8) }
    guard let lastSigned, let note, let head = verified(note), head.sameHead(as: lastSigned) else {
      damage.append("the newest checkpoint is missing, or is not of the newest signed version")
      return
    }
  }
}
