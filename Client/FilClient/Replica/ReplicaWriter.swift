internal import Database
internal import FilProtocol

/// Commits what was verified, each call within a transaction of the caller.
struct ReplicaWriter {
  let connection: Connection

  /// Takes `records` as current; those that are held already, or newer ones, stay.
  ///
  /// With `replacing` also in the place of newer ones: a newsroom that was restored has lost them.
  /// The answer is whether something that was held was erased.
  func commit(_ records: [Record], replacing: Bool = false) throws(DatabaseError) -> Bool {
    var erased = false
    for record in records {
      let old = try connection.first(
        "SELECT version, record, shown FROM article WHERE number = ?", Value(record.number)
      ) { row throws(DatabaseError) in
        (version: row.integer(0), record: row.blob(1), shown: row.blobOrNil(2))
      }
      let stays = replacing ? old?.record == record.bytes : old?.version ?? 0 >= record.version
      if stays { continue }
      try unindex(record.number)
      if replacing {
        try connection.execute(
          "DELETE FROM superseded WHERE number = ? AND version >= ?", Value(record.number),
          Value(record.version))
      }
      if let old, old.version < record.version {
        try connection.execute(
          "INSERT OR REPLACE INTO superseded (number, version, record) VALUES (?, ?, ?)",
          Value(record.number), Value(old.version), Value(old.record))
      }
      let before = old.flatMap { try? Record(decoding: $0.record) }
      if let before, before.version < record.version {
        try connection.supersede(before, by: record.version)
      }
      // A text that is older than the record before may be one of those that were erased.
      let keeps =
        before.map {
          $0.erased >= record.erased
            || $0.version >= record.erased && $0.headline?.body.bytes == old?.shown
        } ?? false
      try insert(record, shown: keeps ? old?.shown : nil)
      if let old, record.erased > before?.erased ?? 0 {
        try erase(record.number, before: record.erased)
        if let shown = old.shown, !keeps { try dropBody(shown) }
        erased = true
      }
      try index(record.number)
    }
    return erased
  }

  /// Takes `text`, verified, as the body of whoever names `hash`.
  func commit(_ text: [UInt8], _ hash: BodyHash) throws(DatabaseError) {
    try connection.execute(
      "INSERT OR IGNORE INTO body (hash, text) VALUES (?, ?)", Value(hash.bytes),
      Value(String(decoding: text, as: UTF8.self)))
    let numbers = try connection.query(
      "SELECT number FROM article WHERE body = ?1 AND kind = 1 AND shown IS NOT ?1",
      Value(hash.bytes)
    ) { $0.integer(0) }
    for number in numbers {
      try unindex(number)
      try connection.execute(
        "UPDATE article SET shown = body WHERE number = ?", Value(number))
      try index(number)
    }
  }

  private func insert(_ record: Record, shown old: [UInt8]?) throws(DatabaseError) {
    let number = Value(record.number)
    try connection.execute("DELETE FROM tag WHERE number = ?", number)
    try connection.execute(
      """
      INSERT OR REPLACE INTO article (number, version, kind, erased, record) VALUES (?, ?, 0, ?, ?)
      """, number, Value(record.version), Value(record.erased), Value(record.bytes))
    switch record.content {
    case .headline(let headline):
      let held = try connection.first(
        "SELECT 1 FROM body WHERE hash = ?", Value(headline.body.bytes)
      ) { $0.integer(0) }
      let shown = held != nil ? headline.body.bytes : headline.length == 0 ? nil : old
      try connection.execute(
        """
        UPDATE article SET kind = 1, published = ?, updated = ?, title = ?, summary = ?,
          section = ?, tags = ?, author = ?, language = ?, flags = ?, note = ?, body = ?,
          length = ?, shown = ? WHERE number = ?
        """, Value(headline.published), Value(headline.updated), Value(headline.title),
        Value(headline.summary), Value(headline.section), Value(JSONText.array(headline.tags)),
        Value(headline.author), Value(headline.language), Value(headline.flags.rawValue),
        Value(headline.note), Value(headline.body.bytes), Value(headline.length), Value(shown),
        number)
      for tag in headline.tags {
        try connection.execute(
          "INSERT OR IGNORE INTO tag (tag, number) VALUES (?, ?)", Value(tag), number)
      }
    case .retraction(let retraction):
      try connection.execute(
        "UPDATE article SET kind = 2, published = ?, retracted = ?, reason = ? WHERE number = ?",
        Value(retraction.published), Value(retraction.time), Value(retraction.reason), number)
      try connection.execute("DELETE FROM wish WHERE number = ?", number)
    case .masthead:
      try connection.execute("UPDATE article SET kind = 3 WHERE number = ?", number)
    case .unreadable: break
    }
  }

  /// Writes the columns of `number` anew from its record; the search index is the caller's to rebuild.
  func restoreColumns(_ number: Int) throws(DatabaseError) {
    let held = try connection.first(
      "SELECT record, shown FROM article WHERE number = ?", Value(number)
    ) { row throws(DatabaseError) in (row.blob(0), row.blobOrNil(1)) }
    guard let held, let record = try? Record(decoding: held.0), record.number == number else {
      return
    }
    try insert(record, shown: held.1)
  }

  /// Takes the article out of the search index, with exactly the words that were put in.
  private func unindex(_ number: Int) throws(DatabaseError) {
    try connection.execute(
      """
      INSERT INTO search (search, rowid, title, summary, body)
      SELECT 'delete', number, title, summary, body FROM article_text WHERE number = ?
      """, Value(number))
  }

  private func index(_ number: Int) throws(DatabaseError) {
    try connection.execute(
      """
      INSERT INTO search (rowid, title, summary, body)
      SELECT number, title, summary, body FROM article_text WHERE number = ?
      """, Value(number))
  }

  /// Removes the revisions of `number` below `version` and their texts.
  ///
  /// The file is to be cleaned also where none is held any more: it was, and bytes stay behind.
  private func erase(_ number: Int, before version: Int) throws(DatabaseError) {
    let old = try connection.query(
      "SELECT version, record FROM superseded WHERE number = ? AND version < ?", Value(number),
      Value(version)
    ) { row throws(DatabaseError) in (row.integer(0), row.blob(1)) }
    try connection.execute(
      "DELETE FROM past WHERE number = ? AND version < ?", Value(number), Value(version))
    for (revision, bytes) in old {
      try connection.execute(
        "DELETE FROM superseded WHERE number = ? AND version = ?", Value(number), Value(revision))
      guard let headline = (try? Record(decoding: bytes))?.headline else { continue }
      try dropBody(headline.body.bytes)
    }
    try connection.execute(
      "INSERT OR IGNORE INTO erasure (number, version) VALUES (?, ?)", Value(number),
      Value(version))
  }

  /// Removes a text that nothing names; another article may have the very same: then it is that one's.
  private func dropBody(_ hash: [UInt8]) throws(DatabaseError) {
    let others = try connection.query("SELECT record FROM superseded") {
      (try? Record(decoding: $0.blob(0)))?.headline?.body.bytes
    }
    guard !others.contains(hash) else { return }
    try connection.execute(
      """
      DELETE FROM body WHERE hash = ?1
        AND NOT EXISTS (SELECT 1 FROM article WHERE body = ?1 OR shown = ?1)
      """, Value(hash))
  }

  /// Forgets articles that the state does not have, or that lie below `floor`.
  ///
  /// Objects that were given up have brought them.
  func keep(from floor: Int, below size: Int) throws(DatabaseError) {
    let others = try connection.query(
      "SELECT number FROM article WHERE number >= ? OR number BETWEEN 1 AND ?", Value(size),
      Value(floor * Limits.volume - 1)
    ) { $0.integer(0) }
    for number in others { try forget(number) }
  }

  private func forget(_ number: Int) throws(DatabaseError) {
    try unindex(number)
    try connection.execute("DELETE FROM article WHERE number = ?", Value(number))
    try connection.execute("DELETE FROM tag WHERE number = ?", Value(number))
    try connection.execute("DELETE FROM superseded WHERE number = ?", Value(number))
  }

  /// Drops what was kept only for open transfers.
  func tidy() throws(DatabaseError) {
    try connection.execute("DELETE FROM superseded")
    try connection.execute(
      """
      DELETE FROM body WHERE NOT EXISTS (
        SELECT 1 FROM article WHERE article.body = hash OR article.shown = hash)
      """)
  }
}

/// JSON of the simplest kind, for the column that any program may read.
enum JSONText {
  static func array(_ texts: [String]) -> String {
    "[" + texts.map(string).joined(separator: ",") + "]"
  }

  private static func string(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        out += "\\u00" + Hex.encode([UInt8(scalar.value)])
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
