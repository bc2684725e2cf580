import FilProtocol
import FilServer
import Files
import HTTP
import Synchronization
import Terminal
import TestSupport
import Testing

/// The text under a URL on loopback.
private func text(_ port: Int, _ path: String) throws -> String {
  var bytes: [UInt8] = []
  _ = try Client().send(ClientRequest("http://127.0.0.1:\(port)\(path)")) { part in
    bytes += part
    return true
  }
  return String(decoding: bytes, as: UTF8.self)
}

@Suite struct `What an operator sees` {
  @Test func `today's publications, corrections and retractions, since midnight UTC`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", id: "1"), draft("Deux", id: "2"))
    desk.now += 86400
    try desk.publish(draft("Trois", id: "3"))
    try desk.publish(draft("Un, corrigé", id: "1"))
    _ = try desk.open().retract(2, reason: "Doublon.")
    let status = try Status(desk.path, surroundings: desk.surroundings)
    #expect(status.today.published == 1)
    #expect(status.today.corrected == 1)
    #expect(status.today.retracted == 1)
    #expect(status.lastPublication == desk.now)
    desk.now += 86400
    let tomorrow = try Status(desk.path, surroundings: desk.surroundings).today
    #expect(tomorrow.published + tomorrow.corrected + tomorrow.retracted == 0)
  }

  @Test func `what is signed again is not published again`() throws {
    let desk = try Desk()
    try desk.found()
    let time = desk.now
    desk.now += 3600
    try desk.open().renew()
    let status = try Status(desk.path, surroundings: desk.surroundings)
    #expect(status.lastPublication == time)
    #expect(status.head?.time == time + 3600)
  }

  @Test func `exports and backups, each place once, the newest first`() throws {
    let desk = try Desk()
    try desk.found()
    #expect(try Status(desk.path).upkeep.deeds.isEmpty)
    for place in ["m1", "m2", "m1"] {
      desk.now += 60
      var export = try Export(
        desk.path, to: "\(desk.folder)/\(place)", surroundings: desk.surroundings)
      _ = try export.run()
    }
    try Newsroom.backup(
      desk.path, to: "\(desk.folder)/copy.db", surroundings: desk.surroundings)
    let deeds = try Status(desk.path).upkeep.deeds
    #expect(deeds.map(\.kind) == [.backup, .export, .export])
    #expect(deeds.map { $0.place.split(separator: "/").last } == ["copy.db", "m1", "m2"])
    #expect(deeds.allSatisfy { $0.version == 1 })
    #expect(deeds[0].time == desk.now)
    try Files.writeDurably("\(desk.path)/upkeep", Array("export yesterday 1 /x\nnothing\n".utf8))
    #expect(try Status(desk.path).upkeep.deeds.isEmpty, "a line that makes no sense is left out")
  }

  @Test func `the folder's size has the cache in it`() throws {
    let desk = try Desk()
    try desk.found()
    let before = try Status(desk.path)
    try Files.ensureDirectory("\(desk.path)/cache")
    try Files.writeDurably("\(desk.path)/cache/x", [UInt8](repeating: 0, count: 5000))
    #expect(try Status(desk.path).folderSize == before.folderSize + 5000)
    #expect(before.folderSize >= before.size)
  }

  @Test func `metrics are on a listener of their own, and tell nothing about readers`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un"), draft("Deux"))
    let answers = Mutex<[ServedAnswer]>([])
    let serving = try Serving(
      desk.path, address: "127.0.0.1:0", metrics: "127.0.0.1:0", surroundings: desk.surroundings
    ) { answer in answers.withLock { $0.append(answer) } }
    defer { serving.stop() }
    let port = try #require(serving.metricsPort)
    let delta = try text(serving.port, "/fil/v1/sync/0/nord-actu/0").utf8.count
    _ = try text(serving.port, "/fil/v1/sync/0/nord-actu/0")
    _ = try text(serving.port, "/fil/v1/nord-actu")
    _ = try text(serving.port, "/secret?section=nord-actu")
    let metrics = try text(port, "/metrics")
    for line in [
      #"fil_requests_total{kind="sync",status="200"} 2"#,
      #"fil_requests_total{kind="other",status="404"} 2"#,
      #"fil_objects_total{found="no"} 1"#, #"fil_objects_total{found="yes"} 1"#,
      "fil_cache_objects 1", "fil_head_version 3", "fil_articles 2", "fil_store_readable 1",
      "fil_head_signed_timestamp_seconds \(desk.now)",
    ] { #expect(metrics.contains(line + "\n"), "\(line)") }
    #expect(delta > 0)
    #expect(!metrics.contains("nord-actu"))
    #expect(!metrics.contains("127.0.0.1"))
    #expect(try text(serving.port, "/metrics").contains("no such object"))
    #expect(answers.withLock { $0.map(\.kind) } == ["sync", "sync", "other", "other", "other"])
  }

  @Test func `imports beside the serving are counted, those that failed by why`() throws {
    let desk = try Desk()
    try desk.found()
    let serving = try Serving(
      desk.path, address: "127.0.0.1:0", metrics: "127.0.0.1:0", surroundings: desk.surroundings)
    defer { serving.stop() }
    var report = ImportReport(place: "https://secret.example")
    report.entries = [
      .init("12", 1, .published), .init("13", 2, .published), .init("14", 3, .withdrawn),
    ]
    report.requests = 4
    report.bytes = 1_000
    serving.count(.success(report))
    serving.count(.success(report))
    serving.count(.failure(.silent(place: "secret", why: "", retryAfter: nil)))
    let metrics = try text(try #require(serving.metricsPort), "/metrics")
    for line in [
      #"fil_imports_total{result="done"} 2"#, #"fil_imports_total{result="siteSilent"} 1"#,
      #"fil_import_posts_total{action="published"} 4"#,
      #"fil_import_posts_total{action="withdrawn"} 2"#,
      #"fil_import_posts_total{action="refused"} 0"#, "fil_import_requests_total 8",
      "fil_import_received_bytes_total 2000", "fil_import_timestamp_seconds \(desk.now)",
    ] { #expect(metrics.contains(line + "\n"), "\(line)") }
    #expect(!metrics.contains("secret"))
  }

  @Test func `a store that cannot be read is a number too`() throws {
    let desk = try Desk()
    try desk.found()
    let serving = try Serving(
      desk.path, address: "127.0.0.1:0", metrics: "127.0.0.1:0", surroundings: desk.surroundings)
    defer { serving.stop() }
    try Files.removeTree("\(desk.path)/newsroom.db")
    #expect(
      try text(try #require(serving.metricsPort), "/metrics").contains("fil_store_readable 0\n"))
  }

  @Test func `without a second address nothing counts aloud`() throws {
    let desk = try Desk()
    try desk.found()
    let serving = try Serving(
      desk.path, address: "127.0.0.1:0", surroundings: desk.surroundings)
    defer { serving.stop() }
    #expect(serving.metricsPort == nil)
  }
}

@Suite struct `The log of a service` {
  /// The lines that `work` has a log write.
  private func lines(
    _ level: Log.Level = .info, hasPriority: Bool = false, _ work: (Log) -> Void
  ) -> [String] {
    let lines = Mutex<[String]>([])
    work(
      Log(level, hasPriority: hasPriority) { line in lines.withLock { $0.append(line) } })
    return lines.withLock { $0 }
  }

  @Test func `a line has an event and fields, and its priority for the journal`() {
    let log = lines(hasPriority: true) { $0(.warning, "answered", ["status": 503, "ms": 7]) }
    #expect(log == ["<4>event=answered status=503 ms=7\n"])
  }

  @Test func `what matters less than asked for is not written`() {
    let log = lines(.warning) { log in
      log(.info, "no")
      log(.warning, "yes")
      log(.error, "yes")
    }
    #expect(log.count == 2)
  }

  @Test func `a value stays on its line and between its quotes`() {
    let log = lines { $0(.info, "x", ["a": "b c", "d": "\"e\"\n<3>f=g", "h": "", "i": "é"]) }
    #expect(log == [#"event=x a="b c" d="\"e\" <3>f=g" h="" i=é"# + "\n"])
  }

  @Test func `levels have the words of the command line`() {
    #expect(Log.Level.allCases.map(\.word) == ["error", "warning", "info", "debug"])
    #expect(Log.Level(word: "debug") == .debug)
    #expect(Log.Level(word: "loud") == nil)
  }
}
