import FilProtocol
import FilServer
import FilSource
import HTTP
import Testing

/// The answer to a GET, waited for.
private func get(_ serving: Serving, _ path: String, _ headers: Headers = [:]) throws -> (
  head: HTTP.Outcome, bytes: [UInt8]
) {
  var bytes: [UInt8] = []
  let outcome = try Client().send(
    ClientRequest("http://127.0.0.1:\(serving.port)\(path)", headers: headers)
  ) { part in
    bytes += part
    return true
  }
  return (outcome, bytes)
}

@Suite struct `Serving, over sockets` {
  @Test func `what another command publishes is there at once`() throws {
    let desk = try Desk()
    try desk.found()
    let serving = try Serving(
      desk.path, address: "127.0.0.1:0", surroundings: desk.surroundings)
    defer { serving.stop() }
    try desk.publish(draft("Un"))
    let (head, bytes) = try get(serving, "/fil/v1/sync/0/all/0")
    #expect(head.status == 200)
    #expect(head.headers["Content-Location"] == "/fil/v1/delta/0-2/all/0")
    #expect(bytes.starts(with: Array("FIL".utf8)))
    let checkpoint = try desk.archive().head().checkpoint
    let poll = try get(serving, "/fil/v1/sync/2/all/0", ["If-None-Match": checkpoint.tag])
    #expect(poll.head.status == 304)
    desk.now += 3600
    try serving.renew()
    let later = try get(serving, "/fil/v1/sync/2/all/0", ["If-None-Match": checkpoint.tag])
    #expect(later.head.headers["Fil-Time"]?.hasPrefix("\(desk.now) ") == true)
  }

  @Test func `after an erasure an older object is gone, in the cache and for ever`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un"), draft("Deux"))
    let serving = try Serving(
      desk.path, address: "127.0.0.1:0", surroundings: desk.surroundings)
    defer { serving.stop() }
    #expect(try get(serving, "/fil/v1/delta/0-3/all/0").head.status == 200)
    _ = try desk.open().retract(1, reason: "Danger.", erase: true)
    #expect(try get(serving, "/fil/v1/delta/0-3/all/0").head.status == 410)
    #expect(try get(serving, "/fil/v1/sync/0/all/0").head.status == 200)
    #expect(try get(serving, "/fil/v1/sync/3/all/0").head.status == 200)
  }

  @Test func `a fresh time is not signed while somebody publishes`() throws {
    let desk = try Desk()
    try desk.found()
    let serving = try Serving(
      desk.path, address: "127.0.0.1:0", surroundings: desk.surroundings)
    defer { serving.stop() }
    let newsroom = try desk.open()
    let head = try desk.archive().head()
    desk.now += 3600
    try serving.renew()
    #expect(try desk.archive().head() == head)
    withExtendedLifetime(newsroom) {}
  }

  @Test func `no newsroom and no address are named`() throws {
    let desk = try Desk()
    #expect(throws: ServingError.self) { try Serving(desk.path, address: "127.0.0.1:0") }
    try desk.found()
    #expect(throws: ServingError.self) { try Serving(desk.path, address: "nowhere") }
  }
}
