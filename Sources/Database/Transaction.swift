internal import CSQLite

extension Connection {
  /// Rows changed by the last `INSERT`, `UPDATE` or `DELETE`, without those of triggers.
  public var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The row number of the last `INSERT` into a table that has row numbers.
  public var lastInsertRowID: Int { Int(sqlite3_last_insert_rowid(handle)) }

  /// Whether a transaction is open.
  public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// A number that changes when another connection has changed the file, as `PRAGMA data_version`.
  public func dataVersion() throws(DatabaseError) -> Int {
    try first("PRAGMA data_version") { $0.integer(0) } ?? 0
  }

  /// How many migrations the file has taken.
  public func userVersion() throws(DatabaseError) -> Int {
    try first("PRAGMA user_version") { $0.integer(0) } ?? 0
  }

  /// Runs `body` in a transaction that has the write lock from its start.
  ///
  /// Transactions do not nest. When `body` throws, or the commit fails, all is rolled back.
  public func transaction<R, E: Error>(
    failure wrap: (DatabaseError) -> E, _ body: () throws(E) -> R
  ) throws(E) -> R {
    do throws(DatabaseError) { try script("BEGIN IMMEDIATE") } catch { throw wrap(error) }
    let result: R
    do throws(E) {
      result = try body()
    } catch {
      rollback()
      throw error
    }
    do throws(DatabaseError) {
      try script("COMMIT")
    } catch {
      rollback()
      throw wrap(error)
    }
    return result
  }

  /// Runs `body` in a transaction, as ``transaction(failure:_:)`` does.
  public func transaction<R>(
    _ body: () throws(DatabaseError) -> R
  ) throws(DatabaseError) -> R {
    try transaction(failure: { $0 }, body)
  }

  /// Runs `body` in a transaction that only reads: all its queries see the same state of the file.
  public func snapshot<R>(
    _ body: () throws(DatabaseError) -> R
  ) throws(DatabaseError) -> R {
    try script("BEGIN DEFERRED")
    defer { rollback() }
    return try body()
  }

  // SQLite has rolled back by itself after some failures (a full disk): there is then none to end.
  private func rollback() {
    if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
  }
}
