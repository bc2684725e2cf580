internal import Database
public import FilProtocol
internal import Files

/// What a newsroom has, for its operator.
public struct Status: Sendable {
  public let key: VerifierKey
  /// The newest checkpoint; nil before anything was signed.
  public let head: Checkpoint?
  public let name: String
  /// Numbers of articles, retracted ones included.
  public let articles: Int
  public let retracted: Int
  /// Changes that the next command will sign.
  public let unsigned: Int
  public let url: String?
  /// A file, a URL, or `none`.
  public let witness: String
  /// Erased bytes may still be in the write-ahead log; the next command tries again.
  public let isErasurePending: Bool
  /// Articles whose date is in the future: they are published then.
  public let held: Int
  /// Of the database, in bytes.
  public let size: Int
  /// Of all that is in the folder, the cache of rendered objects included, in bytes.
  public let folderSize: Int
  /// When the newest version was signed first; nil before anything was signed.
  public let lastPublication: Int?
  public let today: Day
  /// Exports and backups, the newest first.
  public let upkeep: Upkeep
  /// The clock when this was read.
  public let now: Int

  /// What was signed since midnight, UTC.
  public struct Day: Sendable, Equatable {
    public var published = 0
    public var corrected = 0
    public var retracted = 0
  }

  /// Reads the newsroom in the folder `path`, also while others publish.
  public init(
    _ path: String, surroundings: Surroundings = Surroundings()
  ) throws(NewsroomError) {
    let db = try Store.open(path, .readOnly)
    key = try Store.identity(db, path).key
    head = try db.headNote()?.checkpoint
    let version = try db.logLength()
    unsigned = version - (try db.signedLength())
    guard case .masthead(let masthead)? = try db.record(0, asOf: version)?.content else {
      throw .damaged("the masthead")
    }
    name = masthead.name
    let size = try db.stateSize()
    articles = size - 1
    let (readable, settings, bytes) = try db.guarded {
      (db) throws(DatabaseError) -> (Int, [String?], Int) in
      let readable = try db.first(
        """
        SELECT count(published) FROM
          (SELECT published, max(version) FROM change WHERE number > 0 GROUP BY number)
        """
      ) { $0.integer(0) }
      let settings = [
        try db.setting(.url), try db.setting(.witness), try db.setting(.erasure),
      ]
      let bytes = try db.first(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
      ) { $0.integer(0) }
      return (readable ?? 0, settings, bytes ?? 0)
    }
    held = try db.heldCount()
    retracted = size - 1 - readable
    url = settings[0]
    witness = settings[1] ?? settings[0] ?? "none"
    isErasurePending = settings[2] != nil
    self.size = bytes
    now = surroundings.now()
    lastPublication = try head.flatMap { (head) throws(NewsroomError) in
      try db.signedNote(head.version)?.checkpoint.time
    }
    today = try db.changes(since: now - now % 86400)
    do throws(FileError) {
      upkeep = try Upkeep(path)
      folderSize = try Files.treeSize(path)
    } catch { throw .file(error) }
  }
}

extension Connection {
  /// What was signed at `time` or later; what was erased since is not counted.
  fileprivate func changes(since time: Int) throws(NewsroomError) -> Status.Day {
    var before = try signedLength()
    while before > 0, let note = try signedNote(before), note.checkpoint.time >= time {
      let version = before
      before = try guarded { (db) throws(DatabaseError) in
        try db.first("SELECT max(version) FROM signed WHERE version < ?", Value(version)) {
          $0.integer(0)
        } ?? 0
      }
    }
    let last = try signedLength()
    return try guarded { (db) throws(DatabaseError) in
      try db.first(
        """
        SELECT coalesce(sum(old IS NULL), 0),
          coalesce(sum(old IS NOT NULL AND published IS NOT NULL), 0),
          coalesce(sum(old IS NOT NULL AND published IS NULL), 0)
        FROM (
          SELECT published, (SELECT max(version) FROM change AS older
            WHERE older.number = change.number AND older.version < change.version) AS old
          FROM change WHERE version > ? AND version <= ? AND number > 0 AND record IS NOT NULL)
        """, Value(before), Value(last)
      ) { Status.Day(published: $0.integer(0), corrected: $0.integer(1), retracted: $0.integer(2)) }
        ?? Status.Day()
    }
  }
}

extension Newsroom {
  /// Writes a copy of the database, as of now, to `file`; the key is not in it.
  ///
  /// Others may publish meanwhile. What is erased later stays in the copy: destroy old copies.
  public static func backup(
    _ path: String, to file: String, surroundings: Surroundings = Surroundings()
  ) throws(NewsroomError) {
    let db = try Store.open(path, .readOnly)
    _ = try Store.identity(db, path)
    let version = try db.logLength()
    do throws(DatabaseError) { try db.backup(to: file) } catch { throw .database(error) }
    do throws(FileError) {
      try Upkeep.note(.backup, file, version: version, time: surroundings.now(), in: path)
    } catch { throw .file(error) }
  }
}
