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
  /// How many are remembered: whoever stands at a kiosk can make some.
  ///
  /// The oldest whose texts are here make room for new ones.
  static let limit = 1_000
  /// Bytes of the texts that may still be to come, which syncs pay for.
  static let bytes = 2_000_000

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
  /// It may be called while a sync goes on, which then brings it still, and waits while somebody else
  /// writes. Thread-safe. Of the time the day is kept: nobody is to find out who stood there then.
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
      guard try !connection.isWanted(number) else { return isHere ? .here : .queued }
      let open = try connection.openWishes().reduce(0) { $0 + $1.length }
      if !isHere, open + length > Wish.bytes { return .full }
      // A text that is here needs no place where there is none.
      guard try connection.makeRoomForWish() else { return isHere ? .here : .full }
      try connection.execute(
        "INSERT INTO wish (number, asked) VALUES (?, ?)", Value(number),
        Value(now / 86_400 * 86_400))
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

  /// Whether the text of article `number` was asked for.
  public func isWanted(_ number: Int) throws(FilError) -> Bool {
    try read { (connection) throws(DatabaseError) in try connection.isWanted(number) }
  }

  /// The articles whose texts were asked for and are not here yet: those asked for on an earlier day
  /// first, then by number.
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
  fileprivate func isWanted(_ number: Int) throws(DatabaseError) -> Bool {
    try first("SELECT 1 FROM wish WHERE number = ?", Value(number)) { _ in true } ?? false
  }

  /// Forgets the oldest wish that was granted, if one more would be too many; false: none was.
  fileprivate func makeRoomForWish() throws(DatabaseError) -> Bool {
    let count = try first("SELECT count(*) FROM wish") { $0.integer(0) } ?? 0
    guard count >= Wish.limit else { return true }
    let granted = try first(
      """
      SELECT number FROM wish JOIN article USING (number)
      WHERE NOT (kind = 1 AND length > 0 AND shown IS NOT body) ORDER BY asked, number
      """
    ) { $0.integer(0) }
    guard let granted else { return false }
    try execute("DELETE FROM wish WHERE number = ?", Value(granted))
    return true
  }

  /// The bodies that were asked for and are not held.
  func openWishes() throws(DatabaseError) -> [MissingBody] {
    try query(
      """
      SELECT number, body, length, section, flags & 3 FROM wish JOIN article USING (number)
      WHERE kind = 1 AND length > 0 AND shown IS NOT body ORDER BY asked, number
      """
    ) { row throws(DatabaseError) -> MissingBody? in
      guard let hash = BodyHash(bytes: row.blob(1)) else { return nil }
      return MissingBody(
        number: row.integer(0), hash: hash, length: row.integer(2), section: row.text(3),
        isPressing: row.integer(4) != 0)
    }.compactMap(\.self)
  }
}
