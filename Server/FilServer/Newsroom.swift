internal import Database
public import FilProtocol
internal import Files

/// A newsroom's folder, held by its only writer for as long as this value lives.
///
/// A publication is on disk before it is signed, signed once, and told to the witness before anyone
/// else. What a crash leaves behind is finished by the next call. Not thread-safe; other processes
/// wait for the lock. Trust: whoever can write the folder is the newsroom.
public final class Newsroom {
  public let path: String
  public let origin: String
  public let key: VerifierKey
  let db: Connection
  let surroundings: Surroundings
  let signingKey: SigningKey
  var witness: Witness
  /// The witness was named just now: that it knows nothing yet is no reason to worry.
  private var witnessIsNew = false
  private let lock: FileLock

  /// Opens the newsroom in the folder `path`.
  ///
  /// It waits `patience` seconds for another command to end, then throws
  /// ``NewsroomError/busy(holder:)``; `purpose` is what a command that finds this one busy says.
  public convenience init(
    _ path: String, surroundings: Surroundings = Surroundings(), patience: Int = 10,
    purpose: String = "another command"
  ) throws(NewsroomError) {
    guard Newsroom.exists(path) else { throw .noNewsroom(path) }
    let lock = try Newsroom.hold(path, surroundings, patience, purpose)
    let db = try Store.open(path, .readWrite)
    try self.init(path, db, surroundings, lock)
  }

  init(
    _ path: String, _ db: Connection, _ surroundings: Surroundings, _ lock: consuming FileLock
  ) throws(NewsroomError) {
    self.path = path
    self.db = db
    self.surroundings = surroundings
    self.lock = lock
    (origin, key) = try Store.identity(db, path)
    signingKey = try KeyFile.read(Store.key(path), verifier: key)
    witness = try db.guarded { (db) throws(DatabaseError) in
      if let named = try db.setting(.witness) { return Witness(named) }
      return Witness(try db.setting(.url) ?? "none")
    }
  }

  /// Whether `path` has a newsroom's database.
  static func exists(_ path: String) -> Bool {
    (try? Files.list(path))?.contains { "\(path)/\($0.name)" == Store.database(path) } ?? false
  }

  static func hold(
    _ path: String, _ surroundings: Surroundings, _ patience: Int, _ purpose: String
  ) throws(NewsroomError) -> FileLock {
    let step = 50
    do throws(FileError) {
      for turn in 0...(patience * 1000 / step) {
        if turn > 0 { surroundings.pause(step) }
        guard let lock = try FileLock.tryLock(Store.lock(path)) else { continue }
        var holder = try AppendFile(Store.holder(path))
        try holder.truncate(to: 0)
        try holder.append(Array(purpose.utf8))
        return lock
      }
    } catch { throw .file(error) }
    let holder = (try? Files.read(Store.holder(path), atMost: 1024)) ?? []
    throw .busy(
      holder: holder.isEmpty ? "another command" : String(decoding: holder, as: UTF8.self))
  }

  /// Names the witness that is asked from now on: a file, a URL, or `none`; it may be empty yet.
  public func use(witness text: String) throws(NewsroomError) {
    let named = try Witness.named(text, for: path)
    try db.guarded { (db) throws(DatabaseError) in try db.set(.witness, named.place) }
    witness = named
    witnessIsNew = true
  }

  /// Finishes what an earlier command left unfinished: signs what is not signed, erases for good.
  ///
  /// With `restored` the operator says that the store is a restored backup; then masthead changes
  /// are appended until its version passes the one that the witness has seen.
  public func settle(restored: Bool = false) throws(NewsroomError) {
    let seen = try witness.seen(surroundings, isNew: witnessIsNew)
    do throws(NewsroomError) {
      if let seen { try compare(seen) }
    } catch {
      guard restored, let seen, case .witness(let conflict) = error, conflict.isOfRestoring else {
        throw error
      }
      try pass(seen)
    }
    try signWhatIsNot()
    try finishErasure()
    if witnessIsNew {
      if let head = try db.headNote() { try witness.remember(head) }
      witnessIsNew = false
    }
  }

  /// Signs the head again, with the time of now: "still so".
  ///
  /// The version and its roots stay; a clock that went back changes nothing.
  public func renew() throws(NewsroomError) {
    if try db.logLength() > db.signedLength() { try settle() }
    guard let head = try db.headNote(), surroundings.now() > head.checkpoint.time else { return }
    let note = try sign(head.checkpoint, at: surroundings.now())
    try db.guarded { (db) throws(DatabaseError) in try db.store(head: note) }
    try finishErasure()
  }
}

extension WitnessError {
  /// Whether it says that the database is older than what was published.
  var isOfRestoring: Bool {
    switch self {
    case .ahead, .differs: true
    case .silent, .foreign: false
    }
  }
}
