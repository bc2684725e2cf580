internal import CSQLite
internal import Files

extension Connection {
  /// When a commit is on disk.
  public enum Synchronous: String, Sendable {
    /// At once: it survives a power cut.
    case full = "FULL"
    /// At the next checkpoint: a power cut may take the last commits, in order, and nothing else.
    case normal = "NORMAL"
  }

  /// Lets readers go on while a writer writes, for good: the file remembers it.
  public func enableWAL(synchronous: Synchronous) throws(DatabaseError) {
    let mode = try first("PRAGMA journal_mode = WAL") { $0.text(0) } ?? ""
    guard mode == "wal" else {
      throw DatabaseError(
        code: SQLITE_READONLY, message: "\(path): the journal stays \(mode), not wal")
    }
    try script("PRAGMA synchronous = \(synchronous.rawValue)")
  }

  /// Brings the write-ahead log's content into the file, and with `truncate` empties the log.
  ///
  /// With `truncate` it waits for readers and writers for the busy timeout; without, for nobody.
  ///
  /// - Returns: whether all of it is in the file; false when others were in the way.
  @discardableResult
  public func checkpoint(truncate: Bool) throws(DatabaseError) -> Bool {
    var inLog: Int32 = 0
    var moved: Int32 = 0
    let mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
    let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, &inLog, &moved)
    if code & 0xff == SQLITE_BUSY { return false }
    guard code == SQLITE_OK else { throw .last(handle, code, "checkpoint") }
    return inLog == moved
  }

  /// Writes a copy of the database, as of now, to `destination`, replacing what was there.
  ///
  /// Others may read and write meanwhile. The copy is complete and synced before it has its name.
  ///
  /// - Throws: ``DatabaseError``; what was at `destination` is then as it was.
  public func backup(to destination: String) throws(DatabaseError) {
    let temporary = Files.temporaryName(for: destination)
    do throws(DatabaseError) {
      try copyPages(to: Connection(path: temporary, mode: .create))
    } catch {
      for suffix in ["", "-journal", "-wal", "-shm"] {
        try? Files.removeTree(temporary + suffix)
      }
      throw error
    }
    do throws(FileError) {
      try Files.replaceDurably(destination, with: temporary)
    } catch {
      throw DatabaseError(
        code: error.isFull ? SQLITE_FULL : SQLITE_IOERR, message: error.description)
    }
  }

  private func copyPages(to copy: Connection) throws(DatabaseError) {
    guard let backup = sqlite3_backup_init(copy.handle, "main", handle, "main") else {
      throw .last(copy.handle, sqlite3_errcode(copy.handle), "backup")
    }
    let code = sqlite3_backup_step(backup, -1)
    let end = sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE, end == SQLITE_OK else {
      let failure = end == SQLITE_OK ? code : end
      throw DatabaseError(
        code: failure, message: String(cString: sqlite3_errstr(failure)), sql: "backup")
    }
  }

  /// What `PRAGMA integrity_check` has to say: nothing when the file is whole.
  ///
  /// It reads the whole file. Damage that stops the check itself is its last line.
  public func integrityCheck() throws(DatabaseError) -> [String] {
    var lines: [String] = []
    do throws(DatabaseError) {
      try forEach("PRAGMA integrity_check(100)") { row in
        lines.append(row.text(0))
        return true
      }
    } catch {
      guard error.isDamage else { throw error }
      lines.append(error.message)
    }
    return lines == ["ok"] ? [] : lines
  }
}
