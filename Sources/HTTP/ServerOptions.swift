internal import Glibc

/// Why a server, or a file it should send, could not be opened.
public enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The text is not `a.b.c.d:port` or `[v6]:port`.
  case address(String)
  /// Another program has the port, or it may not be used.
  case listen(String, errno: Int32)
  case file(String, errno: Int32)
  /// libmicrohttpd gave no daemon: too many descriptors or threads are open.
  case start

  public var description: String {
    switch self {
    case .address(let text): "\(text) is no address: write 127.0.0.1:8024 or [::1]:8024"
    case .listen(let text, let code): "cannot listen on \(text): \(String(cString: strerror(code)))"
    case .file(let path, let code): "cannot open \(path): \(String(cString: strerror(code)))"
    case .start: "cannot start the HTTP server: out of descriptors or threads"
    }
  }
}

/// What bounds a server; times are in seconds, sizes in bytes.
public struct ServerOptions: Sendable {
  /// `127.0.0.1:8024`, `[::1]:0` …; port 0 takes a free one.
  public var address: String
  public var threads = 1
  /// Connections at once; further ones wait in the kernel's queue.
  public var connectionLimit = 10_000
  /// Connections at once from one address; nil for no limit.
  public var perAddressLimit: Int?
  /// A connection on which nothing moves for this long is closed.
  public var idleTimeout = 60
  /// About what a request's head may take, with a few hundred bytes of the server's own.
  public var headLimit = 16 * 1024
  /// A longer body is answered with 413.
  public var bodyLimit = 64 * 1024
  /// How long a request may take to arrive, however it drips.
  public var requestTime = 30.0
  /// A response of n bytes must be taken in `requestTime` + n / `minimumRate` seconds.
  public var minimumRate = 100.0
  /// How long ``Server/stop()`` lets running responses end.
  public var drainTime = 2.0
  /// Called with every answer when it begins to be sent, on the server's threads: it must not block.
  public var observe: (@Sendable (Served) -> Void)?

  public init(address: String) { self.address = address }
}

/// An answer that begins to be sent, for those who count; nothing in it tells who asked.
public struct Served: Sendable {
  /// As it was asked for; a stranger chose it: it must not become a label or a line of a log.
  public let path: Substring
  public let status: Int
  /// Of the body that follows: 0 for HEAD.
  public let bytes: Int
  /// Since the head of the request began to be read.
  public let seconds: Double

  init(_ exchange: Exchange, _ method: String, _ response: Response) {
    path = exchange.target.prefix { $0 != "?" }
    status = response.status
    bytes = method == "HEAD" ? 0 : response.body.size
    seconds = monotonicSeconds() - exchange.begun
  }
}
