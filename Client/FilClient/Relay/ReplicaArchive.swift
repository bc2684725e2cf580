internal import Database
internal import FilProtocol
internal import FilSource
internal import Synchronization

/// A replica as an archive: as of the head that it holds, and of older heads what it still knows.
///
/// What it does not know, or what its card has damaged, is not here.
///
/// Thread-safe; it reads, and never writes. A volume is hashed before anything of it is given out,
/// and a body when it is read: whoever changed the file is found out here already, unless they
/// changed this program as well, and then by whoever is given the bytes.
final class ReplicaArchive: Archive {
  typealias Failure = FilError

  /// One reading connection; whoever has it is alone with it.
  private final class Line: Sendable {
    let connection: Mutex<Connection>

    init(_ path: String) throws(FilError) {
      do throws(DatabaseError) {
        connection = Mutex(try Connection(path: path, mode: .readOnly))
      } catch {
        throw .database(error)
      }
    }
  }

  private let replica: Replica
  private let idle = Mutex<[Line]>([])
  /// The head as it was read last: every request asks for it.
  private let newest = Mutex<(dataVersion: Int, moment: ReplicaMoment)?>(nil)
  /// The floors of first syncs that were asked for: whoever asks should not have all articles looked at
  /// again.
  let floors = Mutex<(dataVersion: Int, ofDays: [Int: Int])?>(nil)
  /// Of an archive that is frozen: the line that holds the moment, and what was found sound in it.
  private let frozen: (line: Line, moment: ReplicaMoment)?
  private let sound = Mutex<[Int: [Digest]]>([:])

  init(_ replica: Replica) {
    self.replica = replica
    frozen = nil
  }

  private init(_ replica: Replica, _ line: Line, _ moment: ReplicaMoment) {
    self.replica = replica
    frozen = (line, moment)
  }

  var isComplete: Bool { false }

  func frozen<R>(
    _ body: (ReplicaArchive) throws(RenderError<FilError>) -> R
  ) throws(RenderError<FilError>) -> R {
    guard frozen == nil else { return try body(self) }
    let line: Line
    let moment: ReplicaMoment
    do throws(FilError) {
      if let free = idle.withLock({ $0.popLast() }) {
        line = free
      } else {
        line = try Line(replica.file)
      }
      moment = try begin(line)
    } catch { throw .archive(error) }
    defer {
      line.connection.withLock { $0.endSnapshot() }
      idle.withLock { if $0.count < 4 { $0.append(line) } }
    }
    return try body(ReplicaArchive(replica, line, moment))
  }

  /// Opens a transaction that sees this moment until it is rolled back.
  private func begin(_ line: Line) throws(FilError) -> ReplicaMoment {
    try line.connection.withLock { (connection) throws(FilError) in
      do throws(DatabaseError) { try connection.script("BEGIN DEFERRED") } catch {
        throw .database(error)
      }
      do throws(FilError) { return try ReplicaMoment(connection, replica.key) } catch {
        connection.endSnapshot()
        throw error
      }
    }
  }

  /// Runs `body` on a moment: the one that is frozen, or this one.
  func look<R: Sendable>(
    _ body: (Connection, ReplicaMoment, ReplicaArchive) throws(FilError) -> R
  ) throws(FilError) -> R {
    if let (line, moment) = frozen {
      return try line.connection.withLock { (connection) throws(FilError) in
        try body(connection, moment, self)
      }
    }
    do throws(RenderError<FilError>) {
      return try frozen { (archive) throws(RenderError<FilError>) in
        do throws(FilError) { return try archive.look(body) } catch { throw .archive(error) }
      }
    } catch {
      guard case .archive(let failure) = error else { throw .damaged(replica.path) }
      throw failure
    }
  }

  /// The moment alone, which is remembered until the file changes.
  func current() throws(FilError) -> ReplicaMoment {
    if let frozen { return frozen.moment }
    let version = try moment()
    if let known = newest.withLock({ $0 }), known.dataVersion == version { return known.moment }
    let read = try look { (_, moment, _) throws(FilError) in moment }
    newest.withLock { $0 = (version, read) }
    return read
  }

  func moment() throws(FilError) -> Int { try replica.dataVersion() }

  func head() throws(FilError) -> SignedCheckpoint { try current().signed }

  func lastErasure() throws(FilError) -> Int { try current().erased }

  func oldestVolume() throws(FilError) -> Int { try current().floor }

  func digests(asOf version: Int) throws(FilError) -> [Digest] {
    let moment = try current()
    return version == moment.head.version ? moment.digests : []
  }

  func digest(ofVolume volume: Int, asOf version: Int) throws(FilError) -> Digest? {
    let digests = try digests(asOf: version)
    return digests.indices.contains(volume) ? digests[volume] : nil
  }

  func version(ofVolume volume: Int, digest: Digest) throws(FilError) -> Int? {
    let head = try current().head
    guard try self.digest(ofVolume: volume, asOf: head.version) == digest,
      try !leaves(ofVolume: volume, asOf: head.version).isEmpty
    else { return nil }
    return head.version
  }

  func mastheadPath(asOf version: Int) throws(FilError) -> [Digest] {
    let moment = try current()
    if moment.floor > 0 { return moment.path }
    return Merkle.firstPath(try leaves(ofVolume: 0, asOf: version))
  }

  func checkpoint(of version: Int) throws(FilError) -> SignedCheckpoint? {
    try look { (connection, moment, _) throws(FilError) in
      if version == moment.head.version { return moment.first }
      let note: [UInt8]?
      do throws(DatabaseError) {
        note = try connection.first("SELECT note FROM stood WHERE version = ?", Value(version)) {
          $0.blob(0)
        }
      } catch { throw .database(error) }
      guard let signed = note.flatMap({ try? SignedCheckpoint(note: $0) }),
        signed.checkpoint.version == version
      else { return nil }
      return signed
    }
  }

  func leaves(ofVolume volume: Int, asOf version: Int) throws(FilError) -> [Digest] {
    try look { (connection, moment, archive) throws(FilError) in
      guard version == moment.head.version else { return [] }
      return try archive.leaves(volume, connection, moment)
    }
  }

  /// The leaves of a volume that is held and is what was signed; else none.
  private func leaves(
    _ volume: Int, _ connection: Connection, _ moment: ReplicaMoment
  ) throws(FilError) -> [Digest] {
    if let known = sound.withLock({ $0[volume] }) { return known }
    guard volume >= moment.floor, moment.digests.indices.contains(volume) else { return [] }
    var leaves: [Digest] = []
    do throws(FilError) {
      leaves = try StoredFeed(connection: connection)
        .records(ofVolume: volume, asOf: moment.head.version).map(\.leaf)
    } catch {
      guard case .damaged = error else { throw error }
    }
    if leaves.count != moment.head.size(ofVolume: volume)
      || Merkle.root(leaves) != moment.digests[volume]
    {
      leaves = []
    }
    let found = leaves
    sound.withLock { $0[volume] = found }
    return found
  }

  func record(_ number: Int, asOf version: Int) throws(FilError) -> Record? {
    try look { (connection, moment, archive) throws(FilError) in
      try archive.record(number, connection, moment).flatMap { $0.version <= version ? $0 : nil }
    }
  }

  /// The record of `number` at the head, once the volume around it was hashed.
  func record(
    _ number: Int, _ connection: Connection, _ moment: ReplicaMoment
  ) throws(FilError) -> Record? {
    guard number < moment.head.stateSize else { return nil }
    let feed = StoredFeed(connection: connection)
    guard number == 0, moment.floor > 0 else {
      guard try !leaves(number / Limits.volume, connection, moment).isEmpty else { return nil }
      return try feed.record(number, asOf: moment.head.version)
    }
    guard let masthead = try? feed.record(0, asOf: moment.head.version),
      Merkle.root(first: masthead.leaf, path: moment.path) == moment.digests.first
    else { return nil }
    return masthead
  }

  func records(ofVolume volume: Int, asOf version: Int) throws(FilError) -> [Record] {
    try look { (connection, moment, archive) throws(FilError) in
      guard version == moment.head.version,
        try !archive.leaves(volume, connection, moment).isEmpty
      else { return [] }
      return try StoredFeed(connection: connection).records(ofVolume: volume, asOf: version)
    }
  }

  func body(_ hash: BodyHash) throws(FilError) -> [UInt8]? {
    try look { (connection, _, _) throws(FilError) in
      do throws(FilError) { return try StoredFeed(connection: connection).body(hash) } catch {
        // What the card has damaged is not here; `fil verify` finds it.
        guard case .damaged = error else { throw error }
        return nil
      }
    }
  }
}

extension Connection {
  fileprivate func endSnapshot() { try? script("ROLLBACK") }
}
