import Glibc
import HTTP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ClientTests {
  static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

  /// Serves `bytes` from a file with conditions, as `/`.
  static func withFile(_ bytes: [UInt8], _ body: (Server, String) throws -> Void) throws {
    let path = "/tmp/fil-http-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let number = open(path, O_RDWR | O_CREAT, 0o600)
    #expect(write(number, bytes, bytes.count) == bytes.count)
    close(number)
    let file = try FileBody(path)
    unlink(path)
    let handler: @Sendable (Request) -> Answer = { request in
      let whole = Response(status: 200, headers: ["ETag": "\"v1\""], body: .file(file))
      return .ready(whole.conditioned(by: request))
    }
    try withServer({ _ in }, handler, body)
  }

  @Test func `a file is resumed where it was cut`() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    try Self.withFile(bytes) { _, url in
      let client = Client(ClientOptions(receiveBuffer: 8192))
      var got: [UInt8] = []
      #expect(throws: TransportError(.stopped)) {
        try client.send(ClientRequest(url + "/")) { part in
          got += part
          return got.count < 100_000
        }
      }
      #expect(got.count < bytes.count)
      let request = ClientRequest(
        url + "/", headers: ["Range": "bytes=\(got.count)-", "If-Range": "\"v1\""])
      var head: ResponseHead?
      let outcome = try client.send(
        request,
        onHead: {
          head = $0
          return true
        }
      ) { part in
        got += part
        return true
      }
      #expect(outcome.status == 206 && head?.status == 206)
      #expect(head?.headers["content-range"]?.hasSuffix("-299999/300000") == true)
      #expect(got == bytes)
    }
  }

  @Test func `gzip is asked for and undone only where it is wanted`() throws {
    // « Bonjour, Gao. » twenty times.
    let packed: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 115, 202, 207, 203, 202, 47, 45, 210, 81, 112, 79, 204, 215,
      83, 112, 26, 229, 65, 121, 0, 218, 134, 134, 87, 24, 1, 0, 0,
    ]
    let handler: @Sendable (Request) -> Answer = { request in
      guard request.headers["Accept-Encoding"] == "gzip" else {
        return .ready(.text(200, "plain"))
      }
      return .ready(
        Response(status: 200, headers: ["Content-Encoding": "gzip"], body: .bytes(packed)))
    }
    try withServer({ _ in }, handler) { _, url in
      let client = Client()
      var request = ClientRequest(url + "/")
      let plain = try client.all(request).1
      #expect(plain == Array("plain".utf8))
      request.acceptsGzip = true
      let text = try client.all(request).1
      #expect(text == Array(String(repeating: "Bonjour, Gao. ", count: 20).utf8))
    }
  }

  @Test func `304, HEAD and 416 come without a body`() throws {
    try Self.withFile([1, 2, 3]) { _, url in
      let client = Client()
      var request = ClientRequest(url + "/", headers: ["If-None-Match": "\"v1\""])
      var (outcome, body) = try client.all(request)
      #expect(outcome.status == 304 && body.isEmpty && outcome.headers["ETag"] == "\"v1\"")
      request = ClientRequest(url + "/", method: .head)
      (outcome, body) = try client.all(request)
      #expect(outcome.status == 200 && body.isEmpty && outcome.headers["Content-Length"] == "3")
      #expect(!outcome.connected, "the connection still serves")
      request = ClientRequest(url + "/", headers: ["Range": "bytes=3-"])
      (outcome, body) = try client.all(request)
      #expect(outcome.status == 416 && outcome.headers["Content-Range"] == "bytes */3")
    }
  }

  @Test func `a connection is kept for the next call`() throws {
    try Self.withFile([1, 2, 3]) { server, url in
      let client = Client()
      let first = try client.all(ClientRequest(url + "/")).0
      let second = try client.all(ClientRequest(url + "/")).0
      #expect(first.connected && !second.connected)
      #expect(server.connections == 1)
      #expect(first.bytesReceived == second.bytesReceived)
      #expect(first.roundTrip.map { $0 > 0 && $0 < 1 } == true)
    }
  }

  @Test func `nothing is sent but the request line, the host and the fields given`() throws {
    let server = RawServer { $0.hasSuffix("\r\n\r\n") ? Self.ok : "" }
    defer { server.stop() }
    let client = Client()
    _ = try client.all(
      ClientRequest("http://127.0.0.1:\(server.port)/a?b", headers: ["Fil": "x", "Empty": ""]))
    #expect(
      server.text
        == "GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nFil: x\r\nEmpty:\r\n\r\n")
  }

  @Test func `the bytes counted are those that crossed the socket`() throws {
    let server = RawServer { soFar in
      guard soFar.hasSuffix("\r\n\r\n") else { return "" }
      return soFar.contains("/last") ? "HTTP/1.1 204 A\r\nConnection: close\r\n\r\n" : Self.ok
    }
    let client = Client()
    let url = "http://127.0.0.1:\(server.port)/"
    var received = 0
    var sent = 0
    for path in ["", "", "last", ""] {
      let outcome = try client.all(ClientRequest(url + path)).0
      received += outcome.bytesReceived
      sent += outcome.bytesSent
      #expect(received == server.sent && sent == server.received)
    }
    server.stop()
    let cut = RawServer { _ in nil }
    defer { cut.stop() }
    let error = #expect(throws: TransportError.self) {
      try Client().all(ClientRequest("http://127.0.0.1:\(cut.port)/"))
    }
    #expect(error == TransportError(.interrupted))
    #expect(error?.bytesSent == cut.received)
    #expect(error?.bytesReceived == 0)
  }

  @Test func `an answer that ends too early is an interruption, with what had come`() throws {
    let early = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"
    let sent = Atomic<Bool>(false)
    let server = RawServer { _ in
      sent.exchange(true, ordering: .relaxed) ? nil : early
    }
    defer { server.stop() }
    let client = Client()
    var body: [UInt8] = []
    let url = "http://127.0.0.1:\(server.port)/"
    var request = ClientRequest(url)
    request.stall = 0.3
    let error = #expect(throws: TransportError.self) {
      try client.send(request) { part in
        body += part
        return true
      }
    }
    #expect(error == TransportError(.stalled))
    #expect(error?.bytesReceived == early.utf8.count)
    #expect(body == [UInt8]("hi".utf8))
  }

  @Test func `a server that goes silent is given up after the stall, or the wait`() throws {
    let server = RawServer { _ in "" }
    defer { server.stop() }
    var request = ClientRequest("http://127.0.0.1:\(server.port)/")
    request.stall = 0.2
    #expect(throws: TransportError(.stalled)) { try Client().all(request) }
    request.wait = 0.5
    let start = seconds()
    #expect(throws: TransportError(.stalled)) { try Client().all(request) }
    #expect(seconds() - start >= 0.65)
  }

  @Test func `a server that goes silent within TLS is silent, not absent`() throws {
    let server = RawServer { _ in "" }
    defer { server.stop() }
    var request = ClientRequest("https://127.0.0.1:\(server.port)/")
    request.connectTimeout = 1
    #expect(throws: TransportError(.stalled)) { try Client().all(request) }
  }

  @Test func `a call that takes too long in all ends, however much moves`() throws {
    let server = RawServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi" }
    defer { server.stop() }
    var request = ClientRequest("http://127.0.0.1:\(server.port)/")
    request.deadline = 0.2
    #expect(throws: TransportError(.timedOut)) { try Client().all(request) }
  }

  @Test func `a cancelled call ends, and does not wait for its stall`() throws {
    let server = RawServer { _ in "" }
    defer { server.stop() }
    let cancellation = Cancellation()
    let request = ClientRequest("http://127.0.0.1:\(server.port)/")
    let calling = TestThread {
      #expect(throws: TransportError(.cancelled)) {
        try Client().send(request, cancellation: cancellation) { _ in true }
      }
    }
    #expect(eventually { server.received > 0 })
    usleep(50_000)
    cancellation.cancel()
    calling.join()
    #expect(throws: TransportError(.cancelled)) {
      try Client().send(request, cancellation: cancellation) { _ in true }
    }
  }

  @Test func `redirections stay on the host, and are at most three`() throws {
    let handler: @Sendable (Request) -> Answer = { request in
      switch request.path {
      case "/a": .ready(Response(status: 302, headers: ["Location": "b?x=1"]))
      case "/b": .ready(.text(200, "there \(request.query ?? "")"))
      case "/loop": .ready(Response(status: 301, headers: ["Location": "/loop"]))
      case "/away":
        .ready(Response(status: 307, headers: ["Location": "http://u:p@portal.example/x"]))
      default: .ready(Response(status: 302, headers: ["Location": "https://127.0.0.1/"]))
      }
    }
    try withServer({ _ in }, handler) { _, url in
      let client = Client()
      var heads = 0
      let outcome = try client.send(
        ClientRequest(url + "/a"),
        onHead: { _ in
          heads += 1
          return true
        },
        onBytes: { String(decoding: $0, as: UTF8.self) == "there x=1" })
      #expect(outcome.status == 200 && heads == 1)
      for path in ["/loop", "/away", "/scheme"] {
        let error = #expect(throws: TransportError.self) {
          try client.all(ClientRequest(url + path))
        }
        #expect(error == TransportError(.redirected))
        #expect(error?.detail.contains("u:p") == false)
        #expect(error?.detail.contains("://") == true)
      }
      var post = ClientRequest(url + "/a", method: .post)
      post.body = [1]
      #expect(throws: TransportError(.redirected)) { try client.all(post) }
    }
  }

  @Test(arguments: [
    ("http://127.0.0.1:1/", TransportError.Kind.refused), ("ftp://127.0.0.1/", .invalidURL),
    ("file:///etc/passwd", .invalidURL), ("http://127.0.0.1:1/a b", .invalidURL),
    ("http://nobody.invalid/", .unresolved), ("", .invalidURL),
  ])
  func `a failure has its kind`(url: String, kind: TransportError.Kind) {
    #expect(throws: TransportError(kind)) { try Client().all(ClientRequest(url)) }
  }

  @Test func `a head that is too long is refused, and one that is not liked stops`() throws {
    let long = "HTTP/1.1 200 OK\r\nA: \(String(repeating: "x", count: 2000))\r\n\r\n"
    let server = RawServer { _ in long }
    defer { server.stop() }
    var request = ClientRequest("http://127.0.0.1:\(server.port)/")
    request.maxHeaderBytes = 1000
    #expect(throws: TransportError(.tooLarge)) { try Client().all(request) }
    request.maxHeaderBytes = 3000
    #expect(throws: TransportError(.stopped)) {
      try Client().send(request, onHead: { _ in false }) { _ in true }
    }
  }
}
