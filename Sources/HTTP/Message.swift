/// The method of a request.
public enum Method: Sendable, Equatable, CustomStringConvertible {
  case get
  case head
  case post
  case other(String)

  public init(_ name: String) {
    switch name {
    case "GET": self = .get
    case "HEAD": self = .head
    case "POST": self = .post
    default: self = .other(name)
    }
  }

  public var description: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .other(let name): name
    }
  }
}

/// A request as it came, head and body; everything in it was chosen by a stranger.
public struct Request: Sendable {
  public var method: Method
  /// Begins with `/`, still percent-encoded, without the query.
  public var path: String
  /// What follows the first `?`, still percent-encoded.
  public var query: String?
  public var headers: Headers
  public var body: [UInt8]
  /// The address of the other end of the connection, which may be a proxy, without its port.
  public var peer: String

  public init(
    method: Method = .get, path: String, query: String? = nil, headers: Headers = [:],
    body: [UInt8] = [], peer: String = ""
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }
}

/// An answer; the server adds `Date`, `Content-Length` and `Connection`.
public struct Response: Sendable {
  public enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// Sent by the kernel from the page cache.
    case file(FileBody)

    /// Bytes.
    public var size: Int {
      switch self {
      case .none: 0
      case .bytes(let bytes): bytes.count
      case .file(let file): file.size
      }
    }
  }

  public var status: Int
  public var headers: Headers
  public var body: Body

  public init(status: Int, headers: Headers = [:], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A short answer in plain text, for people.
  public static func text(_ status: Int, _ text: String) -> Response {
    Response(
      status: status, headers: ["Content-Type": "text/plain; charset=utf-8"],
      body: .bytes([UInt8](text.utf8)))
  }
}
