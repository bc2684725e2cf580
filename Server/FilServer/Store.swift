internal import Database
internal import FilProtocol
internal import Files

/// The names in a newsroom's folder, and how its database is opened.
enum Store {
  static func database(_ path: String) -> String { "\(path)/newsroom.db" }
  static func key(_ path: String) -> String { "\(path)/key" }
  static func lock(_ path: String) -> String { "\(path)/lock" }
  /// Held while an import runs, also while it waits for a site.
  static func importLock(_ path: String) -> String { "\(path)/import.lock" }
  static func holder(_ path: String) -> String { "\(path)/lock.holder" }
  /// Rendered objects; may be removed at any time.
  static func cache(_ path: String) -> String { "\(path)/cache" }

  static func open(
    _ path: String, _ mode: Connection.Mode
  ) throws(NewsroomError) -> Connection {
    let connection: Connection
    do throws(DatabaseError) {
      connection = try Connection(path: database(path), mode: mode)
      if mode != .readOnly {
        try connection.enableWAL(synchronous: .full)
        // Erased text must not stay in free pages.
        try connection.script("PRAGMA secure_delete = ON")
        try connection.migrate(Schema.migrations)
      }
    } catch {
      // SQLITE_CANTOPEN: there is no such file.
      if error.code & 0xff == 14 { throw .noNewsroom(path) }
      throw error.isDamage ? .damaged(error.message) : .database(error)
    }
    return connection
  }

  /// The origin and the verifier key of the newsroom that `connection` has open.
  static func identity(
    _ connection: Connection, _ path: String
  ) throws(NewsroomError) -> (origin: String, key: VerifierKey) {
    let found = try connection.guarded { (db) throws(DatabaseError) -> (String, String)? in
      guard try db.userVersion() > 0, let origin = try db.setting(.origin),
        let key = try db.setting(.key)
      else { return nil }
      return (origin, key)
    }
    guard let (origin, text) = found else { throw .noNewsroom(path) }
    guard let key = try? VerifierKey(parsing: text), key.name == origin else {
      throw .damaged("the verifier key in the settings")
    }
    return (origin, key)
  }
}
