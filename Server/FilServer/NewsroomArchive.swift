internal import Database
public import FilProtocol
public import FilSource
internal import Synchronization

/// What a newsroom has published, for whoever serves it: it reads, and never writes.
///
/// It sees what other processes publish. Calls from several threads take turns. Trust: the disk may
/// lie; what does not have its hash is named as damage and not given out.
public final class NewsroomArchive: Archive {
  private let connection: Mutex<Connection>
  /// The head as it was read last: every request asks for it.
  private let newest = Mutex<(dataVersion: Int, head: SignedCheckpoint)?>(nil)
  public let origin: String
  public let key: VerifierKey

  /// Opens the newsroom in the folder `path`.
  public init(_ path: String) throws(NewsroomError) {
    let opened = try Store.open(path, .readOnly)
    (origin, key) = try Store.identity(opened, path)
    connection = Mutex(opened)
  }

  public var isComplete: Bool { true }

  private func read<R: Sendable>(
    _ body: @Sendable (Connection) throws(NewsroomError) -> R
  ) throws(NewsroomError) -> R {
    try connection.withLock { (connection) throws(NewsroomError) in try body(connection) }
  }

  public func head() throws(NewsroomError) -> SignedCheckpoint {
    // This connection never writes: its data version changes with every commit of anybody else.
    let version = try read { (db) throws(NewsroomError) in
      try db.guarded { (db) throws(DatabaseError) in try db.dataVersion() }
    }
    if let known = newest.withLock({ $0 }), known.dataVersion == version { return known.head }
    let note = try read { (db) throws(NewsroomError) in try db.headNote() }
    guard let note else { throw .damaged("nothing was ever signed") }
    newest.withLock { $0 = (version, note) }
    return note
  }

  public func checkpoint(of version: Int) throws(NewsroomError) -> SignedCheckpoint? {
    try read { (db) throws(NewsroomError) in try db.signedNote(version) }
  }

  public func record(_ number: Int, asOf version: Int) throws(NewsroomError) -> Record? {
    try read { (db) throws(NewsroomError) in try db.record(number, asOf: version) }
  }

  public func records(ofVolume volume: Int, asOf version: Int) throws(NewsroomError) -> [Record] {
    try read { (db) throws(NewsroomError) in try db.records(ofVolume: volume, asOf: version) }
  }

  public func leaves(ofVolume volume: Int, asOf version: Int) throws(NewsroomError) -> [Digest] {
    try read { (db) throws(NewsroomError) in try db.leaves(ofVolume: volume, asOf: version) }
  }

  public func body(_ hash: BodyHash) throws(NewsroomError) -> [UInt8]? {
    try read { (db) throws(NewsroomError) in try db.body(hash) }
  }

  public func numbersChanged(
    after version: Int, through last: Int
  ) throws(NewsroomError) -> [Int]? {
    try read { (db) throws(NewsroomError) in
      guard try db.logLength() >= last else { return nil }
      return try db.numbersChanged(after: version, through: last)
    }
  }

  public func version(ofVolume volume: Int, digest: Digest) throws(NewsroomError) -> Int? {
    try read { (db) throws(NewsroomError) in
      try db.guarded { (db) throws(DatabaseError) in
        try db.first(
          "SELECT version FROM volume_digest WHERE volume = ? AND digest = ?", Value(volume),
          .blob(digest.bytes)
        ) { $0.integer(0) }
      }
    }
  }

  public func digests(asOf version: Int) throws(NewsroomError) -> [Digest] {
    try read { (db) throws(NewsroomError) in
      // The table is right for signed versions only; others nobody has been told of.
      guard try db.signedNote(version) != nil else { return [] }
      return try db.signedDigests(asOf: version)
    }
  }

  /// The last `count` versions that were signed, newest first.
  func signedVersions(last count: Int) throws(NewsroomError) -> [Int] {
    try read { (db) throws(NewsroomError) in
      try db.guarded { (db) throws(DatabaseError) in
        try db.query("SELECT version FROM signed ORDER BY version DESC LIMIT ?", Value(count)) {
          $0.integer(0)
        }
      }
    }
  }

  public func lastErasure() throws(NewsroomError) -> Int {
    try read { (db) throws(NewsroomError) in try db.lastErasure() }
  }

  public func floor(days: Int) throws(NewsroomError) -> Int {
    let head = try head().checkpoint.version
    return try read { (db) throws(NewsroomError) in
      let oldest = try db.guarded { (db) throws(DatabaseError) in
        try db.first(
          """
          WITH current AS (
            SELECT number, published, max(version) FROM change WHERE version <= ? GROUP BY number)
          SELECT min(number) FROM current
          WHERE published >= (SELECT max(published) FROM current) - ? * 86400
          """, Value(head), Value(days)
        ) { $0.integer(0) }
      }
      return (oldest ?? 0) / Limits.volume
    }
  }
}

extension Connection {
  func lastErasure() throws(NewsroomError) -> Int {
    let version = try guarded { (db) throws(DatabaseError) in try db.setting(.erased) }
    return version.flatMap { Int($0) } ?? 0
  }

  /// The volume digests at a signed version, as they were stored when it was signed.
  func signedDigests(asOf version: Int) throws(NewsroomError) -> [Digest] {
    let rows = try guarded { (db) throws(DatabaseError) in
      try db.query(
        """
        SELECT volume, digest, max(version) FROM volume_digest WHERE version <= ?
        GROUP BY volume ORDER BY volume
        """, Value(version)
      ) { (volume: $0.integer(0), digest: Digest(bytes: $0.blob(1))) }
    }
    return try rows.enumerated().map { (place, row) throws(NewsroomError) in
      guard row.volume == place, let digest = row.digest else {
        throw .damaged("the digest of volume \(place) at version \(version)")
      }
      return digest
    }
  }
}
