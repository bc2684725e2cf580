import Foundation
import Glibc
import TestSupport
import Testing

/// A host that talks with `fil serve-stdio`.
private final class Host {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()
  private var heard: [[String: Any]] = []

  init(_ replica: String, key: String) throws {
    process.executableURL = Tool.fil.url
    process.arguments = ["serve-stdio", replica, "--key", key]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit { if process.isRunning { process.terminate() } }

  func say(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  /// The next line that `isMeant` takes; the others are kept for later.
  func hear(_ isMeant: ([String: Any]) -> Bool) throws -> [String: Any] {
    while true {
      if let place = heard.firstIndex(where: isMeant) { return heard.remove(at: place) }
      guard let line = try nextLine() else { throw Ended() }
      let json = try JSONSerialization.jsonObject(with: line) as? [String: Any]
      heard.append(json ?? [:])
    }
  }

  /// The answer to request `id`; its events are passed over.
  func answer(_ id: Int) throws -> [String: Any] {
    try hear { $0["id"] as? Int == id && $0["event"] == nil }
  }

  func event(_ name: String, of id: Int) throws -> [String: Any] {
    try hear { $0["id"] as? Int == id && $0["event"] as? String == name }
  }

  /// The error of the answer that names `line` of the input.
  func refusal(line: Int) throws -> [String: Any] {
    let answer = try hear { ($0["error"] as? [String: Any])?["line"] as? Int == line }
    return answer["error"] as? [String: Any] ?? [:]
  }

  struct Ended: Error {}

  private func nextLine() throws -> Data? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = Data(buffer[..<end])
        buffer = Data(buffer[(end + 1)...])
        return line
      }
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { return nil }
      buffer += data
    }
  }

  /// Ends the input; the program's status once it has ended.
  func end() throws -> Int32 {
    try input.fileHandleForWriting.close()
    return wait()
  }

  func terminate() -> Int32 {
    process.terminate()
    return wait()
  }

  private func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// A server that takes connections and says nothing.
private final class SilentServer {
  private let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  private(set) var url = ""

  init() {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, size)
        listen(listener, 8)
        getsockname(listener, pointer, &size)
      }
    }
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
  }

  deinit { close(listener) }

  /// Waits until somebody has connected; the connection stays open.
  func waitForConnection() { _ = accept(listener, nil, nil) }
}

@Suite(.serialized, .timeLimit(.minutes(5)))
struct StdioTests {
  /// A newsroom with a few articles, and a host of a new replica of it.
  private func withHost(_ body: (Host, ServedNewsroom, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let newsroom = try ServedNewsroom(in: folder)
      defer { newsroom.stop() }
      let samples = ["01-le-fleuve-remonte-a-gao", "02-le-prix-du-mil-se-stabilise"].map {
        Tool.root.appending(path: "Server/Samples/\($0).md").path()
      }
      #expect(try Tool.run(Tool.server.url, ["publish", newsroom.folder] + samples).status == 0)
      try newsroom.serve()
      let path = folder + "/gao.db"
      try body(try Host(path, key: newsroom.key), newsroom, path)
    }
  }

  @Test func `a host syncs, lists and reads`() throws {
    try withHost { host, newsroom, _ in
      try host.say(#"{"id":1,"method":"sync","params":{"from":"\#(newsroom.url)"}}"#)
      #expect(
        (try host.event("attempt", of: 1)["data"] as? [String: Any])?["source"] as? String
          == newsroom.url)
      let report = try host.answer(1)["result"] as? [String: Any]
      #expect(report?["complete"] as? Bool == true && report?["bodies"] as? Int == 2)
      try host.say(#"{"id":2,"method":"list"}"#)
      #expect((try host.answer(2)["result"] as? [Any])?.count == 2)
      try host.say(#"{"id":1,"method":"read","params":{"number":1}}"#)
      let article = try host.answer(1)["result"] as? [String: Any]
      #expect(article?["bodyState"] as? String == "current", "an id may be used again")
      #expect(try host.end() == 0)
    }
  }

  @Test func `bad lines are told by their place and what follows is not affected`() throws {
    try withHost { host, _, _ in
      let lines: [(String, String)] = [
        ("{\"id\":1,", "byte 8"), (#"["id"]"#, "not an object"), (#"{"method":"list"}"#, "id"),
        (#"{"id":1.5,"method":"list"}"#, "id"),
        (#"{"id":"\#(String(repeating: "x", count: 256))","method":"list"}"#, "id"),
        (#"{"id":1}"#, "method"), (#"{"id":1,"method":"nope"}"#, "method nope"),
        (#"{"id":1,"method":"list","more":1}"#, "more"),
        (#"{"id":1,"method":"list","params":[]}"#, "params: not an object"),
        (#"{"id":1,"method":"list","params":{"far":1}}"#, "params.far"),
        (#"{"id":1,"method":"cancel","params":{}}"#, "params.id"),
        (String(repeating: " ", count: 65_537), "65536 bytes"),
      ]
      for (line, _) in lines { try host.say(line) }
      for (number, line) in lines.enumerated() {
        let error = try host.refusal(line: number + 1)
        #expect((error["message"] as? String)?.contains(line.1) == true, "\(error)")
        #expect(error["code"] as? String == "usage")
      }
      try host.say("")
      let wrong: [(String, String)] = [
        (#""list","params":{"limit":0}"#, "params.limit"),
        (#""list","params":{"une":1}"#, "params.une"),
        (#""list","params":{"section":1}"#, "params.section"), (#""read""#, "params.number"),
        (#""sync","params":{"from":[1]}"#, "params.from"),
        (#""sync","params":{"from":1}"#, "params.from"), (#""search""#, "params.words"),
      ]
      for (number, line) in wrong.enumerated() {
        try host.say("{\"id\":\(100 + number),\"method\":\(line.0)}")
        let error = try host.answer(100 + number)["error"] as? [String: Any]
        #expect((error?["message"] as? String)?.contains(line.1) == true, "\(error ?? [:])")
      }
      // A line of exactly the bound is read.
      let request = #"{"id":200,"method":"version"}"#
      try host.say(request + String(repeating: " ", count: 65_536 - request.utf8.count))
      #expect(try host.answer(200)["result"] != nil)
      #expect(try host.end() == 0)
    }
  }

  @Test func `a request that waits is cancelled, others are not`() throws {
    try withHost { host, newsroom, _ in
      let silent = SilentServer()
      try host.say(#"{"id":1,"method":"sync","params":{"from":"\#(silent.url)"}}"#)
      silent.waitForConnection()
      try host.say(#"{"id":1,"method":"status"}"#)
      #expect((try host.refusal(line: 2)["message"] as? String)?.contains("is open") == true)
      try host.say(#"{"id":2,"method":"status"}"#)
      #expect(try host.answer(2)["result"] != nil, "queries go on")
      try host.say(#"{"id":3,"method":"cancel","params":{"id":1}}"#)
      #expect((try host.answer(3)["result"] as? [String: Any])?["cancelled"] as? Bool == true)
      let answer = try host.answer(1)
      #expect((answer["error"] as? [String: Any])?["code"] as? String == "cancelled")
      #expect((answer["report"] as? [String: Any])?["complete"] as? Bool == false)
      try host.say(#"{"id":4,"method":"sync","params":{"from":"\#(newsroom.url)"}}"#)
      #expect(try host.answer(4)["result"] != nil)
      #expect(try host.end() == 0)
    }
  }

  @Test func `no more than 64 requests are open, and changes of another process are told`() throws {
    try withHost { host, _, path in
      for id in 1...64 {
        try host.say(#"{"id":\#(id),"method":"observe"}"#)
        _ = try host.event("observing", of: id)
      }
      try host.say(#"{"id":65,"method":"status"}"#)
      #expect((try host.refusal(line: 65)["message"] as? String)?.contains("64 requests") == true)
      #expect(try Tool.fil.run("budget", path, "--day", "5k").status == 0)
      for id in 1...64 { _ = try host.event("changed", of: id) }
      try host.say(#"{"id":66,"method":"cancel","params":{"id":7}}"#)
      #expect((try host.answer(7)["error"] as? [String: Any])?["code"] as? String == "cancelled")
      try host.say(#"{"id":67,"method":"budget"}"#)
      #expect((try host.answer(67)["result"] as? [String: Any])?["day"] as? Int == 5_000)
      #expect(try host.end() == 0, "observing ends with the input")
    }
  }

  @Test func `what was asked is finished when the input ends, and answered when it is killed`()
    throws
  {
    try withHost { host, newsroom, path in
      try host.say(#"{"id":1,"method":"sync","params":{"from":"\#(newsroom.url)"}}"#)
      #expect(try host.end() == 0)
      #expect((try host.answer(1)["result"] as? [String: Any])?["complete"] as? Bool == true)
      let other = try Host(path, key: newsroom.key)
      let silent = SilentServer()
      try other.say(#"{"id":2,"method":"sync","params":{"from":"\#(silent.url)"}}"#)
      silent.waitForConnection()
      #expect(other.terminate() == 1)
      #expect((try other.answer(2)["error"] as? [String: Any])?["code"] as? String == "cancelled")
    }
  }

  @Test func `a host that does not read cannot keep it alive`() throws {
    try withHost { host, newsroom, _ in
      try host.say(#"{"id":1,"method":"sync","params":{"from":"\#(newsroom.url)"}}"#)
      _ = try host.answer(1)
      // More than a pipe holds.
      for id in 2...60 { try host.say(#"{"id":\#(id),"method":"list","params":{"limit":1000}}"#) }
      #expect(host.terminate() == 1)
    }
  }
}
