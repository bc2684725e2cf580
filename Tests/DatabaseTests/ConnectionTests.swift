import Database
import Files
import Testing

@Suite struct ConnectionTests {
  @Test(arguments: [
    Value(7), Value(Int64.min), Value(true), Value("été\u{0}x"), Value(""), Value([0, 255]),
    Value([UInt8]()), Value(nil as String?), Value(nil as Int?), nil, 3, "text", [1, 2], false,
  ])
  func `a value comes back as it was put`(value: Value) throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    let back = try memory.first("SELECT ?, typeof(?1)", value) { row -> Value in
      switch row.text(1) {
      case "null": .null
      case "integer": Value(row.integer(0))
      case "text": Value(row.text(0))
      default: Value(row.blob(0))
      }
    }
    #expect(back == value)
  }

  @Test func `a row tells NULL from empty`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    try memory.forEach("SELECT NULL, '', 0, x'', 5") { row in
      #expect(row.count == 5)
      #expect(row.isNull(0) && !row.isNull(1))
      #expect(row.textOrNil(0) == nil && row.textOrNil(1) == "")
      #expect(row.integerOrNil(0) == nil && row.integerOrNil(2) == 0)
      #expect(row.blobOrNil(0) == nil && row.blobOrNil(3) == [])
      #expect(row.text(0) == "" && row.integer(0) == 0 && row.blob(0) == [])
      #expect(row.boolean(4) && !row.boolean(2))
      return true
    }
  }

  @Test func `values must be as many as their places`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    #expect(throws: DatabaseError.self) { try memory.execute("SELECT ?, ?", 1) }
    #expect(throws: DatabaseError.self) { try memory.execute("SELECT 1", 1) }
  }

  @Test func `a second statement, or none, is refused`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    #expect(throws: DatabaseError.self) {
      try memory.execute("CREATE TABLE a (x); CREATE TABLE b (x)")
    }
    #expect(try memory.query("SELECT name FROM sqlite_schema") { $0.text(0) } == [])
    #expect(throws: DatabaseError.self) { try memory.execute("  ") }
    #expect(throws: DatabaseError.self) { try memory.execute("SELECT 1;\u{0}é") }
    try memory.execute("SELECT 1; \n")
  }

  @Test func `an error has the statement but not its values`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    try memory.script("CREATE TABLE a (x TEXT UNIQUE) STRICT")
    try memory.execute("INSERT INTO a VALUES (?)", "secret")
    let error = #expect(throws: DatabaseError.self) {
      try memory.execute("INSERT INTO a VALUES (?)", "secret")
    }
    #expect(error?.isConstraint == true)
    #expect(error?.code == 2067, "the extended code")
    #expect(error?.sql == "INSERT INTO a VALUES (?)")
    #expect(error.map { "\($0)".contains("secret") } == false)
  }

  @Test func `the same query may run inside its own rows`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    try memory.script("CREATE TABLE a (x); INSERT INTO a VALUES (1), (2), (3)")
    let sum = "SELECT x FROM a WHERE x >= ?"
    var pairs = 0
    try memory.forEach(sum, 1) { (_) throws(DatabaseError) in
      pairs += try memory.query(sum, 2) { $0.integer(0) }.count
      return true
    }
    #expect(pairs == 6)
  }

  @Test func `more statements than the cache holds all work`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    for round in 0..<2 {
      for number in 0..<200 {
        #expect(try memory.first("SELECT \(number) + ?", 1) { $0.integer(0) } == number + 1)
        #expect(round < 2)
      }
    }
  }

  private struct Stop: Error, Equatable { var reason: String }

  @Test func `a walk over rows ends with false, with its own error, or with SQLite's`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    let three = "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"
    var seen: [Int] = []
    try memory.forEach(three) { row in
      seen.append(row.integer(0))
      return seen.count < 2
    }
    #expect(seen == [1, 2])
    #expect(throws: Stop(reason: "own")) {
      try memory.forEach(three, failure: { _ in Stop(reason: "sqlite") }) { (_) throws(Stop) in
        throw Stop(reason: "own")
      }
    }
    #expect(throws: Stop(reason: "sqlite")) {
      try memory.forEach("SELECT * FROM no", failure: { _ in Stop(reason: "sqlite") }) {
        (_) throws(Stop) in true
      }
    }
    #expect(try memory.first(three) { $0.integer(0) } == 1)
    #expect(try memory.first("SELECT 1 WHERE 0") { $0.integer(0) } == nil)
  }

  @Test func `foreign keys are enforced`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    try memory.script("CREATE TABLE a (x PRIMARY KEY); CREATE TABLE b (x REFERENCES a)")
    #expect(throws: DatabaseError.self) { try memory.execute("INSERT INTO b VALUES (1)") }
    #expect(try memory.first("PRAGMA trusted_schema") { $0.integer(0) } == 0)
  }

  @Test func `changes and row numbers are told`() throws {
    let memory = try Connection(path: ":memory:", mode: .create)
    try memory.script("CREATE TABLE a (id INTEGER PRIMARY KEY, x)")
    try memory.execute("INSERT INTO a (x) VALUES (1), (2)")
    #expect(memory.changes == 2)
    #expect(memory.lastInsertRowID == 2)
  }
}
