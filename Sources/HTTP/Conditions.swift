extension Response {
  /// This answer, or the shorter one that the request's conditions ask for (RFC 9110 §13, §14).
  ///
  /// `If-None-Match` gives 304, a single `Range` (under a matching `If-Range`, if any) gives 206 or
  /// 416; several ranges, other units and what cannot be read are ignored. Only a 200 to a GET or a
  /// HEAD is looked at, and ranges only for GET.
  public func conditioned(by request: Request) -> Response {
    guard status == 200, request.method == .get || request.method == .head else { return self }
    if let tags = request.headers.list("If-None-Match"),
      EntityTag.list(tags, matches: headers["ETag"])
    {
      return notModified()
    }
    guard request.method == .get, let range = request.headers["Range"] else { return self }
    if let condition = request.headers["If-Range"] {
      guard let mine = headers["ETag"], EntityTag.strongly(condition, mine) else { return self }
    }
    switch ByteRange(range, size: body.size) {
    case .ignored: return self
    case .unsatisfiable: return unsatisfiable()
    case .part(let part): return partial(part, isContinued: request.headers["If-Range"] != nil)
    }
  }

  private func notModified() -> Response {
    let kept = ["ETag", "Cache-Control", "Content-Location", "Vary", "Date", "Expires"]
    var answer = Response(status: 304)
    for field in headers.fields
    where kept.contains(where: { Headers.same($0, field.name) }) || field.isOurs {
      answer.headers.add(field.name, field.value)
    }
    return answer
  }

  private func unsatisfiable() -> Response {
    var answer = Response(status: 416, headers: ["Content-Range": "bytes */\(body.size)"])
    for field in headers.fields where field.isOurs { answer.headers.add(field.name, field.value) }
    return answer
  }

  /// A client that goes on under `If-Range` has the type from before (RFC 9110 §15.3.7).
  private func partial(_ part: Range<Int>, isContinued: Bool) -> Response {
    var answer = self
    answer.status = 206
    if isContinued { answer.headers["Content-Type"] = nil }
    answer.headers["Content-Range"] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(body.size)"
    switch body {
    case .none: break
    case .bytes(let bytes): answer.body = .bytes([UInt8](bytes[part]))
    case .file(let file): answer.body = .file(file.slice(part))
    }
    return answer
  }
}

extension Headers.Field {
  fileprivate var isOurs: Bool { Headers.same(String(name.prefix(4)), "Fil-") }
}

/// Entity tags, as text with their quotes (RFC 9110 §8.8.3).
enum EntityTag {
  /// Both are the same strong tag.
  static func strongly(_ one: String, _ other: String) -> Bool {
    one == other && one.utf8.first == UInt8(ascii: "\"")
  }

  /// Whether `list` is `*` or has a tag that is `tag` up to weakness.
  ///
  /// A tag may contain commas; what follows something that is no tag is not read.
  static func list(_ list: String, matches tag: String?) -> Bool {
    var rest = Substring(list).drop { $0 == " " || $0 == "\t" }
    if rest.prefix(while: { $0 != " " && $0 != "\t" }) == "*" { return true }
    guard let tag else { return false }
    while true {
      rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "," }
      if rest.hasPrefix("W/") { rest = rest.dropFirst(2) }
      guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else {
        return false
      }
      if rest[...end] == opaque(tag) { return true }
      rest = rest[rest.index(after: end)...]
    }
  }

  private static func opaque(_ tag: String) -> Substring {
    tag.hasPrefix("W/") ? tag.dropFirst(2) : Substring(tag)
  }
}

/// What a `Range` field asks for of a body of some size.
enum ByteRange: Equatable {
  case ignored
  case unsatisfiable
  case part(Range<Int>)

  init(_ field: String, size: Int) {
    self = .ignored
    let halves = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2, Headers.same(String(halves[0]), "bytes") else { return }
    let ends = halves[1].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2 else { return }
    if ends[0].isEmpty {
      guard let length = ByteRange.number(ends[1]) else { return }
      self = length == 0 || size == 0 ? .unsatisfiable : .part(size - min(length, size)..<size)
      return
    }
    guard let first = ByteRange.number(ends[0]) else { return }
    var last = Int.max - 1
    if !ends[1].isEmpty {
      guard let number = ByteRange.number(ends[1]), number >= first else { return }
      last = min(number, last)
    }
    self = first >= size ? .unsatisfiable : .part(first..<min(last + 1, size))
  }

  /// Digits only; a number too large for an Int is the largest.
  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return Int(text) ?? Int.max
  }
}
