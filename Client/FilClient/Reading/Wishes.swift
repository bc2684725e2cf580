internal import Database
internal import FilProtocol

/// What became of a wish for the text of an article.
public enum WishOutcome: String, Sendable {
  /// The next sync brings it, before other texts.
  case queued
  /// The current text is here already.
  case here
  /// The article has none beside its summary.
  case noText
  case retracted
  /// Too many wishes are open; this one was not taken.
  case full
}

/// A wish: a reader's word that a text should come although the selection leaves it out.
///
/// It is open until the text is here. It stays remembered after that, so that corrections of the
/// text come as well, and ends when the article is retracted.
enum Wish {
  /// How many may be open: whoever stands at a kiosk can make some, and syncs pay for them.
  static let limit = 1_000

  static let migration = Migration(
    "texts that readers asked for",
    """
    CREATE TABLE wish (
      number      INTEGER PRIMARY KEY,           -- of the article whose text is wanted
      asked       INTEGER NOT NULL               -- seconds since 1970, local clock
    ) STRICT;
    """)
}

extension Replica {
  /// Has the next sync bring the text of article `number`, whatever its section.
  ///
  /// It may be called while a sync goes on, which then brings it still. Thread-safe.
  ///
  /// - Throws: `notFound` when no readable article of that number is held; nothing was then changed.
  @discardableResult
  public func want(
    _ number: Int, now: Int = SyncClock.system.now()
  ) throws(FilError) -> WishOutcome {
    let outcome = try commit { (connection) throws(DatabaseError) -> WishOutcome? in
      let held = try connection.first(
        "SELECT kind, coalesce(length, 0), shown IS body FROM article WHERE number = ? AND number > 0",
        Value(number)
      ) { row throws(DatabaseError) in (row.integer(0), row.integer(1), row.boolean(2)) }
      guard let (kind, length, isHere) = held, kind == 1 || kind == 2 else { return nil }
      guard kind == 1 else { return .retracted }
      guard length > 0 else { return .noText }
      if !isHere, try connection.openWishes().count >= Wish.limit { return .full }
      try connection.execute(
        "INSERT OR IGNORE INTO wish (number, asked) VALUES (?, ?)", Value(number), Value(now))
      return isHere ? .here : .queued
    }
    guard let outcome else { throw .notFound("article \(number)") }
    return outcome
  }

  /// Takes the wish for article `number` back; one that was never made changes nothing.
  public func forgetWish(_ number: Int) throws(FilError) {
    try commit { (connection) throws(DatabaseError) in
      try connection.execute("DELETE FROM wish WHERE number = ?", Value(number))
    }
  }

  /// The articles whose texts were asked for and are not here yet, those asked for first before.
  public func wishes() throws(FilError) -> [Article] {
    try read { (connection) throws(DatabaseError) in
      var articles: [Article?] = []
      for wish in try connection.openWishes() {
        articles += try connection.query(
          "SELECT record, shown FROM article WHERE number = ?", Value(wish.number)
        ) { row throws(DatabaseError) in
          Article(row.blob(0), shown: row.blobOrNil(1), body: nil)
        }
      }
      return articles.compactMap(\.self)
    }
  }

  /// The bodies that were asked for and are not held.
  func openWishes() throws(FilError) -> [MissingBody] {
    try look { (connection) throws(DatabaseError) in try connection.openWishes() }
  }
}

extension Connection {
  /// The bodies that were asked for and are not held.
  func openWishes() throws(DatabaseError) -> [MissingBody] {
    try query(
      """
      SELECT number, body, length, section FROM wish JOIN article USING (number)
      WHERE kind = 1 AND length > 0 AND shown IS NOT body ORDER BY asked, number
      """
    ) { row throws(DatabaseError) -> MissingBody? in
      guard let hash = BodyHash(bytes: row.blob(1)) else { return nil }
      return MissingBody(
        number: row.integer(0), hash: hash, length: row.integer(2), section: row.text(3))
    }.compactMap(\.self)
  }
}
