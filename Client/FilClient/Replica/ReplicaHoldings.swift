internal import Database
internal import FilProtocol

/// What the replica holds, as of its own version and the targets of its open transfers.
///
/// It remembers what was read last, since the contexts of one body after another name much the same
/// numbers: whoever commits records calls ``forget()``. Used by one thread.
final class ReplicaHoldings: Holdings {
  typealias Failure = FilError

  private struct Place: Hashable {
    let number: Int
    let version: Int
  }

  private static let rememberedRecords = 4_096
  private static let rememberedBytes = 1_048_576

  let replica: Replica
  private var recordsRead: [Place: Record?] = [:]
  private var bodiesRead: [BodyHash: [UInt8]] = [:]
  private var bytesRead = 0

  init(replica: Replica) { self.replica = replica }

  /// Forgets what was read: records were committed.
  func forget() {
    recordsRead.removeAll()
    bodiesRead.removeAll()
    bytesRead = 0
  }

  func digests(asOf version: Int) throws(FilError) -> [Digest] {
    try replica.write { (connection) throws(FilError) in
      try StoredFeed(connection: connection).digests(asOf: version)
    }
  }

  func record(_ number: Int, asOf version: Int) throws(FilError) -> Record? {
    let place = Place(number: number, version: version)
    if let read = recordsRead[place] { return read }
    let record = try replica.write { (connection) throws(FilError) in
      try StoredFeed(connection: connection).record(number, asOf: version)
    }
    if recordsRead.count >= Self.rememberedRecords { recordsRead.removeAll() }
    recordsRead.updateValue(record, forKey: place)
    return record
  }

  func records(ofVolume volume: Int, asOf version: Int) throws(FilError) -> [Record] {
    try replica.write { (connection) throws(FilError) in
      try StoredFeed(connection: connection).records(ofVolume: volume, asOf: version)
    }
  }

  func body(_ hash: BodyHash) throws(FilError) -> [UInt8]? {
    if let read = bodiesRead[hash] { return read }
    let text = try replica.write { (connection) throws(FilError) in
      try StoredFeed(connection: connection).body(hash)
    }
    guard let text else { return nil }
    if bytesRead + text.count > Self.rememberedBytes {
      bodiesRead.removeAll()
      bytesRead = 0
    }
    bodiesRead[hash] = text
    bytesRead += text.count
    return text
  }
}

/// The same over one connection, for whoever has it already.
struct StoredFeed: Holdings {
  typealias Failure = FilError

  let connection: Connection

  func digests(asOf version: Int) throws(FilError) -> [Digest] {
    guard version > 0 else { return [] }
    let bytes: [[UInt8]]
    do {
      bytes = try connection.query("SELECT digest FROM volume ORDER BY volume") { $0.blob(0) }
    } catch { throw .database(error) }
    return try bytes.map { (bytes) throws(FilError) in
      guard let digest = Digest(bytes: bytes) else { throw .damaged("table volume") }
      return digest
    }
  }

  func record(_ number: Int, asOf version: Int) throws(FilError) -> Record? {
    let bytes: [UInt8]?
    do {
      bytes = try connection.first(
        """
        SELECT record FROM (
          SELECT version, record FROM article WHERE number = ?1 AND version <= ?2
          UNION ALL
          SELECT version, record FROM superseded WHERE number = ?1 AND version <= ?2)
        ORDER BY version DESC LIMIT 1
        """, Value(number), Value(version)
      ) { $0.blob(0) }
    } catch { throw .database(error) }
    return try bytes.map { (bytes) throws(FilError) in try Self.decode(bytes, number) }
  }

  func records(ofVolume volume: Int, asOf version: Int) throws(FilError) -> [Record] {
    let first = volume * Limits.volume
    var newest: [Int: (version: Int, bytes: [UInt8])] = [:]
    do {
      try connection.forEach(
        """
        SELECT number, version, record FROM article WHERE number BETWEEN ?1 AND ?2 AND version <= ?3
        UNION ALL
        SELECT number, version, record FROM superseded
        WHERE number BETWEEN ?1 AND ?2 AND version <= ?3
        """, Value(first), Value(first + Limits.volume - 1), Value(version)
      ) { row throws(DatabaseError) in
        if newest[row.integer(0)].map({ $0.version < row.integer(1) }) ?? true {
          newest[row.integer(0)] = (row.integer(1), row.blob(2))
        }
        return true
      }
    } catch { throw .database(error) }
    var records: [Record] = []
    for (number, found) in newest.sorted(by: { $0.key < $1.key }) {
      records.append(try Self.decode(found.bytes, number))
    }
    return records
  }

  private static func decode(_ bytes: [UInt8], _ number: Int) throws(FilError) -> Record {
    guard let record = try? Record(decoding: bytes), record.number == number else {
      throw .damaged("record \(number)")
    }
    return record
  }

  func body(_ hash: BodyHash) throws(FilError) -> [UInt8]? {
    let text: [UInt8]?
    do {
      text = try connection.first(
        "SELECT text FROM body WHERE hash = ?", Value(hash.bytes)
      ) { Array($0.text(0).utf8) }
    } catch { throw .database(error) }
    // Hashed again at every use: a card that rots must not make a source look like a liar.
    if let text, BodyHash(of: text) != hash { throw .damaged("body \(hash)") }
    return text
  }
}
