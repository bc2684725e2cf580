internal import Database
internal import FilProtocol
internal import FilSource
internal import Synchronization

// What changed between two heads. A replica keeps no old records, but each record says at which
// version it was appended, and for each number that was touched it knows which body it named before.

extension ReplicaArchive {
  func numbersChanged(after version: Int, through last: Int) throws(FilError) -> [Int]? {
    try look { (connection, moment, _) throws(FilError) in
      guard last == moment.head.version else { return nil }
      do throws(DatabaseError) {
        return try connection.query(
          """
          SELECT number FROM article
          WHERE version > ?1 AND version <= ?2 AND (number = 0 OR number >= ?3)
          UNION
          SELECT number FROM superseded
          WHERE version > ?1 AND version <= ?2 AND (number = 0 OR number >= ?3)
            AND number IN (SELECT number FROM article WHERE version > ?2)
          ORDER BY number
          """, Value(version), Value(last), Value(moment.floor * Limits.volume)
        ) { $0.integer(0) }
      } catch { throw .database(error) }
    }
  }

  func volumesChanged(after version: Int, through last: Int) throws(FilError) -> [Int]? {
    guard let numbers = try numbersChanged(after: version, through: last) else { return nil }
    return try look { (connection, moment, _) throws(FilError) in
      guard last == moment.head.version else { return nil }
      if version == 0 { return Array(moment.digests.indices) }
      let floor = moment.floor
      // Below the floor there are no records, but it is known when each digest changed.
      let below: [(volume: Int, changed: Int?)]
      do throws(DatabaseError) {
        below = try connection.query(
          "SELECT volume, changed FROM volume WHERE volume < ? ORDER BY volume", Value(floor)
        ) { row throws(DatabaseError) in (row.integer(0), row.integerOrNil(1)) }
      } catch { throw .database(error) }
      guard !below.contains(where: { $0.changed == nil }) else { return nil }
      let older = below.filter { $0.changed ?? 0 > version }.map(\.volume)
      let volumes = numbers.map { $0 / Limits.volume }.filter { $0 >= floor }
      return older + NumberRanges(volumes).numbers
    }
  }

  func bodies(
    of numbers: [Int], namedBy selection: Selection, asOf version: Int
  ) throws(FilError) -> [Int: BodyHash]? {
    if version == 0 { return [:] }
    guard let base = try checkpoint(of: version)?.checkpoint else { return nil }
    return try look { (connection, moment, archive) throws(FilError) in
      var bodies: [Int: BodyHash] = [:]
      for number in numbers where number < base.stateSize {
        if let record = try archive.record(number, connection, moment), record.version <= version {
          bodies[number] = selection.wants(record)?.body
          continue
        }
        let past: (section: String, body: [UInt8]?)?
        do throws(DatabaseError) {
          past = try connection.first(
            """
            SELECT section, body FROM past WHERE number = ?1 AND version <= ?2 AND next > ?2
            ORDER BY version DESC LIMIT 1
            """, Value(number), Value(version)
          ) { row throws(DatabaseError) in (row.text(0), row.blobOrNil(1)) }
        } catch { throw .database(error) }
        guard let past else { return nil }
        if selection.names(past.section) {
          bodies[number] = past.body.flatMap(BodyHash.init(bytes:))
        }
      }
      return bodies
    }
  }

  func floor(days: Int) throws(FilError) -> Int {
    let version = try moment()
    let known = floors.withLock { $0?.dataVersion == version ? $0?.ofDays[days] : nil }
    if let known { return known }
    let floor = try oldestVolume(ofDays: days)
    floors.withLock { floors in
      // Strangers choose the days: not for ever new ones.
      if floors?.dataVersion != version || floors?.ofDays.count == 64 { floors = (version, [:]) }
      floors?.ofDays[days] = floor
    }
    return floor
  }

  private func oldestVolume(ofDays days: Int) throws(FilError) -> Int {
    try look { (connection, moment, _) throws(FilError) in
      let oldest: Int?
      do throws(DatabaseError) {
        oldest =
          try connection.first(
            """
            SELECT min(number) FROM article
            WHERE number BETWEEN 1 AND ?1 - 1 AND kind IN (1, 2) AND published >= ?2 * -86400 + (
              SELECT max(published) FROM article
              WHERE number BETWEEN 1 AND ?1 - 1 AND kind IN (1, 2))
            """, Value(moment.head.stateSize), Value(days)
          ) { $0.integerOrNil(0) } ?? nil
      } catch { throw .database(error) }
      return max(moment.floor, (oldest ?? 0) / Limits.volume)
    }
  }
}
