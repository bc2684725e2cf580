import HTTP
import Testing

@Suite struct ConditionsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var fields: Headers
    var status: Int
    var body = "0123456789"
    var range: String?
    var method = Method.get
    var tag: String? = "\"a,b\""
    var testDescription: String { "\(method) \(fields.fields.map { "\($0.name): \($0.value)" })" }
  }

  static let cases = [
    Case(fields: [:], status: 200),
    Case(fields: ["If-None-Match": "\"a,b\""], status: 304, body: ""),
    Case(fields: ["if-none-match": "W/\"a,b\""], status: 304, body: ""),
    Case(fields: ["If-None-Match": "\"x\", W/\"y\",\"a,b\""], status: 304, body: ""),
    Case(fields: ["If-None-Match": "\"x\"", "IF-NONE-MATCH": "\"a,b\""], status: 304, body: ""),
    Case(fields: ["If-None-Match": "*"], status: 304, body: ""),
    Case(fields: ["If-None-Match": " * "], status: 304, body: "", tag: nil),
    Case(fields: ["If-None-Match": "\"a,b\""], status: 304, body: "", tag: "W/\"a,b\""),
    Case(fields: ["If-None-Match": "\"a,b\""], status: 304, body: "", method: .head),
    Case(fields: ["If-None-Match": "\"a,b\""], status: 200, method: .post),
    Case(fields: ["If-None-Match": "\"a\""], status: 200),
    Case(fields: ["If-None-Match": "a,b"], status: 200),
    Case(fields: ["If-None-Match": "\"a,b"], status: 200),
    Case(fields: ["If-None-Match": "\"a,b\""], status: 200, tag: nil),
    Case(fields: ["Range": "bytes=0-3"], status: 206, body: "0123", range: "bytes 0-3/10"),
    Case(fields: ["Range": "Bytes=4-"], status: 206, body: "456789", range: "bytes 4-9/10"),
    Case(fields: ["Range": "bytes=-3"], status: 206, body: "789", range: "bytes 7-9/10"),
    Case(fields: ["Range": "bytes=-30"], status: 206, range: "bytes 0-9/10"),
    Case(fields: ["Range": "bytes=9-99"], status: 206, body: "9", range: "bytes 9-9/10"),
    Case(
      fields: ["Range": "bytes=8-99999999999999999999"], status: 206, body: "89",
      range: "bytes 8-9/10"),
    Case(fields: ["Range": "bytes=0-9223372036854775807"], status: 206, range: "bytes 0-9/10"),
    Case(fields: ["Range": "bytes=10-"], status: 416, body: "", range: "bytes */10"),
    Case(
      fields: ["Range": "bytes=99999999999999999999-"], status: 416, body: "", range: "bytes */10"),
    Case(fields: ["Range": "bytes=-0"], status: 416, body: "", range: "bytes */10"),
    Case(fields: ["Range": "bytes=0-1,4-5"], status: 200),
    Case(fields: ["Range": "bytes=5-2"], status: 200),
    Case(fields: ["Range": "bytes=a-"], status: 200),
    Case(fields: ["Range": "bytes=+1-2"], status: 200),
    Case(fields: ["Range": "bytes=-"], status: 200),
    Case(fields: ["Range": "bytes=3"], status: 200),
    Case(fields: ["Range": "bytes"], status: 200),
    Case(fields: ["Range": "lines=0-1"], status: 200),
    Case(fields: ["Range": "bytes=0-1"], status: 200, method: .head),
    Case(
      fields: ["Range": "bytes=0-1", "If-Range": "\"a,b\""], status: 206, body: "01",
      range: "bytes 0-1/10"),
    Case(fields: ["Range": "bytes=0-1", "If-Range": "\"b\""], status: 200),
    Case(fields: ["Range": "bytes=0-1", "If-Range": "W/\"a,b\""], status: 200, tag: "W/\"a,b\""),
    Case(fields: ["Range": "bytes=0-1", "If-Range": "\"a,b\""], status: 200, tag: nil),
    Case(
      fields: ["Range": "bytes=0-1", "If-Range": "Tue, 24 Feb 2026 10:00:00 GMT"], status: 200),
    Case(fields: ["Range": "bytes=0-1", "If-None-Match": "\"a,b\""], status: 304, body: ""),
  ]

  @Test(arguments: cases)
  func `a condition gives the answer of RFC 9110`(_ a: Case) {
    var response = Response(
      status: 200,
      headers: ["Content-Type": "text/plain", "Vary": "Accept", "Fil-Head": "7", "X-Other": "1"],
      body: .bytes([UInt8]("0123456789".utf8)))
    response.headers["ETag"] = a.tag
    let request = Request(method: a.method, path: "/", headers: a.fields)
    let answer = response.conditioned(by: request)
    #expect(answer.status == a.status)
    #expect(answer.headers["Content-Range"] == a.range)
    #expect(answer.headers["Fil-Head"] == "7")
    #expect(answer.headers["ETag"] == (a.status == 416 ? nil : a.tag))
    let isContinued = a.status == 206 && a.fields["If-Range"] != nil
    let hasType = [200, 206].contains(a.status) && !isContinued
    #expect(answer.headers["Content-Type"] == (hasType ? "text/plain" : nil))
    #expect(answer.headers["Vary"] == (a.status == 416 ? nil : "Accept"))
    #expect((answer.headers["X-Other"] == nil) == (a.status == 304 || a.status == 416))
    var body: [UInt8] = []
    if case .bytes(let bytes) = answer.body { body = bytes }
    #expect(body == [UInt8](a.body.utf8))
  }

  @Test func `nothing of an empty body can be had`() {
    let empty = Response(status: 200)
    for range in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
      let request = Request(path: "/", headers: ["Range": range])
      #expect(empty.conditioned(by: request).headers["Content-Range"] == "bytes */0")
    }
  }

  @Test func `only a success is conditioned`() {
    let missing = Response(status: 404, headers: ["ETag": "\"a\""])
    let request = Request(path: "/", headers: ["If-None-Match": "*"])
    #expect(missing.conditioned(by: request).status == 404)
  }

  @Test func `fields are found whatever their case, in order`() {
    var headers: Headers = ["A": "1", "b": "2", "a": "3"]
    #expect(headers["a"] == "1" && headers.list("A") == "1, 3" && headers["c"] == nil)
    headers["a"] = "4"
    #expect(headers.fields.map(\.name) == ["b", "a"])
    headers["B"] = nil
    #expect(headers.fields.map(\.value) == ["4"])
  }

  @Test(arguments: ["a\r\nSet-Cookie: x", "a\n", "\u{0}", "\u{7f}"])
  func `a value that would end the line is not taken`(value: String) {
    var headers = Headers()
    var taken = headers.add("A", value)
    headers["A"] = value
    for name in ["A b", "", "A:"] where headers.add(name, "1") { taken = true }
    #expect(!taken && headers.fields.isEmpty)
    headers["A"] = "é\t~"
    #expect(headers["a"] == "é\t~")
  }
}
