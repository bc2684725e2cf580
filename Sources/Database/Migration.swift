internal import CSQLite

/// One step of a schema; a step that has been released is never edited, only followed by another.
public struct Migration: Sendable {
  public let name: String
  public let sql: String

  public init(_ name: String, _ sql: String) {
    self.name = name
    self.sql = sql
  }
}

extension Connection {
  /// Takes the steps of `schema` that the file has not taken, each in a transaction of its own.
  ///
  /// Several processes may call it at once.
  ///
  /// - Throws: ``DatabaseError``, with `isNewer` when the file has taken more steps than `schema`
  ///   has, which means that a newer program wrote it; the file is then untouched.
  public func migrate(_ schema: [Migration]) throws(DatabaseError) {
    let taken = try userVersion()
    guard taken <= schema.count else {
      throw DatabaseError(
        code: SQLITE_SCHEMA,
        message: "schema \(taken) is newer than this program's \(schema.count)")
    }
    for number in taken..<schema.count {
      try transaction { () throws(DatabaseError) in
        guard try userVersion() == number else { return }
        try script(schema[number].sql)
        try script("PRAGMA user_version = \(number + 1)")
      }
    }
  }
}
