internal import CSQLite

/// A prepared statement, finalised exactly once.
struct Statement: ~Copyable {
  let handle: OpaquePointer
  let sql: String

  init(_ connection: OpaquePointer, _ sql: String) throws(DatabaseError) {
    var handle: OpaquePointer?
    var rest = 0
    var text = sql
    let code = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
          connection, bytes.baseAddress, Int32(bytes.count), UInt32(SQLITE_PREPARE_PERSISTENT),
          &handle, &tail)
        if let tail, let start = bytes.baseAddress {
          rest = bytes[(tail - start)...].count { $0 > 0x20 || $0 <= 0 }
        }
        return code
      }
    }
    guard code == SQLITE_OK else { throw .last(connection, code, sql) }
    guard let handle else {
      throw DatabaseError(code: SQLITE_MISUSE, message: "there is no statement", sql: sql)
    }
    guard rest == 0 else {
      sqlite3_finalize(handle)
      throw DatabaseError(code: SQLITE_MISUSE, message: "more than one statement", sql: sql)
    }
    self.handle = handle
    self.sql = sql
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds copies of the values to the statement's `?`, which must be as many.
  borrowing func bind(_ values: [Value]) throws(DatabaseError) {
    let expected = Int(sqlite3_bind_parameter_count(handle))
    guard values.count == expected else {
      throw DatabaseError(
        code: SQLITE_RANGE, message: "\(values.count) values for \(expected) places", sql: sql)
    }
    for (index, value) in values.enumerated() {
      let code = bind(value, at: Int32(index + 1))
      guard code == SQLITE_OK else { throw .last(sqlite3_db_handle(handle), code, sql) }
    }
  }

  private borrowing func bind(_ value: Value, at index: Int32) -> Int32 {
    switch value {
    case .integer(let number): sqlite3_bind_int64(handle, index, number)
    case .null: sqlite3_bind_null(handle, index)
    case .blob(let bytes):
      bytes.withUnsafeBytes { fil_bind_blob(handle, index, $0.baseAddress, UInt64($0.count)) }
    case .text(var text):
      text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          fil_bind_text(handle, index, $0.baseAddress, UInt64($0.count))
        }
      }
    }
  }

  /// Whether there is a next row.
  borrowing func step() throws(DatabaseError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw .last(sqlite3_db_handle(handle), code, sql)
    }
  }

  /// Ends the run and forgets the values.
  borrowing func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }
}
