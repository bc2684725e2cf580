public import HTTP
internal import Synchronization

/// An answer of a site, whatever its status.
public struct SiteAnswer: Sendable {
  public var status: Int
  public var headers: Headers
  public var body: [UInt8]

  public init(status: Int, headers: Headers = [:], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// What an import asks a site with; tests have one without sockets.
public protocol SiteFetcher: Sendable {
  /// The answer, once it is all there.
  func get(_ url: String) throws(ImportError) -> SiteAnswer
  /// Whether somebody waits for the import to end.
  var isCancelled: Bool { get }
}

extension SiteFetcher {
  public var isCancelled: Bool { false }
}

/// Asks over HTTP, with gzip, and at most ``answerBytes`` of an answer.
///
/// Trust: the site, or who stands between where it is plain HTTP, decides what is imported.
public struct WebFetcher: SiteFetcher {
  /// Bytes of an answer, decompressed.
  public static let answerBytes = 64 << 20
  /// Seconds that one answer may take in all.
  private static let patience = 300.0

  private let client = Client()
  private let authorization: String?
  private let cancellation: Cancellation

  /// `authorization` is the value of that field, and goes to every address that is asked.
  public init(authorization: String? = nil, cancellation: Cancellation = Cancellation()) {
    self.authorization = authorization
    self.cancellation = cancellation
  }

  public var isCancelled: Bool { cancellation.isCancelled }

  public func get(_ url: String) throws(ImportError) -> SiteAnswer {
    var request = ClientRequest(url)
    request.headers = ["User-Agent": "fil-server", "Accept": "application/json, */*;q=0.5"]
    if let authorization { request.headers["Authorization"] = authorization }
    request.acceptsGzip = true
    request.wait = 40
    request.deadline = WebFetcher.patience
    var body: [UInt8] = []
    let outcome: HTTP.Outcome
    do throws(TransportError) {
      outcome = try client.send(request, cancellation: cancellation) { part in
        body += part
        return body.count <= WebFetcher.answerBytes
      }
    } catch {
      let place = WebFetcher.place(url)
      switch error.kind {
      case .cancelled: throw .cancelled
      case .redirected:
        throw .strange(
          place: place, why: "it points elsewhere (\(error.detail)); give the address it points to")
      case .stopped:
        throw .strange(
          place: place, why: "an answer has more than \(WebFetcher.answerBytes) bytes")
      case .invalidURL: throw .strange(place: place, why: "this is no URL; write https://…")
      // The same at the next try: a person has to mend it.
      case .tls, .tooLarge: throw .strange(place: place, why: error.description)
      default: throw .silent(place: place, why: error.description, retryAfter: nil)
      }
    }
    return SiteAnswer(status: outcome.status, headers: outcome.headers, body: body)
  }

  /// The address for people: without its query, which may be a secret, and without a login.
  static func place(_ url: String) -> String {
    let place = url.prefix { $0 != "?" && $0 != "#" }
    guard let start = place.firstRange(of: "://")?.upperBound,
      let at = place[start...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
    else { return String(place) }
    return String(place[..<start] + place[place.index(after: at)...])
  }
}

/// Asks again where a site is busy, and counts what it was asked.
final class PatientFetcher: Sendable {
  /// How often one thing is asked for.
  private static let attempts = 3
  /// Bytes of all answers of a look, which are held until they are in the feed.
  private static let bytesLimit = 2 << 30
  /// Seconds that are waited when the site names a time; a longer one ends the run.
  private static let patience = 60

  private let fetcher: any SiteFetcher
  private let surroundings: Surroundings
  private let spent = Mutex((requests: 0, bytes: 0))

  init(_ fetcher: any SiteFetcher, _ surroundings: Surroundings) {
    self.fetcher = fetcher
    self.surroundings = surroundings
  }

  var requests: Int { spent.withLock { $0.requests } }
  /// Bytes of the answers, decompressed.
  var bytes: Int { spent.withLock { $0.bytes } }

  /// The answer; one that says "not now" only after all attempts, as an error.
  func get(_ url: String) throws(ImportError) -> SiteAnswer {
    var failure = ImportError.cancelled
    for attempt in 0..<PatientFetcher.attempts {
      spent.withLock { $0.requests += 1 }
      var wait = 2 << attempt
      do throws(ImportError) {
        let answer = try fetcher.get(url)
        let bytes = spent.withLock { spent in
          spent.bytes += answer.body.count
          return spent.bytes
        }
        guard bytes <= PatientFetcher.bytesLimit else {
          throw .strange(
            place: WebFetcher.place(url),
            why: "it has more than \(PatientFetcher.bytesLimit) bytes to read; begin with an export"
          )
        }
        guard answer.status == 429 || answer.status >= 500 else { return answer }
        let named = answer.headers["Retry-After"].flatMap(seconds)
        failure = .silent(
          place: WebFetcher.place(url), why: "it answers with status \(answer.status)",
          retryAfter: named)
        if let named { wait = named }
      } catch {
        guard case .silent = error else { throw error }
        failure = error
      }
      if attempt + 1 == PatientFetcher.attempts || wait > PatientFetcher.patience { break }
      try pause(seconds: wait)
    }
    throw failure
  }

  /// Seconds from now that a field `Retry-After` names, itself or as a date; a day at most.
  private func seconds(_ field: String) -> Int? {
    let named = Int(field) ?? HTTPDate.seconds(field).map { $0 - surroundings.now() }
    return named.map { min(max(1, $0), 86_400) }
  }

  private func pause(seconds: Int) throws(ImportError) {
    for _ in 0..<seconds * 4 {
      if fetcher.isCancelled { throw .cancelled }
      surroundings.pause(250)
    }
  }
}
