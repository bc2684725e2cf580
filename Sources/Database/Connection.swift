internal import CSQLite
internal import Synchronization

/// An open SQLite file.
///
/// A connection is not `Sendable`: give each to one thread, or to a `Mutex`. Several connections,
/// also of other processes, may have the same file open; a writer waits for another one for the
/// busy timeout. Statements are prepared once and kept, the 64 most recent of them.
public final class Connection {
  public enum Mode: Sendable {
    case readOnly
    case readWrite
    /// Reading and writing, and a file that is missing is created, empty.
    case create
  }

  let handle: OpaquePointer
  public let path: String
  /// What another thread needs to stop a call of this connection.
  public let interrupter: Interrupter
  var cache = StatementCache(capacity: 64)

  /// Opens the file, with foreign keys enforced and its schema not trusted to call functions.
  ///
  /// `busyTimeout` is in milliseconds.
  ///
  /// - Throws: ``DatabaseError``, with `isDamage` and the path in the message when the file is no
  ///   database; nothing has then been written.
  public init(
    path: String, mode: Mode, busyTimeout: Int = 5000
  ) throws(DatabaseError) {
    var opened: OpaquePointer?
    let flags = mode.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      defer { sqlite3_close_v2(opened) }
      throw DatabaseError.last(opened, code, "").naming(path)
    }
    handle = opened
    self.path = path
    interrupter = Interrupter(opened)
    sqlite3_busy_timeout(handle, Int32(clamping: busyTimeout))
    do throws(DatabaseError) {
      try script("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF")
      _ = try first("PRAGMA schema_version") { $0.integer(0) }
    } catch {
      throw error.naming(path)
    }
  }

  deinit {
    interrupter.forget()
    cache.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Runs one statement to its end.
  ///
  /// - Throws: ``DatabaseError``, also when the values are not as many as the statement's `?`, or
  ///   when there is a second statement; the statement then changed nothing.
  public func execute(_ sql: String, _ values: Value...) throws(DatabaseError) {
    try run(sql, values, failure: DatabaseError.same) { (_) throws(DatabaseError) in true }
  }

  /// Runs statements without values, one after another, until one fails.
  public func script(_ sql: String) throws(DatabaseError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw .last(handle, code, sql) }
  }

  /// What `row` makes of each row, in order.
  public func query<T>(
    _ sql: String, _ values: Value...,
    row: (borrowing Row) throws(DatabaseError) -> T
  ) throws(DatabaseError) -> [T] {
    var results: [T] = []
    try run(sql, values, failure: DatabaseError.same) { (current) throws(DatabaseError) in
      results.append(try row(current))
      return true
    }
    return results
  }

  /// What `row` makes of each row, in order, of a statement with any number of `?`.
  public func query<T>(
    _ sql: String, with values: [Value], row: (borrowing Row) throws(DatabaseError) -> T
  ) throws(DatabaseError) -> [T] {
    var results: [T] = []
    try run(sql, values, failure: DatabaseError.same) { (current) throws(DatabaseError) in
      results.append(try row(current))
      return true
    }
    return results
  }

  /// What `row` makes of the first row, or nil where there is none.
  public func first<T>(
    _ sql: String, _ values: Value...,
    row: (borrowing Row) throws(DatabaseError) -> T
  ) throws(DatabaseError) -> T? {
    var result: T?
    try run(sql, values, failure: DatabaseError.same) { (current) throws(DatabaseError) in
      result = try row(current)
      return false
    }
    return result
  }

  /// Hands each row to `body` until it answers false.
  public func forEach(
    _ sql: String, _ values: Value...,
    body: (borrowing Row) throws(DatabaseError) -> Bool
  ) throws(DatabaseError) {
    try run(sql, values, failure: DatabaseError.same, body: body)
  }

  /// Hands each row to `body` until it answers false or throws an error of its own kind.
  ///
  /// SQLite's own failures are thrown as what `wrap` makes of them.
  public func forEach<E: Error>(
    _ sql: String, _ values: Value..., failure wrap: (DatabaseError) -> E,
    body: (borrowing Row) throws(E) -> Bool
  ) throws(E) {
    try run(sql, values, failure: wrap, body: body)
  }

  private func run<E: Error>(
    _ sql: String, _ values: [Value], failure wrap: (DatabaseError) -> E,
    body: (borrowing Row) throws(E) -> Bool
  ) throws(E) {
    let entry: StatementCache.Entry
    do throws(DatabaseError) {
      if let idle = cache.take(sql) {
        entry = idle
      } else {
        entry = StatementCache.Entry(try Statement(handle, sql))
      }
    } catch { throw wrap(error) }
    defer {
      entry.statement.reset()
      cache.give(back: entry)
    }
    do throws(DatabaseError) { try entry.statement.bind(values) } catch { throw wrap(error) }
    let row = Row(entry.statement.handle)
    while true {
      let more: Bool
      do throws(DatabaseError) { more = try entry.statement.step() } catch { throw wrap(error) }
      guard more, try body(row) else { return }
    }
  }
}

extension Connection.Mode {
  fileprivate var flags: Int32 {
    switch self {
    case .readOnly: SQLITE_OPEN_READONLY
    case .readWrite: SQLITE_OPEN_READWRITE
    case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    }
  }
}

extension DatabaseError {
  fileprivate static func same(_ error: DatabaseError) -> DatabaseError { error }

  fileprivate func naming(_ path: String) -> DatabaseError {
    DatabaseError(code: code, message: "\(path): \(message)", sql: sql)
  }
}
