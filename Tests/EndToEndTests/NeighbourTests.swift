import Database
import FilClient
import FilProtocol
import Files
import Foundation
import HTTP
import TestSupport
import Testing

/// A kiosk: a replica that the real program fills, and its relay on a port of this machine.
private final class RelayingKiosk {
  let path: String
  let key: String
  private let server: Server

  init(_ path: String, from source: String, key: String) throws {
    self.path = path
    self.key = key
    let first = try Tool.fil.run("sync", path, "--from", source, "--key", key)
    #expect(first.status == 0, "\(first.error)")
    let relay = try Relay(Replica(path: path))
    server = try Server(ServerOptions(address: "127.0.0.1:0")) { relay.answer($0) }
  }

  deinit { server.stop() }

  var port: Int { server.port }
  var url: String { "http://127.0.0.1:\(server.port)" }

  func sync() throws { #expect(try Tool.fil.run("sync", path).status == 0) }
}

/// Newsroom, kiosk, kiosk, stick, laptop: with the real programs, over real sockets.
struct NeighbourTests {
  /// Few, so that the second codec does not take long where it is not optimised.
  private static let samples = EndToEndTests.samples.prefix(7)

  private func published(in folder: String) throws -> ServedNewsroom {
    let newsroom = try ServedNewsroom(in: folder)
    let result = try Tool.run(
      Tool.server.url, ["publish", newsroom.folder] + NeighbourTests.samples)
    #expect(result.status == 0, "\(result.error)")
    try newsroom.serve()
    return newsroom
  }

  /// Everything that two replicas show is the same, and proven.
  private func expectSame(_ one: String, _ other: String) throws {
    for path in [one, other] {
      let found = try Tool.fil.run("verify", path, "--json").object
      #expect(found["sound"] as? Bool == true, "\(path): \(found)")
    }
    let (a, b) = (try Replica(path: one), try Replica(path: other))
    #expect(try a.status().version == b.status().version)
    #expect(try b.status().missingBodies == 0)
    for number in 0...NeighbourTests.samples.count {
      #expect(try a.record(number) == b.record(number))
      #expect(try a.article(number) == b.article(number))
    }
  }

  @Test func `news go from kiosk to kiosk, and on a stick to a laptop`() throws {
    try withTemporaryFolder { folder in
      let newsroom = try published(in: folder)
      defer { newsroom.stop() }
      let first = try RelayingKiosk(folder + "/a.db", from: newsroom.url, key: newsroom.key)
      let second = try RelayingKiosk(folder + "/b.db", from: first.url, key: newsroom.key)
      try expectSame(first.path, second.path)
      #expect(
        try Tool.server.run(
          "retract", newsroom.folder, "3", "--reason", "à la demande de la famille", "--erase"
        ).status == 0)
      #expect(
        try Tool.server.run("retract", newsroom.folder, "5", "--reason", "doublon").status == 0)
      try first.sync()
      // From here on the newsroom is out of reach.
      newsroom.stop()
      let over = try Tool.fil.run("sync", second.path, "--json").object
      #expect(over["requests"] as? Int == 1 && over["bodies"] as? Int == 0)
      try expectSame(first.path, second.path)
      let bundle = folder + "/news.fil"
      #expect(try Tool.fil.run("export", second.path, "--to", bundle).status == 0)
      let laptop = folder + "/laptop.db"
      let taken = try Tool.fil.run("import", laptop, bundle, "--key", newsroom.key, "--json").object
      #expect(taken["complete"] as? Bool == true && taken["bytesReceived"] as? Int == 0)
      #expect(taken["incomplete"] as? Bool == false)
      try expectSame(first.path, laptop)
      // A copy that breaks off says so in JSON too.
      let half = try Data(contentsOf: URL(filePath: bundle))
      try half.prefix(half.count / 2).write(to: URL(filePath: folder + "/half.fil"))
      let part = try Tool.fil.run(
        "import", folder + "/part.db", folder + "/half.fil", "--key", newsroom.key, "--json")
      #expect(part.object["incomplete"] as? Bool == true, "\(part.output)")
      #expect(try Replica(path: laptop).article(5)?.reason == "doublon")
      #expect(try Replica(path: laptop).article(3)?.body == nil)
    }
  }

  @Test func `the second implementation follows a relay and reads a bundle`() throws {
    try withTemporaryFolder { folder in
      let newsroom = try published(in: folder)
      defer { newsroom.stop() }
      let kiosk = try RelayingKiosk(folder + "/a.db", from: newsroom.url, key: newsroom.key)
      let scripts = Tool.root.appending(path: "Tests/SecondImplementation")
      func python(_ script: String, _ arguments: String...) throws -> Tool.Result {
        try Tool.run(
          URL(filePath: "/usr/bin/python3"), [scripts.appending(path: script).path()] + arguments)
      }
      let state = folder + "/state"
      let count = NeighbourTests.samples.count
      for codec in [[], ["--c2"]] {
        let first = try Tool.run(
          URL(filePath: "/usr/bin/python3"),
          [scripts.appending(path: "fil.py").path(), "sync", kiosk.url, kiosk.key] + codec)
        #expect(first.output.contains("bodies \(count)/\(count)"), "\(first.output)\(first.error)")
      }
      _ = try python("fil.py", "sync", kiosk.url, kiosk.key, "--state", state)
      #expect(
        try Tool.server.run("retract", newsroom.folder, "5", "--reason", "doublon").status == 0)
      try kiosk.sync()
      let next = try python("fil.py", "sync", kiosk.url, kiosk.key, "--state", state)
      #expect(next.output.hasPrefix("delta: 1 requests"), "\(next.output)\(next.error)")
      #expect(
        try python("fil.py", "sync", kiosk.url, kiosk.key, "--state", state).output.hasPrefix("304")
      )
      #expect(try Tool.fil.run("export", kiosk.path, "--to", folder + "/news.fil").status == 0)
      let bundle = try python("bundle.py", "import", folder + "/news.fil", kiosk.key)
      #expect(bundle.output.contains("bodies \(count - 1)/\(count - 1)"), "\(bundle.error)")
      let vectors = Tool.root.appending(path: "Protocol/Vectors/bundle.json").path()
      #expect(try python("bundle.py", "vectors", vectors).status == 0)
    }
  }

  /// What was changed in its file a kiosk does not hand on; what a carrier changes is refused by name.
  ///
  /// Either way the news come from elsewhere.
  @Test func `a kiosk that was tampered with harms nobody`() throws {
    try withTemporaryFolder { folder in
      let newsroom = try published(in: folder)
      defer { newsroom.stop() }
      let kiosk = try RelayingKiosk(folder + "/a.db", from: newsroom.url, key: newsroom.key)
      let carrier = try WeakLink(toPort: kiosk.port, rules: [WeakRule(.flip(200))])
      defer { carrier.stop() }
      let second = folder + "/b.db"
      let refused = try Tool.fil.run(
        "sync", second, "--from", carrier.url, "--key", newsroom.key, "--json")
      #expect(refused.status == 5, "\(refused.output)")
      let error = refused.object["error"] as? [String: Any]
      let names = [
        "badSignature", "wrongDigest", "wrongObject", "invalidValue", "notCanonical", "overLimit",
        "trailingBytes", "truncated",
      ]
      #expect(names.contains(error?["code"] as? String ?? ""), "\(refused.output)")
      #expect(try Tool.fil.run("verify", second).status == 0)
      let repaired = try Tool.fil.run(
        "sync", second, "--from", "\(carrier.url),\(newsroom.url)", "--json")
      #expect(repaired.status == 0, "\(repaired.output)")
      try expectSame(kiosk.path, second)

      let file = try Connection(path: kiosk.path, mode: .readWrite)
      try file.script("UPDATE body SET text = replace(text, 'Gao', 'Mopti')")
      try file.script("UPDATE article SET title = 'Faux' WHERE number = 4")
      // What it had rendered before it was changed was right.
      let changed = try RelayingKiosk(kiosk.path, from: newsroom.url, key: newsroom.key)
      let third = folder + "/c.db"
      let holed = try Tool.fil.run(
        "sync", third, "--from", changed.url, "--key", newsroom.key, "--json")
      #expect(holed.status == 8, "\(holed.output)")
      #expect(try Tool.fil.run("verify", third).status == 0)
      #expect(
        try Tool.fil.run("sync", third, "--from", "\(changed.url),\(newsroom.url)").status == 0)
      try expectSame(second, third)
      // And the kiosk is mended from a neighbour.
      let neighbour = try RelayingKiosk(third, from: newsroom.url, key: newsroom.key)
      newsroom.stop()
      #expect(try Tool.fil.run("verify", kiosk.path, "--repair").status == 3)
      #expect(try Tool.fil.run("sync", kiosk.path, "--from", neighbour.url).status == 0)
      try expectSame(kiosk.path, third)
    }
  }
}
