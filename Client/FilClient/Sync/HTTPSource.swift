internal import FilProtocol
public import HTTP
internal import Synchronization

/// A newsroom, a relay or a mirror over HTTP.
///
/// Where a connection is made and then not a byte of an answer comes, the next one asks for small
/// packets: some paths lose large ones and say nothing.
public final class HTTPSource: Source {
  public let name: String
  /// As it was given.
  let address: String
  private let client: Client
  private let base: String
  private let stall: Double
  /// Whether the next connection asks for small packets.
  private let isNarrow = Mutex(false)
  /// Whether a request was answered: the next one is likely to find its connection, or its TLS session.
  private let wasAnswered = Mutex(false)
  /// Seconds that the last connection took to be made.
  private let roundTrip = Mutex(0.0)

  /// Bytes of a segment that every path of the internet passes (RFC 879).
  static let narrowSegment = 536
  /// Bytes that the kernel may take in ahead of us: enough for EDGE, and little to lose at a cut.
  static let receiveBuffer = 32_768

  /// `url`: the newsroom's address, such as `https://fil.askia24.net`; a path is kept.
  ///
  /// `stall`: seconds without a single byte after which a connection is given up; longer where eight
  /// round trips take longer.
  public init(_ url: String, client: Client? = nil, stall: Double = 20) {
    address = url
    var base = url
    while base.hasSuffix("/") { base.removeLast() }
    self.base = base
    name = base
    self.client = client ?? Client(ClientOptions(receiveBuffer: HTTPSource.receiveBuffer))
    self.stall = stall
  }

  /// The first TLS handshake brings the certificates of the other side: 1.4 KB with a short chain, up to 4
  /// with a long one.
  public var overhead: Int {
    base.hasPrefix("https://") && !wasAnswered.withLock { $0 } ? 4_500 : 700
  }

  public func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    let query = request.wait.map { "?wait=\($0)" } ?? ""
    var ask = ClientRequest(base + request.path + query, method: request.headOnly ? .head : .get)
    // A line so slow that an answer takes longer is slow, and not gone [REP-9].
    ask.stall = max(stall, 8 * roundTrip.withLock { $0 })
    ask.segment = isNarrow.withLock { $0 } ? HTTPSource.narrowSegment : nil
    // The clock of the stall starts when the time to wait is up.
    ask.wait = Double(request.wait ?? 0)
    if let tag = request.ifNoneMatch { ask.headers["If-None-Match"] = tag }
    if request.start > 0 || request.end != nil {
      ask.headers["Range"] = "bytes=\(request.start)-\(request.end.map(String.init) ?? "")"
      if request.start > 0, let tag = request.ifRange { ask.headers["If-Range"] = tag }
    }
    var isAnswered = false
    do {
      let outcome = try client.send(
        ask, cancellation: cancellation.transport,
        onHead: { head in
          isAnswered = true
          wasAnswered.withLock { $0 = true }
          return onHead(SourceHead(head))
        }, onBytes: onBytes)
      if let seconds = outcome.roundTrip { roundTrip.withLock { $0 = seconds } }
      return Traffic(received: outcome.bytesReceived, sent: outcome.bytesSent)
    } catch {
      if error.kind == .stalled, !isAnswered { isNarrow.withLock { $0.toggle() } }
      throw SourceError(error)
    }
  }
}

extension SourceError {
  init(_ error: TransportError) {
    let traffic = Traffic(received: error.bytesReceived, sent: error.bytesSent)
    switch error.kind {
    case .cancelled: self.init(.cancelled, traffic: traffic)
    case .stopped: self.init(.stopped, traffic: traffic)
    case .redirected: self.init(.portal, "redirected: \(error.detail)", traffic: traffic)
    default:
      self.init(.offline, error.description, cause: Cause(error.kind), traffic: traffic)
    }
  }
}

extension SourceError.Cause {
  init(_ kind: TransportError.Kind) {
    switch kind {
    case .unresolved: self = .name
    case .unreachable, .timedOut: self = .unreachable
    case .refused: self = .refused
    case .tls: self = .tls
    case .stalled: self = .silent
    case .interrupted, .cancelled, .stopped, .redirected, .invalidURL, .tooLarge: self = .other
    }
  }
}

extension SourceHead {
  init(_ head: ResponseHead) {
    self.init(status: head.status)
    type = head.headers["Content-Type"]
    encoding = head.headers["Content-Encoding"]
    tag = head.headers["ETag"].map { $0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0 }
    location = head.headers["Content-Location"]
    length = head.headers["Content-Length"].flatMap(Int.init)
    time = head.headers["Fil-Time"]
    date = head.headers["Date"].flatMap(HTTPDate.seconds)
    // Seconds, or a date (RFC 9110 §10.2.3): then by the clock of the one who says it.
    let pause = head.headers["Retry-After"]
    retryAfter = pause.flatMap(Int.init)
    if retryAfter == nil, let until = pause.flatMap(HTTPDate.seconds), let date {
      retryAfter = max(0, until - date)
    }
    // bytes <first>-<last>/<size>
    if let field = head.headers["Content-Range"], field.hasPrefix("bytes ") {
      let parts = field.dropFirst(6).split(separator: "/")
      if parts.count == 2, let total = Int(parts[1]) {
        let ends = parts[0].split(separator: "-")
        if ends.count == 2, let start = Int(ends[0]) { range = (start, total) }
        if parts[0] == "*" { range = (0, total) }
      }
    }
  }
}
