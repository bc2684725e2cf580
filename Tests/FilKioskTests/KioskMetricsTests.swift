import FilKiosk
import Files
import HTTP
import TestSupport
import Testing

@Suite struct KioskMetricsTests {
  @Test func `pages are counted by kind; what was read or looked for is not told`() throws {
    try withTemporaryFolder { folder in
      let stall = try Stall(folder)
      let kiosk = stall.kiosk()
      let metrics = Metrics()
      metrics.add(stall.replica)
      var options = ServerOptions(address: "127.0.0.1:0")
      options.observe = { metrics.count(kiosk: $0) }
      let server = try Server(options) { .ready(kiosk.answer($0, now: Stall.signed)) }
      defer { server.stop() }
      for path in ["/", "/rubrique/nord-actu", "/article/1", "/article/2", "/recherche?q=secret"] {
        _ = try Client().send(ClientRequest("http://127.0.0.1:\(server.port)\(path)")) { _ in true }
      }
      let text = metrics.text
      for line in [
        #"fil_kiosk_requests_total{page="home",status="200"} 1"#,
        #"fil_kiosk_requests_total{page="list",status="200"} 1"#,
        #"fil_kiosk_requests_total{page="article",status="200"} 2"#,
        #"fil_kiosk_requests_total{page="search",status="200"} 1"#,
        "fil_replica_readable 1", "fil_replica_signed_timestamp_seconds \(Stall.signed)",
      ] { #expect(text.contains(line + "\n"), "\(line)") }
      #expect(!text.contains("nord-actu") && !text.contains("secret"))
    }
  }
}
