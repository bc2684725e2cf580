/// The head of a request or of an answer in HTTP/1.1, kept as it came but for what is changed.
struct WeakHead: Sendable {
  var first: String
  var fields: [(name: String, value: String)]

  /// Reads one from the start of `bytes`: the head, and how long it was; nil: it is not all there.
  static func read(_ bytes: [UInt8]) -> (head: WeakHead, count: Int)? {
    guard bytes.count >= 4,
      let end = (3..<bytes.count).first(where: {
        bytes[$0] == 10 && bytes[$0 - 1] == 13 && bytes[$0 - 2] == 10
      })
    else { return nil }
    let lines = bytes[..<(end - 1)].split(separator: 10).map { line in
      String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
    }
    var fields: [(String, String)] = []
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields.append((String(line[..<colon]), String(value)))
    }
    return (WeakHead(first: lines.first ?? "", fields: fields), end + 1)
  }

  /// An answer of our own.
  init(status: Int, _ fields: [(String, String)]) {
    first = "HTTP/1.1 \(status) Weak"
    self.fields = fields
  }

  private init(first: String, fields: [(String, String)]) {
    self.first = first
    self.fields = fields
  }

  /// The value of a field; nil removes it.
  subscript(_ name: String) -> String? {
    get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
    set {
      if let at = fields.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) {
        if let newValue { fields[at].value = newValue } else { fields.remove(at: at) }
      } else if let newValue {
        fields.append((name, newValue))
      }
    }
  }

  private var words: [Substring] { first.split(separator: " ") }

  var method: String { words.first.map(String.init) ?? "" }
  var path: String { words.count > 1 ? String(words[1]) : "" }
  var status: Int { words.count > 1 ? Int(words[1]) ?? 0 : 0 }
  var length: Int? { self["Content-Length"].flatMap { Int($0) } }

  /// The first byte of what a 206 brings, and the size of the whole.
  var contentRange: (start: Int, total: Int)? {
    let numbers = (self["Content-Range"] ?? "").split { !$0.isNumber }.compactMap { Int($0) }
    return numbers.count == 3 ? (numbers[0], numbers[2]) : nil
  }

  var bytes: [UInt8] {
    let lines = [first] + fields.map { "\($0.name): \($0.value)" }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }
}

/// An answer that is remembered, or made up.
struct WeakAnswer: Sendable {
  var head: WeakHead
  var body: [UInt8] = []

  /// As a cache gives it: the part that was asked for, where it is a 200 and the request has a range.
  func fitting(_ request: WeakHead) -> WeakAnswer {
    guard head.status == 200, let range = request["Range"], range.hasPrefix("bytes="),
      let start = Int(range.dropFirst(6).prefix { $0 != "-" }), start < body.count
    else { return self }
    let last = Int(range.split(separator: "-").last ?? "") ?? body.count - 1
    let end = range.hasSuffix("-") ? body.count : min(body.count, max(start, last) + 1)
    var part = self
    part.head.first = "HTTP/1.1 206 Weak"
    part.head["Content-Range"] = "bytes \(start)-\(end - 1)/\(body.count)"
    part.head["Content-Length"] = "\(end - start)"
    part.body = Array(body[start..<end])
    return part
  }

  static var portal: WeakAnswer {
    let page = "<!doctype html><title>Bienvenue</title><p>Votre forfait est \u{e9}puis\u{e9}.\n"
    let fields = [
      ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "\(page.utf8.count)"),
    ]
    return WeakAnswer(head: WeakHead(status: 200, fields), body: Array(page.utf8))
  }

  static var redirect: WeakAnswer {
    let fields = [("Location", "http://portail.invalid/"), ("Content-Length", "0")]
    return WeakAnswer(head: WeakHead(status: 302, fields))
  }
}

/// A gzip member (RFC 1952) whose deflate blocks are stored ones: longer than what is in it.
func storedGzip(_ bytes: [UInt8]) -> [UInt8] {
  var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
  for start in stride(from: 0, to: max(1, bytes.count), by: 65_535) {
    let block = bytes[start..<min(start + 65_535, bytes.count)]
    let size = UInt16(block.count)
    file.append(start + block.count == bytes.count ? 1 : 0)
    for word in [size, ~size] { file += [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
    file += block
  }
  var crc = UInt32.max
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }
  for word in [~crc, UInt32(truncatingIfNeeded: bytes.count)] {
    for shift in [0, 8, 16, 24] as [UInt32] {
      file.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
  return file
}
