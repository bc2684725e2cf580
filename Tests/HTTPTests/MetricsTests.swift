import HTTP
import Synchronization
import Testing

@Suite struct MetricsTests {
  private let hits = Metrics.Family("test_hits_total", .counter, help: "How often.")
  private let level = Metrics.Family("test_level", .gauge, help: "How high.")

  @Test func `are written as Prometheus reads them, families and samples by name`() {
    let metrics = Metrics()
    metrics.set(level, to: 1.5)
    metrics.add(to: hits, ["kind": "b"])
    metrics.add(to: hits, ["kind": "a", "status": "200"])
    metrics.add(2, to: hits, ["kind": "b"])
    #expect(
      metrics.text == """
        # HELP test_hits_total How often.
        # TYPE test_hits_total counter
        test_hits_total{kind="a",status="200"} 1
        test_hits_total{kind="b"} 3
        # HELP test_level How high.
        # TYPE test_level gauge
        test_level 1.5

        """)
  }

  @Test func `a label's value cannot leave its quotes`() {
    let metrics = Metrics()
    metrics.set(level, ["name": "a\"b\\c\nd"], to: 1)
    #expect(metrics.text.contains(#"test_level{name="a\"b\\c\nd"} 1"#))
  }

  @Test func `what is looked up is looked up at each reading`() {
    let metrics = Metrics()
    let count = Mutex(0.0)
    metrics.beforeReading { metrics in
      metrics.set(
        level,
        to: count.withLock { count in
          count += 1
          return count
        })
    }
    #expect(metrics.text.contains("test_level 1\n"))
    #expect(metrics.text.contains("test_level 2\n"))
  }

  @Test func `a process has memory, time and descriptors`() {
    let metrics = Metrics()
    metrics.addProcess()
    for name in ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"] {
      let line = metrics.text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
      let value = line?.split(separator: " ").last.flatMap { Double($0) }
      #expect(value ?? 0 > 0, "\(name)")
    }
  }

  @Test(arguments: [
    (Method.get, "/metrics", 200), (.head, "/metrics", 200), (.post, "/metrics", 405),
    (.get, "/", 404), (.get, "/metrics/", 404),
  ])
  func `only one path is answered`(_ method: Method, _ path: String, _ status: Int) {
    guard case .ready(let response) = Metrics().answer(Request(method: method, path: path)) else {
      Issue.record("not answered at once")
      return
    }
    #expect(response.status == status)
    if status == 200 {
      #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    }
  }

  @Test func `a server has every answer observed, also its own refusals`() throws {
    let seen = Mutex<[String]>([])
    var options = ServerOptions(address: "127.0.0.1:0")
    options.bodyLimit = 10
    options.observe = { observation in
      seen.withLock { $0.append("\(observation.path) \(observation.status) \(observation.bytes)") }
    }
    let server = try Server(options) { request in
      if request.path == "/later" {
        return .later { $0.send(Response(status: 200, body: .bytes([1, 2, 3]))) }
      }
      return .ready(.text(404, "no\n"))
    }
    defer { server.stop() }
    for (method, path) in [(Method.get, "/later"), (.head, "/later"), (.get, "/none?who=me")] {
      var request = ClientRequest("http://127.0.0.1:\(server.port)\(path)")
      request.method = method
      _ = try Client().send(request) { _ in true }
    }
    #expect(seen.withLock { $0 } == ["/later 200 3", "/later 200 0", "/none 404 3"])
  }
}
