internal import Database
public import FilProtocol
internal import Files
internal import Synchronization

/// A copy of a feed in one SQLite file, verified, readable at any moment.
///
/// Thread-safe. Queries go on while a sync writes, in this process or another. What it shows was
/// signed by the newsroom, whoever brought it; who can write to the file can change what is shown
/// until ``verify(repair:)`` is called.
public final class Replica: Sendable {
  /// As it was given.
  public let path: String
  /// The same without links, from the root: one file has one lock and one spool, however it is called
  /// and wherever the process goes.
  let file: String
  /// The feed: its origin is the name of the key.
  public let key: VerifierKey

  private let writer: Mutex<Connection>
  /// Several, so that readers in as many threads do not wait for one another.
  private let readers: [ReaderConnection]
  /// By address: what a call may use, and the next one as well.
  let idleSources = Mutex<[String: HTTPSource]>([:])
  /// What ``status()`` counted last: every article is looked at for it.
  let counted = Mutex<(dataVersion: Int, counts: ArticleCounts)?>(nil)

  /// Opens the replica at `path`; a missing one is made when `key` is given.
  ///
  /// - Parameters:
  ///   - path: of the SQLite file; its spool, lock and log lie beside it; beside the file itself
  ///     where this is a link.
  ///   - key: of the newsroom, from a source you trust; nil: the one the replica was made with.
  /// - Throws: `notFound` without a file and a key, or with an empty one, `usage` when the replica is of another key or the
  ///   file is another program's (it is then as before),
  ///   `database` when the file is damaged or of a newer program.
  public init(path: String, key: VerifierKey? = nil) throws(FilError) {
    let exists = Files.exists(path)
    guard exists || key != nil else { throw .notFound(path) }
    do {
      let writer = try Connection(path: path, mode: .create)
      // Before a byte of it is changed: a file of another program stays as it is.
      if try !writer.isReplica() {
        guard try writer.isEmpty() else { throw FilError.usage("\(path) is not a replica") }
        // Empty, or another program is making it at this moment.
        guard key != nil else { throw FilError.notFound(path) }
      }
      try writer.enableWAL(synchronous: .normal)
      // What is erased is overwritten, however SQLite was built.
      try writer.script("PRAGMA secure_delete = ON")
      try writer.migrate(ReplicaSchema.migrations)
      if let key {
        try writer.execute(
          "INSERT OR IGNORE INTO replica (only, origin, key) VALUES (1, ?, ?)", Value(key.name),
          Value(key.description))
      }
      let text = try writer.first("SELECT key FROM replica") { $0.text(0) }
      // As above, a moment later.
      guard text != nil || key != nil else { throw FilError.notFound(path) }
      guard let text, let held = try? VerifierKey(parsing: text) else {
        throw FilError.damaged("\(path): table replica")
      }
      guard key == nil || key == held else {
        throw FilError.usage("\(path) is a replica of another key, of \(held.name)")
      }
      self.path = path
      file = try Files.canonical(path)
      self.key = held
      var readers: [ReaderConnection] = []
      for _ in 0..<3 { readers.append(try ReaderConnection(file)) }
      self.writer = Mutex(writer)
      self.readers = readers
    } catch let error as FilError { throw error } catch let error as DatabaseError {
      throw .database(error)
    } catch let error as FileError { throw .file(error) } catch { throw .damaged(path) }
  }

  /// Runs `body` with the connection that writes; one thread at a time.
  func write<R: Sendable>(
    _ body: @Sendable (Connection) throws(FilError) -> R
  ) throws(FilError) -> R {
    try writer.withLock { (connection) throws(FilError) in try body(connection) }
  }

  /// Runs `body` with a connection that reads; all its queries see one state.
  func read<R: Sendable>(
    _ body: @Sendable (Connection) throws(DatabaseError) -> R
  ) throws(FilError) -> R {
    for reader in readers {
      if let result = try reader.tryRead(body) { return result }
    }
    // All are busy: wait for any.
    return try readers[Int.random(in: readers.indices)].read(body)
  }

  /// Runs `body` while nobody else, in this process or another, syncs or repairs this replica.
  ///
  /// - Throws: `busy` when somebody does; nothing was then changed.
  func alone<R>(_ body: () throws(FilError) -> R) throws(FilError) -> R {
    let lock: FileLock?
    do { lock = try FileLock.tryLock(file + "-lock") } catch { throw .file(error) }
    guard let held = consume lock else { throw .busy }
    let result = try body()
    _ = consume held
    return result
  }

  /// Whether somebody, in this process or another, syncs or repairs this replica at this moment.
  public func isSyncing() -> Bool { (try? FileLock.isHeld(file + "-lock")) ?? false }

  /// A number that changes when the file was changed, by this process or another.
  func dataVersion() throws(FilError) -> Int {
    // Always of the same connection: others count on their own.
    try readers[0].dataVersion()
  }

  /// The spool of transfer `id`.
  func spoolPath(_ id: Int) -> String { "\(file)-spool-\(id)" }
}

/// One of the connections that read.
private final class ReaderConnection: Sendable {
  private let connection: Mutex<Connection>

  init(_ path: String) throws(DatabaseError) {
    connection = Mutex(try Connection(path: path, mode: .readOnly))
  }

  func read<R: Sendable>(
    _ body: @Sendable (Connection) throws(DatabaseError) -> R
  ) throws(FilError) -> R {
    try connection.withLock { (connection) throws(FilError) in
      try ReaderConnection.read(connection, body)
    }
  }

  /// Nil, and nothing was done, while another thread reads with it.
  func tryRead<R: Sendable>(
    _ body: @Sendable (Connection) throws(DatabaseError) -> R
  ) throws(FilError) -> R? {
    try connection.withLockIfAvailable { (connection) throws(FilError) in
      try ReaderConnection.read(connection, body)
    }
  }

  func dataVersion() throws(FilError) -> Int {
    try connection.withLock { (connection) throws(FilError) in
      do throws(DatabaseError) { return try connection.dataVersion() } catch {
        throw .database(error)
      }
    }
  }

  private static func read<R>(
    _ connection: Connection, _ body: (Connection) throws(DatabaseError) -> R
  ) throws(FilError) -> R {
    do throws(DatabaseError) {
      return try connection.snapshot { () throws(DatabaseError) in try body(connection) }
    } catch {
      throw .database(error)
    }
  }
}

extension Connection {
  fileprivate func isReplica() throws(DatabaseError) -> Bool {
    let name = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'replica'"
    return try first(name) { $0.integer(0) } != nil
  }

  fileprivate func isEmpty() throws(DatabaseError) -> Bool {
    try first("SELECT 1 FROM sqlite_schema") { $0.integer(0) } == nil
  }
}
