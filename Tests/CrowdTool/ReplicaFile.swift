internal import Database
internal import FilClient
internal import FilProtocol
internal import FilSource
internal import TestSupport

/// Writes what a sync of everything would leave in a replica's file, without rendering an object for it.
///
/// That it is the same is not taken on trust: `fil verify` compares all of it with what was signed.
struct ReplicaFile {
  let connection: Connection

  /// - Parameter path: of an empty replica of `feed`'s.
  init(path: String, of feed: MemoryFeed) throws {
    _ = try Replica(path: path, key: feed.key.verifier)
    connection = try Connection(path: path, mode: .readWrite)
    try connection.script("PRAGMA synchronous = OFF")
    try connection.script("BEGIN")
    for number in 0..<feed.size {
      guard let record = feed.record(number, asOf: feed.version) else { continue }
      try insert(record, feed)
    }
    for (volume, digest) in feed.digests(asOf: feed.version).enumerated() {
      try connection.execute(
        "INSERT INTO volume (volume, digest) VALUES (?, ?)", Value(volume), Value(digest.bytes))
    }
    let note = feed.head().note
    try connection.execute(
      "UPDATE replica SET version = ?1, note = ?2, highest = ?2, bodies_at = ?1",
      Value(feed.version), Value(note))
    try connection.script("INSERT INTO search (search) VALUES ('rebuild')")
    try connection.script("COMMIT")
    try connection.script("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func insert(_ record: Record, _ feed: MemoryFeed) throws {
    let kind = record.headline == nil ? 3 : 1
    try connection.execute(
      "INSERT INTO article (number, version, kind, erased, record) VALUES (?, ?, ?, 0, ?)",
      Value(record.number), Value(record.version), Value(kind), Value(record.bytes))
    guard let headline = record.headline else { return }
    let tags = headline.tags.map { "\"\($0)\"" }.joined(separator: ",")
    let hash = Value(headline.body.bytes)
    try connection.execute(
      """
      UPDATE article SET published = ?, title = ?, summary = ?, section = ?, tags = ?, author = ?,
        language = '', flags = ?, note = '', body = ?8, length = ?9, shown = ?8 WHERE number = ?10
      """, Value(headline.published), Value(headline.title), Value(headline.summary),
      Value(headline.section), Value("[\(tags)]"), Value(headline.author),
      Value(headline.flags.rawValue), hash, Value(headline.length), Value(record.number))
    for tag in headline.tags {
      try connection.execute(
        "INSERT INTO tag (tag, number) VALUES (?, ?)", Value(tag), Value(record.number))
    }
    let text = String(decoding: feed.body(headline.body) ?? [], as: UTF8.self)
    try connection.execute(
      "INSERT OR IGNORE INTO body (hash, text) VALUES (?, ?)", hash, Value(text))
  }
}
