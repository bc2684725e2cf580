/// Bytes on their way to the client, and whose they are.
struct WeakPiece {
  var bytes: [UInt8]
  /// The request that they answer, as a place in the log.
  var row: Int?
  var isBody: Bool
  /// Seconds of the line's between two bytes.
  var drip: Double?
}

/// What is said on one connection, read as HTTP/1.1 so far as the faults need it.
///
/// What is not HTTP, and what has no length, passes as it comes. Used by the link's thread only.
final class WeakExchange {
  private enum Body {
    case none
    case passing(left: Int)
    case gathering(left: Int, WeakHead, [UInt8])
    case endless
    /// Without a length, or not HTTP: until the connection ends.
    case opaque
    case silent
  }

  private let shared: WeakShared
  private let connection: Int
  /// The most bytes in a packet to the client, as it has asked.
  private let segment: Int
  private var asked: [UInt8] = []
  private var askedBody = 0
  private var waiting: [(row: Int, head: WeakHead)] = []
  private var answered: [UInt8] = []
  private var body = Body.none
  private var row: Int?
  private var drip: Double?
  private var memory: (key: String, answer: WeakAnswer)?
  /// What is to be sent to the client, in this order.
  var out: [WeakPiece] = []
  /// The connection is to end without another byte.
  private(set) var isLost = false

  init(_ shared: WeakShared, connection: Int, segment: Int) {
    self.shared = shared
    self.connection = connection
    self.segment = segment
  }

  /// Takes bytes that have reached the server's side; those for the server.
  func take(request bytes: [UInt8]) -> [UInt8] {
    if case .opaque = body { return bytes }
    asked += bytes
    var forward: [UInt8] = []
    while !asked.isEmpty {
      if askedBody > 0 {
        let count = min(askedBody, asked.count)
        forward += asked[..<count]
        asked.removeFirst(count)
        askedBody -= count
      } else if let (head, count) = WeakHead.read(asked), head.first.contains(" HTTP/1.") {
        asked.removeFirst(count)
        askedBody = head.length ?? 0
        forward += ask(head)
      } else if asked.count > 32_768 || !(65...90).contains(asked[0]) {
        body = .opaque
        forward += asked
        asked = []
      } else {
        break
      }
    }
    return forward
  }

  /// Notes a request, and what of it the server gets.
  private func ask(_ head: WeakHead) -> [UInt8] {
    let row = shared.add(
      WeakLog.Request(
        connection: connection, method: head.method, path: head.path, range: head["Range"],
        ifNoneMatch: head["If-None-Match"]))
    if shared.strikes(.portal, row) { return say(.portal, row) }
    if shared.strikes(.redirect, row) { return say(.redirect, row) }
    if let old = shared.remembered(head, row) { return say(old.fitting(head), row) }
    var changed = head
    if let range = head["Range"], range.hasPrefix("bytes=") {
      if shared.strikes(.wholeRange, row) {
        changed["Range"] = nil
        changed["If-Range"] = nil
      } else if case .otherRange(let shift)? = shared.strike(row, where: \.isOtherRange),
        let start = Int(range.dropFirst(6).prefix { $0 != "-" }), start > 0
      {
        let rest = range.dropFirst(6).drop { $0 != "-" }
        changed["Range"] = "bytes=\(max(0, start + shift))\(rest)"
      }
    }
    waiting.append((row, head))
    return changed.bytes
  }

  /// Answers in the server's place.
  private func say(_ answer: WeakAnswer, _ row: Int) -> [UInt8] {
    shared.note(row) { request in
      request.status = answer.head.status
      request.length = answer.body.count
      request.start = answer.head.contentRange?.start ?? 0
      request.tag = answer.head["ETag"]
    }
    out.append(WeakPiece(bytes: answer.head.bytes, row: row, isBody: false))
    out.append(WeakPiece(bytes: answer.body, row: row, isBody: true))
    return []
  }

  /// Takes bytes from the server and puts what becomes of them into `out`.
  func take(answer bytes: [UInt8]) {
    answered += bytes
    while !answered.isEmpty, !isLost {
      switch body {
      case .none:
        guard let (head, count) = WeakHead.read(answered) else { return }
        answered.removeFirst(count)
        if (100..<200).contains(head.status) {
          emit(head.bytes, isBody: false)
        } else {
          begin(head)
        }
      case .passing(let left):
        let part = Array(answered.prefix(left))
        answered.removeFirst(part.count)
        emit(part, isBody: true)
        memory?.answer.body += part
        body = left > part.count ? .passing(left: left - part.count) : .none
        if left == part.count { remember() }
      case .gathering(let left, let head, var gathered):
        let part = answered.prefix(left)
        answered.removeFirst(part.count)
        gathered += part
        body = .gathering(left: left - part.count, head, gathered)
        if left == part.count { finish(head, gathered) }
      case .opaque:
        emit(answered, isBody: row != nil)
        answered = []
      case .silent, .endless: answered = []
      }
    }
  }

  /// Decides what becomes of an answer, from its head.
  private func begin(_ original: WeakHead) {
    guard !waiting.isEmpty else {
      body = .opaque
      return emit(original.bytes, isBody: false)
    }
    let (row, request) = waiting.removeFirst()
    var head = original
    self.row = row
    let isBare = request.method == "HEAD" || [204, 304].contains(head.status)
    let length = isBare ? 0 : head.length
    shared.note(row) { note in
      note.status = head.status
      note.tag = head["ETag"]
      note.start = head.contentRange?.start ?? 0
      note.length = length
    }
    if shared.strikes(.lose, row) {
      isLost = true
      return
    }
    drip = nil
    if case .drip(let seconds)? = shared.strike(row, where: \.isDrip) { drip = seconds }
    if head["ETag"] != nil, shared.strikes(.stripTag, row) { head["ETag"] = nil }
    if let tag = head["ETag"], shared.strikes(.weakenTag, row) { head["ETag"] = "W/\(tag)" }
    guard let length else {
      body = .opaque
      return emit(head.bytes, isBody: false)
    }
    let size = head.bytes.count + length
    if shared.strike(row, where: { $0.swallows(min(size, segment)) }) != nil {
      body = .silent
      return
    }
    begin(head, length, request)
  }

  private func begin(_ original: WeakHead, _ length: Int, _ request: WeakHead) {
    var head = original
    let row = row ?? 0
    if length > 0, shared.strikes(.endless, row) {
      head["Content-Length"] = nil
      head["Connection"] = "close"
      body = .endless
    } else if length > 0, shared.strikes(.terabyte, row) {
      head["Content-Length"] = "1000000000000"
      body = .endless
    } else if length > 0, length < 1 << 24, shared.strikes(.gzip, row) {
      body = .gathering(left: length, head, [])
      return
    } else {
      memory = shared.key(request, status: head.status).map { ($0, WeakAnswer(head: head)) }
      body = length > 0 ? .passing(left: length) : .none
    }
    emit(head.bytes, isBody: false)
    if length == 0 { remember() }
  }

  private func finish(_ original: WeakHead, _ bytes: [UInt8]) {
    var head = original
    let packed = storedGzip(bytes)
    head["Content-Encoding"] = "gzip"
    head["Content-Length"] = "\(packed.count)"
    emit(head.bytes, isBody: false)
    emit(packed, isBody: true)
    body = .none
  }

  private func remember() {
    if let memory { shared.remember(memory.key, memory.answer) }
    memory = nil
  }

  private func emit(_ bytes: [UInt8], isBody: Bool) {
    out.append(WeakPiece(bytes: bytes, row: row, isBody: isBody, drip: drip))
  }

  /// More of a body that never ends, when there is room for it.
  func refill() {
    if case .endless = body { emit([UInt8](repeating: 0x46, count: 4_096), isBody: true) }
  }

  /// The server has closed: whether the client is to learn it.
  var endsWithServer: Bool {
    switch body {
    case .silent, .endless: false
    default: true
    }
  }
}

extension WeakFault {
  fileprivate var isOtherRange: Bool { if case .otherRange = self { true } else { false } }

  fileprivate var isDrip: Bool { if case .drip = self { true } else { false } }

  fileprivate func swallows(_ size: Int) -> Bool {
    if case .blackHole(let limit) = self { size > limit } else { false }
  }
}
