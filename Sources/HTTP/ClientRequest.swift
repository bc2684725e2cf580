/// What a client asks for; times are in seconds.
public struct ClientRequest: Sendable {
  public var url: String
  /// GET, HEAD or POST.
  public var method: Method
  /// Sent as they are, after `Host`; nothing else is sent but what HTTP/2 needs.
  public var headers: Headers
  /// Sent with POST.
  public var body: [UInt8] = []
  /// How long nothing at all may move on a connection that is made.
  public var stall = 20.0
  /// How long finding the name, connecting and TLS may take together.
  public var connectTimeout = 20.0
  /// Added to `stall` until the first byte of the answer: how long the server may hold it back.
  public var wait = 0.0
  /// How long all of it may take, however much moves.
  public var deadline = Double.infinity
  /// Bytes of a TCP segment that a connection made for this request asks the server not to exceed: it
  /// gets past a path that drops large packets without a word; nil: as the kernel likes.
  public var segment: Int?
  /// Whether the answer may come compressed with gzip; its bytes are handed over as they were before.
  public var acceptsGzip = false
  /// Bytes of all heads together.
  public var maxHeaderBytes = 16 * 1024

  public init(_ url: String, method: Method = .get, headers: Headers = [:]) {
    self.url = url
    self.method = method
    self.headers = headers
  }
}

/// The head of an answer.
public struct ResponseHead: Sendable, Equatable {
  public let status: Int
  public let headers: Headers

  public init(status: Int, headers: Headers) {
    self.status = status
    self.headers = headers
  }
}

/// An answer that has come to its end.
public struct Outcome: Sendable {
  public let status: Int
  public let headers: Headers
  /// Bytes that crossed the socket, heads and TLS included, retransmissions aside.
  public let bytesReceived: Int
  public let bytesSent: Int
  /// Whether a connection was made for it; false when one of an earlier call served again.
  public let connected: Bool
  /// Seconds that the last connection took to be made, which is one round trip; nil where none was.
  public let roundTrip: Double?
  /// From the call to its end.
  public let seconds: Double
}
