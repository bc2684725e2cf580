internal import Database
internal import FilProtocol
internal import FoundationEssentials

// Articles whose time has not come: they are kept in the store, unsigned and out of every delta.

/// What became of articles that were held.
public struct Release: Sendable {
  public var outcomes: [Outcome] = []
  /// What could not be published; it is tried again an hour later.
  public var refused: [InputError] = []
}

extension Newsroom {
  /// Seconds after which what was refused is tried again.
  private static let retryAfter = 3_600

  /// Publishes what was held in the newsroom in the folder `path` and is due by now.
  ///
  /// Where nothing is due, the newsroom is not locked.
  public static func publishHeld(
    _ path: String, surroundings: Surroundings = Surroundings()
  ) throws(NewsroomError) -> Release {
    let now = surroundings.now()
    guard try nextHeld(path).map({ $0 <= now }) ?? false else { return Release() }
    let newsroom = try Newsroom(
      path, surroundings: surroundings, patience: 0, purpose: "fil-server publishes what was held")
    try newsroom.settle()
    return try newsroom.append { (batch) throws(NewsroomError) in
      var release = Release()
      for (name, draft) in try batch.due() {
        try newsroom.publish(held: draft, name, &batch, into: &release)
      }
      return release
    }
  }

  /// When the next article is due, in seconds since 1970-01-01T00:00Z; nil where none is held.
  public static func nextHeld(_ path: String) throws(NewsroomError) -> Int? {
    let db = try Store.open(path, .readOnly)
    return try db.guarded { (db) throws(DatabaseError) -> Int? in
      // Before the migration that holds articles there is none.
      guard try db.userVersion() > 1 else { return nil }
      return try db.first("SELECT min(due) FROM held") { $0.integerOrNil(0) } ?? nil
    }
  }

  private func publish(
    held draft: Draft, _ name: [UInt8], _ batch: inout Batch, into release: inout Release
  ) throws(NewsroomError) {
    let before = batch
    try batch.mark()
    do throws(NewsroomError) {
      try draft.check(masthead: batch.masthead, now: batch.time)
      let outcome = try publish(draft, &batch)
      try batch.forgetHeld(name)
      try batch.unmark()
      release.outcomes.append(outcome)
    } catch {
      guard case .input(let problem) = error else { throw error }
      try batch.rollBack()
      batch = before
      try batch.postpone(name, to: batch.time + Newsroom.retryAfter)
      release.refused.append(problem)
    }
  }
}

extension Connection {
  /// How many articles are held; before the migration that holds them there is none.
  func heldCount() throws(NewsroomError) -> Int {
    try guarded { (db) throws(DatabaseError) in
      guard try db.userVersion() > 1 else { return 0 }
      return try db.first("SELECT count(*) FROM held") { $0.integer(0) } ?? 0
    }
  }
}

extension Batch {
  /// Keeps a draft until its date; one of the same name that is held already goes.
  func hold(_ draft: Draft, until due: Int) throws(NewsroomError) {
    guard let json = try? JSONEncoder().encode(HeldDraft(draft)) else {
      throw .damaged("an article that is to be held")
    }
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute(
        "INSERT OR REPLACE INTO held (name, due, draft) VALUES (?, ?, ?)", .blob(Batch.key(draft)),
        Value(due), .text(String(decoding: json, as: UTF8.self)))
    }
  }

  /// Forgets what is held of a draft that is published now.
  func forgetHeld(like draft: Draft) throws(NewsroomError) { try forgetHeld(Batch.key(draft)) }

  fileprivate func forgetHeld(_ name: [UInt8]) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute("DELETE FROM held WHERE name = ?", .blob(name))
    }
  }

  fileprivate func postpone(_ name: [UInt8], to due: Int) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute("UPDATE held SET due = ? WHERE name = ?", Value(due), .blob(name))
    }
  }

  fileprivate func due() throws(NewsroomError) -> [(name: [UInt8], draft: Draft)] {
    let rows = try db.guarded { (db) throws(DatabaseError) in
      try db.query("SELECT name, draft FROM held WHERE due <= ? ORDER BY due", Value(time)) {
        (name: $0.blob(0), draft: $0.text(1))
      }
    }
    return try rows.map { (row) throws(NewsroomError) in
      guard let held = try? JSONDecoder().decode(HeldDraft.self, from: Data(row.draft.utf8)) else {
        throw .damaged("an article that is held")
      }
      return (row.name, held.draft)
    }
  }

  /// The hash of the first name of a draft, or else of its place.
  private static func key(_ draft: Draft) -> [UInt8] {
    let name = draft.names.first ?? "place:\(draft.file):\(draft.line ?? 0)"
    return BodyHash(of: Array(name.utf8)).bytes
  }
}

/// A draft as it is stored.
private struct HeldDraft: Codable {
  let file: String
  let line: Int?
  let names: [String]
  let title, summary, section: String
  let tags: [String]
  let author, language: String
  let flags: Int
  let published, updated: Int?
  let note: String?
  let body: String

  init(_ draft: Draft) {
    (file, line, names) = (draft.file, draft.line, draft.names)
    (title, summary, section) = (draft.title, draft.summary, draft.section)
    (tags, author, language) = (draft.tags, draft.author, draft.language)
    (published, updated, note) = (draft.published, draft.updated, draft.note)
    (flags, body) = (draft.flags.rawValue, draft.body)
  }

  var draft: Draft {
    var draft = Draft(
      file: file, line: line, title: title, summary: summary, section: section, body: body)
    (draft.names, draft.tags) = (names, tags)
    (draft.author, draft.language) = (author, language)
    draft.flags = Headline.Flags(rawValue: flags)
    (draft.published, draft.updated, draft.note) = (published, updated, note)
    return draft
  }
}
