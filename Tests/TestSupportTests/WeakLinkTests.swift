import HTTP
import TestSupport
import Testing

/// One object of 20,000 bytes under `/o`, whatever the path; its answers are numbered in `N`.
private func withObject(
  _ rules: [WeakRule], over line: WeakLine = .clear, _ body: (WeakLink) throws -> Void
) throws {
  let server = try Server(ServerOptions(address: "127.0.0.1:0")) { request in
    let whole = Response(
      status: 200, headers: ["ETag": "\"v1\"", "Content-Type": "application/octet-stream"],
      body: .bytes(WeakLinkTests.object))
    return .ready(whole.conditioned(by: request))
  }
  defer { server.stop() }
  let link = try WeakLink(toPort: server.port, line, rules: rules, seed: 4)
  defer { link.stop() }
  try body(link)
}

/// What a client got, or how it failed.
private struct Got {
  var status = 0
  var headers: Headers = [:]
  var body: [UInt8] = []
  var failure: TransportError.Kind?

  init(_ link: WeakLink, _ path: String = "/o", _ headers: Headers = [:], most: Int = .max) {
    var request = ClientRequest(link.url + path, headers: headers)
    request.stall = 1
    var head: ResponseHead?
    var bytes: [UInt8] = []
    do throws(TransportError) {
      _ = try Client().send(
        request,
        onHead: {
          head = $0
          return true
        }
      ) {
        bytes += $0
        return bytes.count < most
      }
    } catch { failure = error.kind }
    status = head?.status ?? 0
    self.headers = head?.headers ?? [:]
    body = bytes
  }
}

@Suite(.timeLimit(.minutes(1))) struct WeakLinkTests {
  static let object = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 7) }

  @Test func `a clear line changes nothing`() throws {
    try withObject([]) { link in
      let got = Got(link)
      #expect(got.status == 200 && got.body == Self.object && got.failure == nil)
      let rest = Got(link, "/o", ["Range": "bytes=19000-", "If-Range": "\"v1\""])
      #expect(rest.status == 206 && rest.body == Array(Self.object[19_000...]))
      let log = link.log
      #expect(log.requests.map(\.delivered) == [20_000, 1_000])
      #expect(log.requests.map(\.start) == [0, 19_000])
      #expect(log.requests.map(\.asked) == [0, 19_000])
      #expect(log.repeated == ["\"v1\"": 1_000])
    }
  }

  @Test(arguments: [1, 300, 1_000, 1_401, 15_000])
  func `a cut comes at its byte, as often as it should`(place: Int) throws {
    try withObject([WeakRule(.cut(place), times: 1)]) { link in
      let got = Got(link)
      #expect(got.failure == .interrupted)
      #expect(link.log.connections[0].down == place)
      #expect(link.log.connections[0].end == .cut)
      #expect(got.body == Array(Self.object.prefix(got.body.count)))
      #expect(got.body.count == link.log.requests[0].delivered)
      #expect(Got(link).body == Self.object)
    }
  }

  @Test func `a reset delivers what came before it`() throws {
    try withObject([WeakRule(.reset(5_000), times: 1)]) { link in
      let got = Got(link)
      #expect(got.failure == .interrupted)
      #expect(got.body.count == link.log.requests[0].delivered)
      #expect(link.log.connections[0].end == .reset)
      #expect(link.log.connections[0].down == 5_000)
    }
  }

  @Test func `a stalled connection stays open and silent`() throws {
    try withObject([WeakRule(.stall(5_000), times: 1)]) { link in
      let got = Got(link)
      #expect(got.failure == .stalled)
      #expect(link.log.connections[0].down == 5_000)
      #expect(Got(link).body == Self.object)
    }
  }

  @Test func `a connection ends after its time`() throws {
    try withObject([WeakRule(.cutAfter(2), times: 1)], over: WeakLine.edge.faster(50)) { link in
      let got = Got(link)
      #expect(got.failure == .interrupted)
      #expect(link.log.connections[0].end == .cut)
      // How far it came is a matter of the clock; that it did not come to its end is not.
      #expect(got.body.count < 20_000 && got.body == Array(Self.object.prefix(got.body.count)))
      #expect(Got(link).body == Self.object)
    }
  }

  @Test func `a black hole lets small answers pass`() throws {
    try withObject([WeakRule(.blackHole(1_300))]) { link in
      #expect(Got(link, "/o", ["Range": "bytes=0-899"]).body == Array(Self.object.prefix(900)))
      #expect(Got(link).failure == .stalled)
      #expect(link.log.requests[1].delivered == 0)
      // A client that asks for small packets gets all of it.
      var narrow = ClientRequest(link.url + "/o")
      narrow.segment = 536
      var body: [UInt8] = []
      let outcome = try Client().send(narrow) { bytes in
        body += bytes
        return true
      }
      #expect(outcome.status == 200 && body == Self.object)
    }
  }

  @Test func `bits flip at the same places for the same seed`() throws {
    var bodies: [[UInt8]] = []
    for _ in 0..<2 {
      try withObject([WeakRule(.flip(2_000))]) { bodies.append(Got($0).body) }
    }
    #expect(bodies[0] == bodies[1])
    let differing = zip(bodies[0], Self.object).filter { ($0 ^ $1).nonzeroBitCount == 1 }
    #expect((3...30).contains(differing.count))
    #expect(zip(bodies[0], Self.object).filter { $0 != $1 }.count == differing.count)
  }

  @Test func `a lost answer was asked for`() throws {
    try withObject([WeakRule(.lose, times: 1)]) { link in
      let got = Got(link)
      #expect(got.failure == .interrupted && got.status == 0)
      #expect(link.log.requests[0].status == 200)
      #expect(link.log.connections[0].end == .lost)
    }
  }

  @Test func `ranges are ignored or shifted`() throws {
    try withObject([WeakRule(.wholeRange, times: 1), WeakRule(.otherRange(-100))]) { link in
      let range: Headers = ["Range": "bytes=10000-"]
      let whole = Got(link, "/o", range)
      #expect(whole.status == 200 && whole.body == Self.object)
      let earlier = Got(link, "/o", range)
      #expect(earlier.headers["Content-Range"] == "bytes 9900-19999/20000")
      #expect(earlier.body == Array(Self.object[9_900...]))
    }
  }

  @Test func `tags are stripped and weakened`() throws {
    try withObject([WeakRule(.stripTag, times: 1), WeakRule(.weakenTag)]) { link in
      #expect(Got(link).headers["ETag"] == nil)
      #expect(Got(link).headers["ETag"] == "W/\"v1\"")
      #expect(link.log.requests.map(\.tag) == ["\"v1\"", "\"v1\""])
    }
  }

  @Test func `gzip wraps the body in stored blocks`() throws {
    try withObject([WeakRule(.gzip)]) { link in
      let got = Got(link)
      #expect(got.headers["Content-Encoding"] == "gzip")
      #expect(got.body.count == 20_000 + 10 + 5 + 8)
      #expect(got.body.prefix(3) == [0x1F, 0x8B, 8])
      #expect(Array(got.body[15..<20_015]) == Self.object)
    }
  }

  @Test func `portals answer in the server's place`() throws {
    try withObject([WeakRule(.portal, times: 1), WeakRule(.redirect)]) { link in
      let page = Got(link)
      #expect(page.status == 200)
      #expect(page.headers["Content-Type"]?.hasPrefix("text/html") == true)
      #expect(Got(link).failure == .redirected)
    }
  }

  @Test(arguments: [WeakFault.endless, .terabyte])
  func `some bodies never end`(fault: WeakFault) throws {
    try withObject([WeakRule(fault)]) { link in
      let got = Got(link, most: 500_000)
      #expect(got.body.count >= 500_000 && got.failure == .stopped)
      #expect((got.headers["Content-Length"] == nil) == (fault == .endless))
    }
  }

  @Test func `bytes drip`() throws {
    try withObject([WeakRule(.drip(3))], over: WeakLine.clear.faster(1_000)) { link in
      let start = ContinuousClock.now
      let got = Got(link, "/o", ["Range": "bytes=0-49"])
      #expect(got.body == Array(Self.object.prefix(50)))
      #expect(ContinuousClock.now - start > .milliseconds(300))
    }
  }

  @Test func `old answers come again`() throws {
    try withObject([WeakRule(.freeze)]) { link in
      #expect(Got(link, "/fil/v1/sync/1/all/0", ["Range": "bytes=0-99"]).status == 206)
      #expect(Got(link, "/fil/v1/sync/1/all/0").status == 200)
      let frozen = Got(link, "/fil/v1/sync/1/all/0", ["If-None-Match": "\"v1\""])
      #expect(frozen.status == 200 && frozen.body == Self.object)
      #expect(Got(link, "/fil/v1/sync/2/all/0", ["If-None-Match": "\"v1\""]).status == 304)
      #expect(link.log.requests.map { $0.faults.isEmpty } == [true, true, false, true])
      link.setRules([WeakRule(.replay)])
      #expect(Got(link, "/fil/v1/sync/3/all/0").status == 200)
      let old = Got(link, "/fil/v1/sync/4/all/0", ["Range": "bytes=100-"])
      #expect(old.status == 206 && old.body == Array(Self.object[100...]))
      #expect(link.log.requests.last?.faults == [.replay])
    }
  }

  @Test func `a slow line takes its time, and the round trips theirs`() throws {
    let line = WeakLine.twoG.faster(50)
    try withObject([], over: line) { link in
      let start = ContinuousClock.now
      #expect(Got(link).body == Self.object)
      // 20,000 bytes in 15 segments and two round trips: 4.9 s + 2.6 s, fifty times as fast.
      let took = (ContinuousClock.now - start) / .seconds(1) * 50
      #expect(took > 6.9 && took < 15, "took \(took)")
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `lives follow from the seed`(seed: UInt64) {
    var (one, other) = (SplitMix64(seed: seed), SplitMix64(seed: seed))
    let lives = (0..<2_000).map { _ in WeakLine.enfer.draw(&one) }
    #expect(lives == (0..<2_000).map { _ in WeakLine.enfer.draw(&other) })
    let mean = lives.reduce(0, +) / 2_000
    #expect((5...7).contains(mean))
  }

  @Test func `what people write is read`() {
    for fault in WeakFault.samples { #expect(WeakFault("\(fault)") == fault) }
    #expect(WeakRule("cut:700*2") == WeakRule(.cut(700), times: 2))
    for text in ["", "cat", "cut:", "cut:x", "portal:3", "cut:5*0", "cut*"] {
      #expect(WeakRule(text) == nil, "\(text)")
    }
    #expect(throws: WeakLinkError.address("x")) { try WeakLink(to: "x") }
  }
}
