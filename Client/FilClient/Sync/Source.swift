/// Where a replica syncs from: it is asked for paths of the protocol and hands over bytes.
///
/// A source is not trusted: it can withhold, delay and answer anything.
public protocol Source: Sendable {
  /// For people and logs; no secrets.
  var name: String { get }

  /// Whether it is on this machine, such as a file: what it gives costs nothing, and needs no spool.
  var isLocal: Bool { get }

  /// Bytes that the next request costs beside those of its answer, its connection included: what a
  /// budget keeps aside.
  var overhead: Int { get }

  /// Asks, and blocks until the answer has come or the connection is gone.
  ///
  /// `onHead`: is called once, before any byte; false: the rest is not wanted.
  ///
  /// `onBytes`: takes the next bytes; false: no more are wanted.
  ///
  /// - Throws: ``SourceError``, with the bytes that were spent; what `onBytes` got stays good.
  func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic
}

extension Source {
  public var isLocal: Bool { false }
  /// A request, the head of its answer, and some air.
  public var overhead: Int { 700 }
}

/// What a source is asked for.
public struct SourceRequest: Sendable {
  public var path: String
  /// The entity tag of what is held already, quotes included: 304 when it is still that.
  public var ifNoneMatch: String?
  /// The first byte wanted.
  public var start = 0
  /// The last byte wanted, if not all.
  public var end: Int?
  /// The tag under which `start` makes sense.
  public var ifRange: String?
  /// How many seconds the answer may be held back until there is news; nil: none.
  public var wait: Int?
  /// Only the head of the answer is wanted.
  public var headOnly = false

  public init(path: String) { self.path = path }
}

/// The head of an answer, as far as a sync looks at it.
public struct SourceHead: Sendable {
  public var status: Int
  public var type: String?
  public var encoding: String?
  /// Strong, quotes included; a weakened one is made strong again: bytes are verified anyway.
  public var tag: String?
  /// The object's own path.
  public var location: String?
  /// Of a 206: the first byte that comes, and the size of the whole.
  public var range: (start: Int, total: Int)?
  /// Of a 200: the size of the whole.
  public var length: Int?
  /// The value of `Fil-Time`.
  public var time: String?
  public var retryAfter: Int?
  /// When the source says that it answered, in seconds since 1970-01-01T00:00Z; nobody has signed it.
  public var date: Int?

  public init(status: Int) { self.status = status }
}

/// What a request cost, as it crossed the socket.
public struct Traffic: Sendable {
  public var received = 0
  public var sent = 0

  public init(received: Int = 0, sent: Int = 0) {
    self.received = received
    self.sent = sent
  }
}

/// A request that came to no good end.
public struct SourceError: Error, Sendable {
  public enum Kind: Sendable {
    /// No connection, or it went away.
    case offline
    /// The answer is somebody else's: a captive portal, a proxy's page.
    case portal
    case cancelled
    /// A closure asked to stop.
    case stopped
  }

  /// What on the way is to blame.
  public enum Cause: String, Sendable {
    /// The host's name has no address, or nobody says.
    case name
    /// The host does not answer.
    case unreachable
    /// Nobody listens there.
    case refused
    /// The certificate, or TLS itself, is not acceptable.
    case tls
    /// There was a connection, and then nothing came.
    case silent
    case other
  }

  public var kind: Kind
  public var cause: Cause
  public var detail: String
  public var traffic: Traffic

  public init(
    _ kind: Kind, _ detail: String = "", cause: Cause = .other, traffic: Traffic = Traffic()
  ) {
    self.kind = kind
    self.cause = cause
    self.detail = detail
    self.traffic = traffic
  }
}
