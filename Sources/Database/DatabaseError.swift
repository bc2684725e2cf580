internal import CSQLite

/// What SQLite refused, with its extended code and the statement, never the statement's values.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
  /// SQLite's extended result code; the low eight bits are the primary code.
  public let code: Int32
  public let message: String
  /// The statement with its `?`, or nothing.
  public let sql: String

  public init(code: Int32, message: String, sql: String = "") {
    self.code = code
    self.message = message
    self.sql = sql
  }

  private var primary: Int32 { code & 0xff }

  /// Another connection holds the lock: try again later.
  public var isBusy: Bool { primary == SQLITE_BUSY || primary == SQLITE_LOCKED }
  /// The disk is full.
  public var isFull: Bool { primary == SQLITE_FULL }
  /// The file is damaged, or is no database: replace it.
  public var isDamage: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB }
  /// The file or its folder may not be written.
  public var isReadOnly: Bool { primary == SQLITE_READONLY }
  /// A newer program has written the file: upgrade this one.
  public var isNewer: Bool { primary == SQLITE_SCHEMA }
  /// A rule of the schema (`UNIQUE`, `CHECK`, `NOT NULL`, a foreign key …) forbids the change.
  public var isConstraint: Bool { primary == SQLITE_CONSTRAINT }
  /// The call was stopped by ``Interrupter/interrupt()``.
  public var isInterrupted: Bool { primary == SQLITE_INTERRUPT }

  public var description: String {
    sql.isEmpty ? "sqlite \(code): \(message)" : "sqlite \(code): \(message) in: \(sql)"
  }
}

extension DatabaseError {
  /// The failure that the connection remembers.
  static func last(_ handle: OpaquePointer?, _ code: Int32, _ sql: String) -> DatabaseError {
    DatabaseError(code: code, message: String(cString: sqlite3_errmsg(handle)), sql: sql)
  }
}
