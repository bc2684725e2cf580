import Database
import Files
import Glibc
import Synchronization
import Testing

@Suite struct TransactionTests {
  private struct Refusal: Error, Equatable { var why: String }

  private static func withPair(_ body: (Connection, Connection) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let one = try Connection(path: "\(folder)/a.db", mode: .create, busyTimeout: 0)
      try one.enableWAL(synchronous: .normal)
      try one.script("CREATE TABLE a (x)")
      let two = try Connection(path: "\(folder)/a.db", mode: .readWrite, busyTimeout: 0)
      try body(one, two)
    }
  }

  @Test func `a transaction that throws changed nothing`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    try memory.script("CREATE TABLE a (x)")
    #expect(throws: Refusal(why: "own")) {
      try memory.transaction(failure: { _ in Refusal(why: "sqlite") }) { () throws(Refusal) in
        do throws(DatabaseError) { try memory.execute("INSERT INTO a VALUES (1)") } catch {
          throw Refusal(why: "insert")
        }
        throw Refusal(why: "own")
      }
    }
    #expect(!memory.isInTransaction)
    #expect(try memory.query("SELECT x FROM a") { $0.integer(0) } == [])
    let kept = try memory.transaction { () throws(DatabaseError) in
      try memory.execute("INSERT INTO a VALUES (2)")
      return memory.changes
    }
    #expect(kept == 1)
  }

  @Test func `a commit that fails is rolled back`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    try memory.script(
      """
      CREATE TABLE a (x PRIMARY KEY);
      CREATE TABLE b (x REFERENCES a DEFERRABLE INITIALLY DEFERRED)
      """)
    let error = #expect(throws: DatabaseError.self) {
      try memory.transaction { () throws(DatabaseError) in
        try memory.execute("INSERT INTO b VALUES (1)")
      }
    }
    #expect(error?.isConstraint == true)
    #expect(!memory.isInTransaction)
    #expect(try memory.query("SELECT x FROM b") { $0.integer(0) } == [])
  }

  @Test func `a second writer is told that the file is busy`() throws {
    try Self.withPair { one, two in
      try one.transaction { () throws(DatabaseError) in
        try one.execute("INSERT INTO a VALUES (1)")
        var seen: DatabaseError?
        do throws(DatabaseError) { try two.transaction { () throws(DatabaseError) in } } catch {
          seen = error
        }
        #expect(seen?.isBusy == true)
        #expect(try two.query("SELECT x FROM a") { $0.integer(0) } == [], "readers go on")
      }
      #expect(try two.query("SELECT x FROM a") { $0.integer(0) } == [1])
    }
  }

  @Test func `another connection's commit changes the data version`() throws {
    try Self.withPair { one, two in
      let before = try one.dataVersion()
      try one.execute("INSERT INTO a VALUES (1)")
      #expect(try one.dataVersion() == before)
      try two.execute("INSERT INTO a VALUES (2)")
      #expect(try one.dataVersion() != before)
    }
  }

  @Test func `a snapshot sees one state`() throws {
    try Self.withPair { one, two in
      let count = "SELECT count(*) FROM a"
      try one.snapshot { () throws(DatabaseError) in
        #expect(try one.first(count) { $0.integer(0) } == 0)
        try two.execute("INSERT INTO a VALUES (2)")
        #expect(try one.first(count) { $0.integer(0) } == 0)
      }
      #expect(try one.first(count) { $0.integer(0) } == 1)
    }
  }

  @Test func `a checkpoint tells whether a reader was in the way`() throws {
    try Self.withPair { one, two in
      try two.snapshot { () throws(DatabaseError) in
        _ = try two.query("SELECT x FROM a") { $0.integer(0) }
        try one.execute("INSERT INTO a VALUES (1)")
        #expect(try !one.checkpoint(truncate: true))
        #expect(try !one.checkpoint(truncate: false))
      }
      #expect(try one.checkpoint(truncate: false))
      #expect(try one.checkpoint(truncate: true))
      #expect(try Files.read(one.path + "-wal", atMost: 1) == [])
    }
  }

  @Test func `a journal that cannot become WAL is an error`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    #expect(throws: DatabaseError.self) { try memory.enableWAL(synchronous: .full) }
  }

  @Test func `a backup holds what was committed, and replaces the one before`() throws {
    try Self.withPair { one, two in
      let folder = Files.parent(of: one.path)
      try one.execute("INSERT INTO a VALUES (1)")
      try Files.writeDurably("\(folder)/copy.db", [1, 2, 3])
      try one.backup(to: "\(folder)/copy.db")
      let copy = try Connection(path: "\(folder)/copy.db", mode: .readOnly)
      #expect(try copy.query("SELECT x FROM a") { $0.integer(0) } == [1])
      #expect(try copy.integrityCheck() == [])
      let names = try Files.list(folder).map(\.name)
      #expect(!names.contains { $0.contains("tmp") }, "\(names)")
      #expect(throws: DatabaseError.self) { try one.backup(to: "\(folder)/no/copy.db") }
      try Files.ensureDirectory("\(folder)/taken/x")
      #expect(throws: DatabaseError.self) { try one.backup(to: "\(folder)/taken") }
      #expect(try !Files.list(folder).contains { $0.name.contains(".tmp") })
      _ = two
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `another thread stops an endless query`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    let interrupter = memory.interrupter
    let rows = Atomic<Int>(0)
    let error = #expect(throws: DatabaseError.self) {
      try memory.forEach("WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n") {
        (_) throws(DatabaseError) in
        if rows.add(1, ordering: .relaxed).newValue == 1000 { interrupter.interrupt() }
        return true
      }
    }
    #expect(error?.isInterrupted == true)
  }

  @Test func `interrupting a closed connection does nothing`() throws {
    let interrupter = try Connection(path: ":memory:", mode: .create).interrupter
    interrupter.interrupt()
  }
}
