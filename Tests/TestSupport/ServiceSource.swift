public import FilClient
import FilProtocol
public import FilSource
import Files
public import HTTP
import Synchronization

/// A newsroom's service as a source, without a socket: it cuts, damages and remembers.
public final class ServiceSource<A: Archive>: Source {
  /// One request and what came of it.
  public struct Row: Sendable {
    public var path: String
    public var start: Int
    public var status: Int
    /// How many bytes of the body were delivered.
    public var delivered: Int
    /// The bytes of the body that were held back, or that the server sent again.
    public var conditional: Bool
  }

  /// What a line does to one answer.
  public struct Fault: Sendable {
    /// Deliver so many bytes of the body, then hang up; nil: all.
    public var cut: Int?
    /// What becomes of each byte: its place in the object, and its value.
    public var change: (@Sendable (Int, UInt8) -> UInt8)?
    /// What becomes of the head.
    public var head: (@Sendable (inout SourceHead) -> Void)?
    /// No answer at all.
    public var dead = false

    public init(cut: Int? = nil) { self.cut = cut }
  }

  public let name: String
  private let respond: @Sendable (Request) -> Response
  private let faults: @Sendable (Int, SourceRequest) -> Fault
  private let log = Mutex<[Row]>([])

  /// - Parameter faults: for each request, counted from 0.
  public init(
    _ archive: A, cache: String,
    faults: @escaping @Sendable (Int, SourceRequest) -> Fault = { _, _ in Fault() }
  ) throws {
    let service = Service(archive, cache: try RenderCache(folder: cache, bound: 1 << 30))
    name = "essai"
    respond = { service.respond(to: $0) }
    self.faults = faults
  }

  /// - Parameter respond: what answers, such as a relay.
  public init(
    answering respond: @escaping @Sendable (Request) -> Response, name: String = "relais",
    faults: @escaping @Sendable (Int, SourceRequest) -> Fault = { _, _ in Fault() }
  ) {
    self.name = name
    self.respond = respond
    self.faults = faults
  }

  public var rows: [Row] { log.withLock { $0 } }

  public func fetch(
    _ request: SourceRequest, cancellation: FilClient.Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    let fault = faults(log.withLock { $0.count }, request)
    var ask = Request(method: .get, path: request.path)
    if let tag = request.ifNoneMatch { ask.headers["If-None-Match"] = tag }
    if request.start > 0 || request.end != nil {
      ask.headers["Range"] = "bytes=\(request.start)-\(request.end.map { "\($0)" } ?? "")"
      if let tag = request.ifRange { ask.headers["If-Range"] = tag }
    }
    let response = respond(ask)
    var row = Row(
      path: request.path, start: request.start, status: response.status, delivered: 0,
      conditional: request.ifNoneMatch != nil)
    defer { log.withLock { $0.append(row) } }
    guard !fault.dead else { throw SourceError(.offline, "dead") }
    var head = SourceHead(response)
    fault.head?(&head)
    guard onHead(head), head.status < 300 else { return Traffic(received: 200, sent: 100) }
    let body = Self.bytes(response)
    let start = head.range?.start ?? 0
    var sent = 0
    for chunk in stride(from: 0, to: body.count, by: 1_400) {
      var piece = Array(body[chunk..<min(chunk + 1_400, body.count)])
      if let cut = fault.cut { piece = Array(piece.prefix(max(0, cut - sent))) }
      if let change = fault.change {
        for i in piece.indices { piece[i] = change(start + chunk + i, piece[i]) }
      }
      sent += piece.count
      row.delivered = sent
      guard piece.withUnsafeBytes({ $0.isEmpty || onBytes($0) }) else {
        throw SourceError(.stopped, traffic: Traffic(received: sent + 200, sent: 100))
      }
      if let cut = fault.cut, sent >= cut {
        throw SourceError(.offline, "cut", traffic: Traffic(received: sent + 200, sent: 100))
      }
    }
    return Traffic(received: sent + 200, sent: 100)
  }

  private static func bytes(_ response: Response) -> [UInt8] {
    switch response.body {
    case .none: []
    case .bytes(let bytes): bytes
    case .file(let file):
      Array(
        (try? Files.read(file.path, atMost: 1 << 30))?[file.offset..<file.offset + file.size] ?? [])
    }
  }
}

extension SourceHead {
  init(_ response: Response) {
    self.init(
      ResponseHead(status: response.status, headers: response.headers), size: response.body.size)
  }

  private init(_ head: ResponseHead, size: Int) {
    self.init(status: head.status)
    type = head.headers["Content-Type"]
    tag = head.headers["ETag"]
    location = head.headers["Content-Location"]
    length = size
    time = head.headers["Fil-Time"]
    if let field = head.headers["Content-Range"] {
      let numbers = field.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
      if numbers.count == 3 { range = (numbers[0], numbers[2]) }
    }
  }
}
