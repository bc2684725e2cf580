internal import CCurl

/// Why a request has no complete answer, and what it has cost all the same.
///
/// Two errors are equal when their kinds are.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// No route, or the host does not answer.
    case unreachable
    /// The host's name has no address, or no name server answers.
    case unresolved
    /// Nobody listens on the port.
    case refused
    /// There was no connection within `connectTimeout`, or no end within `deadline`.
    case timedOut
    /// Nothing moved for `stall` seconds.
    case stalled
    /// The connection broke before the end of the response.
    case interrupted
    /// ``Cancellation/cancel()`` was called.
    case cancelled
    /// A closure of the caller answered false.
    case stopped
    /// The server points elsewhere: to another host, or round and round.
    case redirected
    /// The server's certificate or its TLS is not acceptable.
    case tls
    /// The URL or a field cannot be sent.
    case invalidURL
    /// The head is longer than `maxHeaderBytes`.
    case tooLarge
  }

  public let kind: Kind
  /// For people; never has a password.
  public let detail: String
  /// Bytes that crossed the socket until then.
  public let bytesReceived: Int
  public let bytesSent: Int

  public init(_ kind: Kind, _ detail: String = "", bytesReceived: Int = 0, bytesSent: Int = 0) {
    self.kind = kind
    self.detail = detail
    self.bytesReceived = bytesReceived
    self.bytesSent = bytesSent
  }

  public static func == (one: TransportError, other: TransportError) -> Bool {
    one.kind == other.kind
  }

  public var description: String { detail.isEmpty ? kind.rawValue : "\(kind): \(detail)" }
}

extension TransportError.Kind {
  /// The kind of a failure of libcurl's, with the `errno` of its socket.
  init(_ code: CURLcode, errno: Int) {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .unresolved
    case CURLE_COULDNT_CONNECT: self = errno == 111 ? .refused : .unreachable
    case CURLE_OPERATION_TIMEDOUT: self = .timedOut
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: self = .invalidURL
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_INVALIDCERTSTATUS:
      self = .tls
    default: self = .interrupted
    }
  }
}
