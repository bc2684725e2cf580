import Dispatch
import FilProtocol
import FilSource
import Glibc
import HTTP
import TestSupport
import Testing

/// Requests that wait for news [HTTP-10].
struct WaitingTests {
  /// Asks over a socket, with a query.
  private static func ask(
    _ port: Int, _ version: Int, _ tag: String, _ query: String, method: HTTP.Method = .head
  ) throws -> Outcome {
    var request = ClientRequest(
      "http://127.0.0.1:\(port)/fil/v1/sync/\(version)/all/0\(query)", method: method)
    request.headers["If-None-Match"] = tag
    request.wait = 60
    return try Client().send(request) { _ in true }
  }

  private static func withServer(
    _ body: (MemoryFeed, Server) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(5)
      let service = Service(
        feed, cache: try RenderCache(folder: folder + "/cache", bound: 1 << 20), places: 2)
      let server = try Server(ServerOptions(address: "127.0.0.1:0")) { service.answer($0) }
      defer { server.stop() }
      try body(feed, server)
    }
  }

  @Test func `who waits is answered when there is news`() throws {
    try Self.withServer { feed, server in
      let tag = feed.head().checkpoint.tag
      // The news comes once the request is parked.
      let published = DispatchGroup()
      DispatchQueue(label: "publisher").async(group: published) {
        for _ in 0..<20_000 where server.waiting == 0 { usleep(1_000) }
        var news = News(seed: 4)
        _ = try? feed.publish(&news)
        _ = try? feed.sign(time: 1_800_000_100)
      }
      let outcome = try Self.ask(server.port, 6, tag, "?wait=60")
      published.wait()
      #expect(outcome.status == 200)
      #expect(outcome.headers["Content-Location"] == "/fil/v1/delta/6-7/all/0")
      #expect(outcome.seconds < 30)
    }
  }

  @Test func `who has nothing to wait for is answered at once`() throws {
    try Self.withServer { feed, server in
      let tag = feed.head().checkpoint.tag
      #expect(try Self.ask(server.port, 6, "\"other\"", "?wait=60", method: .get).status == 200)
      #expect(try Self.ask(server.port, 0, tag, "?wait=60", method: .get).status == 200)
      let quiet = try Self.ask(server.port, 6, tag, "?wait=1")
      #expect(quiet.status == 304 && quiet.headers["Fil-Time"] != nil)
    }
  }

  @Test(arguments: ["?wait=0", "?wait=61", "?wait=", "?wait=05", "?wait=1&x", "?", "?x=1"])
  func `another query is no path`(query: String) throws {
    try Self.withServer { feed, server in
      let tag = feed.head().checkpoint.tag
      let outcome = try Self.ask(server.port, 6, tag, query)
      #expect(outcome.status == 404)
    }
  }

  @Test func `only a sync waits`() throws {
    try Self.withServer { _, server in
      let outcome = try Client().send(
        ClientRequest("http://127.0.0.1:\(server.port)/fil/v1/checkpoint?wait=5")
      ) { _ in true }
      #expect(outcome.status == 404)
    }
  }
}
