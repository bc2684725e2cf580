import Database
import Files
import Testing

@Suite struct OpeningTests {
  @Test func `a file that is no database is refused by name`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/page.html"
      let bytes = [UInt8]("<html>not a database, however long it is</html>".utf8)
      try Files.writeDurably(path, bytes)
      for mode in [Connection.Mode.readOnly, .readWrite, .create] {
        let error = #expect(throws: DatabaseError.self) { try Connection(path: path, mode: mode) }
        #expect(error?.isDamage == true)
        #expect(error?.message.contains(path) == true)
      }
      #expect(try Files.read(path, atMost: 100) == bytes)
    }
  }

  @Test func `a missing file is created only when asked`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.db"
      for mode in [Connection.Mode.readOnly, .readWrite] {
        let error = #expect(throws: DatabaseError.self) { try Connection(path: path, mode: mode) }
        #expect(error?.message.contains(path) == true)
      }
      #expect(try Files.list(folder).isEmpty)
      try Connection(path: path, mode: .create).script("CREATE TABLE a (x)")
      #expect(try Files.list(folder).map(\.name) == ["a.db"])
    }
  }

  @Test func `a reader cannot write`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.db"
      try Connection(path: path, mode: .create).script("CREATE TABLE a (x)")
      let reader = try Connection(path: path, mode: .readOnly)
      let error = #expect(throws: DatabaseError.self) {
        try reader.execute("INSERT INTO a VALUES (1)")
      }
      #expect(error?.isReadOnly == true)
    }
  }

  @Test func `a damaged page is told as damage and found by the check`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.db"
      let first = try Connection(path: path, mode: .create)
      try first.script(
        """
        CREATE TABLE a (x);
        WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        INSERT INTO a SELECT 'row ' || i FROM n
        """)
      #expect(try first.integrityCheck() == [])
      var bytes = try Files.read(path, atMost: 1 << 20)
      for i in 4096..<8192 { bytes[i] = 0xa5 }
      let damaged = "\(folder)/damaged.db"
      try Files.writeDurably(damaged, bytes)
      let connection = try Connection(path: damaged, mode: .readOnly)
      let error = #expect(throws: DatabaseError.self) {
        try connection.query("SELECT x FROM a") { $0.text(0) }
      }
      #expect(error?.isDamage == true)
      #expect(try !connection.integrityCheck().isEmpty)
    }
  }

  @Test func `a migrated file has taken each step once`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.db"
      let steps = [
        Migration("a", "CREATE TABLE a (x); INSERT INTO a VALUES (1)"),
        Migration("b", "ALTER TABLE a ADD y; UPDATE a SET y = x + 1"),
      ]
      let connection = try Connection(path: path, mode: .create)
      try connection.migrate([steps[0]])
      #expect(try connection.userVersion() == 1)
      try connection.migrate(steps)
      try connection.migrate(steps)
      #expect(try connection.query("SELECT y FROM a") { $0.integer(0) } == [2])
      #expect(try connection.userVersion() == 2)
    }
  }

  @Test func `a newer file is refused and untouched`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.db"
      let newer = [Migration("a", "CREATE TABLE a (x)"), Migration("b", "CREATE TABLE b (x)")]
      try Connection(path: path, mode: .create).migrate(newer)
      let before = try Files.read(path, atMost: 1 << 20)
      let error = #expect(throws: DatabaseError.self) {
        try Connection(path: path, mode: .readWrite).migrate([newer[0]])
      }
      #expect(error?.isNewer == true)
      #expect(try Files.read(path, atMost: 1 << 20) == before)
    }
  }

  @Test func `a migration that fails leaves the step before`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    #expect(throws: DatabaseError.self) {
      try memory.migrate([
        Migration("a", "CREATE TABLE a (x)"), Migration("b", "CREATE TABLE b (x); BROKEN"),
      ])
    }
    #expect(try memory.userVersion() == 1)
    #expect(try memory.query("SELECT name FROM sqlite_schema") { $0.text(0) } == ["a"])
  }
}
