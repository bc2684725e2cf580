internal import Database
public import FilProtocol

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

  /// Reads the newsroom in the folder `path`, also while others publish.
  public init(_ path: String) throws(NewsroomError) {
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
  }
}

extension Newsroom {
  /// Writes a copy of the database, as of now, to `file`; the key is not in it.
  ///
  /// Others may publish meanwhile. What is erased later stays in the copy: destroy old copies.
  public static func backup(_ path: String, to file: String) throws(NewsroomError) {
    let db = try Store.open(path, .readOnly)
    _ = try Store.identity(db, path)
    do throws(DatabaseError) { try db.backup(to: file) } catch { throw .database(error) }
  }
}
