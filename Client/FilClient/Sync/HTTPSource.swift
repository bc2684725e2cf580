internal import FilProtocol
public import HTTP

/// A newsroom, a relay or a mirror over HTTP.
public final class HTTPSource: Source {
  public let name: String
  private let client: Client
  private let base: String
  private let stall: Double

  /// `url`: the newsroom's address, such as `https://fil.askia24.net`; a path is kept.
  ///
  /// `stall`: seconds without a single byte after which a connection is given up.
  public init(_ url: String, client: Client = Client(), stall: Double = 20) {
    var base = url
    while base.hasSuffix("/") { base.removeLast() }
    self.base = base
    name = base
    self.client = client
    self.stall = stall
  }

  public func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    var ask = ClientRequest(base + request.path)
    ask.stall = stall
    if let tag = request.ifNoneMatch { ask.headers["If-None-Match"] = tag }
    if request.start > 0 || request.end != nil {
      ask.headers["Range"] = "bytes=\(request.start)-\(request.end.map(String.init) ?? "")"
      if request.start > 0, let tag = request.ifRange { ask.headers["If-Range"] = tag }
    }
    do {
      let outcome = try client.send(
        ask, cancellation: cancellation.transport, onHead: { onHead(SourceHead($0)) },
        onBytes: onBytes)
      return Traffic(received: outcome.bytesReceived, sent: outcome.bytesSent)
    } catch {
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
    default: self.init(.offline, error.description, traffic: traffic)
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
    retryAfter = head.headers["Retry-After"].flatMap(Int.init)
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
