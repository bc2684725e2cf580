import FilClient
import FilProtocol
import FilSource
import Files
import HTTP
import TestSupport
import Testing

/// A newsroom behind a bad line, and a replica that has fallen behind it.
final class WeakField {
  let feed: MemoryFeed
  let folder: String
  private let server: Server
  private let base: String
  private var copies = 0

  /// - Parameters:
  ///   - gap: how many articles the replica lacks; two more were corrected and one retracted.
  init(articles: Int = 40, gap: Int = 10, sentences: Int = 4) throws {
    let feed = try MemoryFeed.sample(articles, sentences: sentences)
    self.feed = feed
    folder = try makeTemporaryFolder()
    let cache = try RenderCache(folder: folder + "/cache", bound: 1 << 30)
    let service = Service(feed, cache: cache)
    server = try Server(ServerOptions(address: "127.0.0.1:0")) { .ready(service.respond(to: $0)) }
    base = folder + "/base.db"
    try Replica(path: base, key: feed.key.verifier).sync(
      from: HTTPSource("http://127.0.0.1:\(server.port)"))
    try grow(gap, seed: 5, sentences: sentences)
  }

  deinit {
    server.stop()
    try? Files.removeTree(folder)
  }

  /// Publishes `count` articles, corrects two and retracts one.
  func grow(_ count: Int, seed: UInt64, sentences: Int = 4) throws {
    var news = News(seed: seed)
    for _ in 0..<count { try feed.publish(&news, sentences: sentences) }
    for number in [4, 38] { try feed.correct(number, &news) }
    try feed.retract(7)
    try feed.sign(time: 1_800_000_100 + Int(seed))
  }

  /// The replica as it was before the feed went on.
  func replica() throws -> Replica {
    copies += 1
    let path = "\(folder)/\(copies).db"
    try copyReplica(base, to: path)
    return try Replica(path: path)
  }

  /// Syncs a copy over a clear line; the bytes both ways.
  ///
  /// The delta is rendered then: in a debug build that takes longer than bad connections live.
  func plain() throws -> Int {
    let link = try link()
    defer { link.stop() }
    #expect(Ending.sync(try replica(), over: link, stall: 20) == .complete)
    return link.log.down + link.log.up
  }

  func link(
    _ rules: [WeakRule] = [], _ line: WeakLine = .clear, seed: UInt64 = 1
  ) throws -> WeakLink {
    try WeakLink(toPort: server.port, line, rules: rules, seed: seed)
  }

  /// The replica holds what the feed says, all of it, and nothing on its disk is wrong.
  func expectComplete(
    _ replica: Replica, _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let version = feed.head().checkpoint.version
    let status = try replica.status()
    #expect(status.version == version, comment, sourceLocation: sourceLocation)
    #expect(status.missingBodies == 0, comment, sourceLocation: sourceLocation)
    #expect(try replica.verify().isSound, comment, sourceLocation: sourceLocation)
    let wrong = try (0..<feed.head().checkpoint.stateSize).filter { number in
      try replica.record(number) != feed.record(number, asOf: version)?.bytes
    }
    #expect(wrong == [], comment, sourceLocation: sourceLocation)
  }
}

/// How a sync ended.
enum Ending: Hashable, CustomStringConvertible {
  case complete
  /// Not all was there, and no error said why.
  case incomplete
  case offline
  /// Refused by name: not the newsroom's, or not of this protocol.
  case refused
  case behind
  case other(String)

  /// Syncs once; nobody waits, but for a line that is silent for `stall` seconds.
  static func sync(_ replica: Replica, over link: WeakLink, patience: Int = 3, stall: Double = 0.3)
    -> Ending
  {
    var options = SyncOptions()
    options.codec = .deflate
    options.clock = .still
    options.patience = patience
    do throws(SyncFailure) {
      let source = HTTPSource(link.url, stall: stall)
      return try replica.sync(from: source, options).complete ? .complete : .incomplete
    } catch {
      switch error.error {
      case .offline: return .offline
      case .untrusted, .malformed: return .refused
      case .behind: return .behind
      default: return .other("\(error.error)")
      }
    }
  }

  var description: String {
    switch self {
    case .complete: "complete"
    case .incomplete: "incomplete"
    case .offline: "offline"
    case .refused: "refused"
    case .behind: "behind"
    case .other(let text): text
    }
  }
}

extension WeakFault {
  /// How a sync may end when this fault strikes again and again.
  var endings: Set<Ending> {
    switch self {
    case .cut, .reset, .stall, .wholeRange, .stripTag, .weakenTag, .drip, .cutAfter, .otherRange,
      .blackHole:
      [.complete]
    case .lose, .gzip, .portal, .redirect: [.offline]
    case .flip: [.complete, .refused]
    case .replay: [.complete, .refused, .behind]
    case .freeze: [.complete, .behind]
    case .endless, .terabyte: [.offline, .refused]
    }
  }
}
