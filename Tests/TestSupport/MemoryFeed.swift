public import FilProtocol
public import FilSource
import Synchronization

/// A newsroom in memory, with the true one's rules: what other parts are tested against.
///
/// It is an ``Archive``, so that sources can be made of it, and its own fold of the log is the
/// oracle that replicas are compared with.
public final class MemoryFeed: Archive {
  public typealias Failure = Never

  private struct Log {
    var records: [Record?] = []
    var leaves: [Digest] = []
    /// The versions of each number, ascending.
    var versions: [[Int]] = []
    var bodies: [BodyHash: [UInt8]] = [:]
    var signed: [Int: SignedCheckpoint] = [:]
    var newest: SignedCheckpoint?
    var volumes: [String: Int] = [:]
  }

  public let key: SigningKey
  private let log = Mutex(Log())

  public init(origin: String = "essai.example/fil", seed: UInt8 = 7) {
    // A name and a seed that are right by construction.
    key = try! SigningKey(name: origin, seed: [UInt8](repeating: seed, count: 32))
  }

  public var origin: String { key.verifier.name }
  public var isComplete: Bool { true }

  /// How many changes there are, signed or not.
  public var version: Int { log.withLock { $0.records.count } }
  /// How many numbers there are.
  public var size: Int { log.withLock { $0.versions.count } }

  /// Appends what `content` says of `number`, and the body that a headline names.
  @discardableResult
  public func append(_ content: Record.Content, number: Int, body: [UInt8]? = nil) throws -> Record
  {
    try log.withLock { log in
      let record = try Record(content, number: number, version: log.records.count + 1)
      precondition(number <= log.versions.count, "numbers are dense")
      if number == log.versions.count { log.versions.append([]) }
      log.records.append(record)
      log.leaves.append(record.leaf)
      log.versions[number].append(record.version)
      if let body { log.bodies[BodyHash(of: body)] = body }
      if record.erased > 0 { Self.erase(number, before: record.erased, &log) }
      return record
    }
  }

  private static func erase(_ number: Int, before version: Int, _ log: inout Log) {
    for old in log.versions[number] where old < version {
      let hash = log.records[old - 1]?.headline?.body
      log.records[old - 1] = nil
      let used = log.records.contains { $0?.headline?.body == hash }
      if let hash, !used { log.bodies[hash] = nil }
    }
  }

  /// Signs the head at `time`.
  @discardableResult
  public func sign(time: Int) throws -> SignedCheckpoint {
    let version = version
    let digests = digests(asOf: version)
    return try log.withLock { log in
      let checkpoint = try Checkpoint(
        origin: key.verifier.name, version: version, logRoot: Merkle.root(log.leaves),
        stateSize: log.versions.count, stateRoot: Merkle.root(digests), time: time)
      let signed = SignedCheckpoint(signing: checkpoint, with: [key])
      if log.signed[version] == nil { log.signed[version] = signed }
      log.newest = signed
      for (volume, digest) in digests.enumerated() { log.volumes["\(volume)/\(digest)"] = version }
      return signed
    }
  }

  public func head() -> SignedCheckpoint {
    guard let newest = log.withLock({ $0.newest }) else { preconditionFailure("sign it first") }
    return newest
  }

  public func checkpoint(of version: Int) -> SignedCheckpoint? {
    log.withLock { $0.signed[version] }
  }

  public func numbersChanged(after version: Int, through last: Int) -> [Int]? {
    log.withLock { log in
      log.versions.indices.filter { number in
        log.versions[number].contains { $0 > version && $0 <= last }
      }
    }
  }

  public func leaves(ofVolume volume: Int, asOf version: Int) -> [Digest] {
    log.withLock { log in
      Self.versions(volume, version, log).map { log.leaves[$0 - 1] }
    }
  }

  private static func versions(_ volume: Int, _ version: Int, _ log: Log) -> [Int] {
    let first = min(volume * Limits.volume, log.versions.count)
    let last = min(first + Limits.volume, log.versions.count)
    return log.versions[first..<last].compactMap { $0.last { $0 <= version } }
  }

  public func version(ofVolume volume: Int, digest: Digest) -> Int? {
    log.withLock { $0.volumes["\(volume)/\(digest)"] }
  }

  public func lastErasure() -> Int {
    log.withLock { log in log.records.compactMap { $0?.erased }.max() ?? 0 }
  }

  public func floor(days: Int) -> Int {
    log.withLock { log in
      let published = log.versions.map { versions in
        versions.last.flatMap { log.records[$0 - 1]?.published } ?? 0
      }
      let since = (published.max() ?? 0) - days * 86_400
      return (published.dropFirst().firstIndex { $0 >= since } ?? 0) / Limits.volume
    }
  }

  public func record(_ number: Int, asOf version: Int) -> Record? {
    log.withLock { log in
      guard number < log.versions.count,
        let last = log.versions[number].last(where: { $0 <= version })
      else { return nil }
      return log.records[last - 1]
    }
  }

  public func records(ofVolume volume: Int, asOf version: Int) -> [Record] {
    log.withLock { log in
      Self.versions(volume, version, log).compactMap { log.records[$0 - 1] }
    }
  }

  public func body(_ hash: BodyHash) -> [UInt8]? { log.withLock { $0.bodies[hash] } }
}

extension Record {
  /// When the article was first published; nil for what is no article.
  public var published: Int? {
    switch content {
    case .headline(let headline): headline.published
    case .retraction(let retraction): retraction.published
    case .masthead, .unreadable: nil
    }
  }
}
