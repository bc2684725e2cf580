import Database
import Dispatch
import FilClient
import FilKiosk
import Glibc
import HTTP
import Synchronization
import TestSupport
import Testing

@Suite struct KioskHandlerTests {
  @Test func `nobody's page waits for the texts that others ask for`() throws {
    try withStall(.none) { stall in
      let handler = KioskHandler(stall.kiosk())
      var options = ServerOptions(address: "127.0.0.1:0")
      options.threads = 1
      let server = try Server(options) { handler.answer($0, now: Stall.signed) }
      defer { server.stop() }
      let url = "http://127.0.0.1:\(server.port)"
      // Another program writes, as a sync does.
      let other = try Connection(path: stall.replica.path, mode: .readWrite)
      try other.script("BEGIN IMMEDIATE")
      let statuses = Mutex<[Int]>([])
      let asked = DispatchGroup()
      for number in 0..<9 {
        DispatchQueue(label: "reader \(number)").async(group: asked) {
          var request = ClientRequest("\(url)/demande", method: .post)
          // There is none of that number, which only whoever may write finds out.
          request.body = Array("article=99&jeton=\(Stall.token)".utf8)
          let status = (try? Client().send(request) { _ in true })?.status ?? 0
          statuses.withLock { $0.append(status) }
        }
      }
      // Eight wait, and the ninth is told to come again.
      for _ in 0..<3_000 where server.waiting < 8 || statuses.withLock({ $0.isEmpty }) {
        usleep(1_000)
      }
      #expect(server.waiting == 8 && statuses.withLock { $0 } == [503])
      let page = try Client().send(ClientRequest("\(url)/")) { _ in true }
      #expect(page.status == 200 && page.seconds < 2)
      try other.script("ROLLBACK")
      asked.wait()
      #expect(statuses.withLock { $0.sorted() } == Array(repeating: 404, count: 8) + [503])
    }
  }
}
