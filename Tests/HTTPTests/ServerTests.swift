import Glibc
import HTTP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ServerTests {
  static let echo: @Sendable (Request) -> Answer = { request in
    .ready(.text(200, "\(request.method) \(request.path) \(request.query ?? "-") \(request.peer)"))
  }

  static func isWrong(_ address: String) -> Bool {
    do {
      _ = try Server(ServerOptions(address: address)) { _ in .ready(Response(status: 200)) }
      return false
    } catch { return error == .address(address) }
  }

  @Test func `an address is checked, and a taken port is told`() throws {
    for wrong in ["", "127.0.0.1", "localhost:80", "127.0.0.1:99999", "::1:80", "[::1:80"] {
      #expect(Self.isWrong(wrong), "\(wrong)")
    }
    let first = try Server(ServerOptions(address: "[::1]:0"), handler: Self.echo)
    defer { first.stop() }
    let (outcome, body) = try Client().all(ClientRequest("http://[::1]:\(first.port)/a?b=c"))
    #expect(outcome.status == 200)
    #expect(String(decoding: body, as: UTF8.self) == "GET /a b=c ::1")
    let error = #expect(throws: ServerError.self) {
      _ = try Server(ServerOptions(address: "[::1]:\(first.port)"), handler: Self.echo)
    }
    #expect(error == .listen("[::1]:\(first.port)", errno: EADDRINUSE))
  }

  @Test func `the path and the query arrive as they were sent`() throws {
    try withServer({ _ in }, Self.echo) { server, _ in
      for (target, expected) in [
        ("/a%2Fb%20c?x=%26&y", "/a%2Fb%20c x=%26&y"), ("/", "/ -"), ("/?", "/ "),
        ("http://other/p?q", "/p q"),
      ] {
        let raw = RawClient(port: server.port)
        raw.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(raw.readAll()?.hasSuffix("\r\n\r\nGET \(expected) 127.0.0.1") == true, "\(target)")
      }
      let raw = RawClient(port: server.port)
      raw.send("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(raw.readAll()?.hasPrefix("HTTP/1.1 400") == true)
    }
  }

  @Test func `an answer has no field that nobody asked for`() throws {
    try withServer({ _ in }, { _ in .ready(Response(status: 204, headers: ["Fil-Head": "1"])) }) {
      server, _ in
      let raw = RawClient(port: server.port)
      raw.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let lines = raw.readAll()?.split(separator: "\r\n").map { $0.prefix { $0 != ":" } } ?? []
      #expect(Set(lines) == ["HTTP/1.1 204 No Content", "Date", "Connection", "Fil-Head"])
    }
  }

  @Test func `a body arrives whole up to its limit, and is a 413 above`() throws {
    try withServer({ $0.bodyLimit = 1000 }, { .ready(.text(200, "\($0.body.count)")) }) {
      server, url in
      let client = Client()
      for count in [0, 1, 1000] {
        var request = ClientRequest(url + "/", method: .post)
        request.body = [UInt8](repeating: 7, count: count)
        let body = try client.all(request).1
        #expect(body == [UInt8]("\(count)".utf8))
      }
      var request = ClientRequest(url + "/", method: .post)
      request.body = [UInt8](repeating: 7, count: 1001)
      let refused = try client.all(request).0
      #expect(refused.status == 413)
      let chunked = RawClient(port: server.port)
      let chunk = "3e9\r\n" + String(repeating: "x", count: 1001) + "\r\n"
      chunked.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
          + chunk + "0\r\n\r\n")
      #expect(chunked.readAll()?.hasPrefix("HTTP/1.1 413") == true)
    }
  }

  @Test func `a head that is too long is refused`() throws {
    try withServer({ $0.headLimit = 4096 }, Self.echo) { server, _ in
      let raw = RawClient(port: server.port)
      raw.send("GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 8000))\r\n\r\n")
      #expect(raw.readAll()?.hasPrefix("HTTP/1.1 431") == true)
    }
  }

  @Test func `a reply may come later, from another thread, and only the first counts`() throws {
    let replies = Mutex<[Reply]>([])
    let later: @Sendable (Request) -> Answer = { _ in
      .later { reply in replies.withLock { $0.append(reply) } }
    }
    try withServer({ _ in }, later) { server, url in
      let statuses = Mutex<[Int]>([])
      let asking = TestThread {
        let outcome = try? Client().all(ClientRequest(url + "/")).0
        statuses.withLock { $0.append(outcome?.status ?? 0) }
      }
      #expect(eventually { server.waiting == 1 })
      let reply = replies.withLock { $0.removeFirst() }
      reply.send(Response(status: 202))
      reply.send(Response(status: 404))
      asking.join()
      #expect(statuses.withLock { $0 } == [202])
      #expect(server.waiting == 0)
    }
  }

  @Test func `a reply given before the handler returns is sent, and a dropped one is a 500`() throws
  {
    let handler: @Sendable (Request) -> Answer = { request in
      .later { reply in if request.path == "/now" { reply.send(Response(status: 204)) } }
    }
    try withServer({ _ in }, handler) { _, url in
      let client = Client()
      for _ in 0..<20 {
        let now = try client.status(url + "/now")
        let dropped = try client.status(url + "/dropped")
        #expect(now == 204 && dropped == 500)
      }
    }
  }

  @Test(arguments: [1, 3])
  func `stopping answers those who wait`(threads: Int) throws {
    let replies = Mutex<[Reply]>([])
    let later: @Sendable (Request) -> Answer = { _ in
      .later { reply in replies.withLock { $0.append(reply) } }
    }
    var options = ServerOptions(address: "127.0.0.1:0")
    options.threads = threads
    let server = try Server(options, handler: later)
    let url = "http://127.0.0.1:\(server.port)/"
    let statuses = Mutex<[Int]>([])
    let asking = (0..<5).map { _ in
      TestThread {
        let outcome = try? Client().all(ClientRequest(url)).0
        statuses.withLock { $0.append(outcome?.status ?? 0) }
      }
    }
    #expect(eventually { server.waiting == 5 })
    server.stop()
    server.stop()
    for thread in asking { thread.join() }
    #expect(statuses.withLock { $0 } == [503, 503, 503, 503, 503])
    for reply in replies.withLock({ $0 }) { reply.send(Response(status: 200)) }
    #expect(throws: TransportError(.refused)) { try Client().all(ClientRequest(url)) }
  }

  @Test func `a hundred clients are served at once`() throws {
    try withServer({ $0.threads = 2 }, Self.echo) { _, url in
      let good = Atomic<Int>(0)
      let threads = (0..<100).map { number in
        TestThread {
          guard let (outcome, body) = try? Client().all(ClientRequest(url + "/\(number)")) else {
            return
          }
          let expected = [UInt8]("GET /\(number) - 127.0.0.1".utf8)
          if outcome.status == 200, body == expected { good.add(1, ordering: .relaxed) }
        }
      }
      for thread in threads { thread.join() }
      #expect(good.load(ordering: .relaxed) == 100)
    }
  }

  @Test func `a client that drips its request is cut`() throws {
    try withServer({ $0.requestTime = 0.5 }, Self.echo) { server, _ in
      let raw = RawClient(port: server.port)
      let start = seconds()
      var isOpen = raw.send("GET / HTTP/1.1\r\nA: ")
      while isOpen, seconds() < start + 5 {
        usleep(20_000)
        isOpen = raw.send("x")
      }
      #expect(!isOpen)
      #expect(eventually { server.connections == 0 })
    }
  }

  @Test func `a client that takes its answer too slowly is cut`() throws {
    let big = [UInt8](repeating: 7, count: 30_000_000)
    try withServer(
      {
        $0.requestTime = 0.3
        $0.minimumRate = 1e9
      }, { _ in .ready(Response(status: 200, body: .bytes(big))) }
    ) { server, _ in
      let raw = RawClient(port: server.port)
      raw.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(eventually { server.connections == 1 })
      #expect(eventually { server.connections == 0 })
      #expect((raw.readAll()?.utf8.count ?? 0) < big.count)
    }
  }

  @Test func `connections of one address are bounded`() throws {
    try withServer({ $0.perAddressLimit = 2 }, Self.echo) { server, _ in
      let one = RawClient(port: server.port)
      let two = RawClient(port: server.port)
      #expect(eventually { server.connections == 2 })
      let three = RawClient(port: server.port)
      three.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(three.readAll() == "")
      one.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(one.readAll()?.hasPrefix("HTTP/1.1 200") == true)
      _ = two.number
    }
  }
}
