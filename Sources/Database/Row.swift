internal import CSQLite

/// The row a statement stands on, lent to a closure: it can be neither copied nor kept.
///
/// Columns are counted from 0. The plain forms convert as SQLite does, with NULL read as `0`, an
/// empty text or an empty blob; the optional forms give nil for it.
public struct Row: ~Copyable {
  private let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  public var count: Int { Int(sqlite3_column_count(handle)) }

  public borrowing func isNull(_ column: Int) -> Bool {
    sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
  }

  public borrowing func integer(_ column: Int) -> Int {
    Int(sqlite3_column_int64(handle, Int32(column)))
  }

  public borrowing func boolean(_ column: Int) -> Bool { integer(column) != 0 }

  /// The column as text; bytes that are not UTF-8, which only another program can have put there,
  /// come as U+FFFD.
  public borrowing func text(_ column: Int) -> String {
    guard let start = sqlite3_column_text(handle, Int32(column)) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, Int32(column)))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  public borrowing func blob(_ column: Int) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, Int32(column)) else { return [] }
    let count = Int(sqlite3_column_bytes(handle, Int32(column)))
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  public borrowing func integerOrNil(_ column: Int) -> Int? {
    isNull(column) ? nil : integer(column)
  }

  public borrowing func textOrNil(_ column: Int) -> String? {
    isNull(column) ? nil : text(column)
  }

  public borrowing func blobOrNil(_ column: Int) -> [UInt8]? {
    isNull(column) ? nil : blob(column)
  }
}
