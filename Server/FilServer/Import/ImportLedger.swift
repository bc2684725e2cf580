internal import Database
internal import FilProtocol

/// What the newsroom remembers of what was imported, in its own store.
///
/// It changes in the transaction that changes the feed: an import that was killed anywhere ends,
/// when it is started again, where it would have ended.
struct ImportLedger {
  let db: Connection
  let site: String

  enum State: String {
    case published, withdrawn
    /// It could not be taken.
    case refused
  }

  struct Row {
    var state: State
    var number: Int?
    var modified = 0
    var published = 0
    var isSticky: Bool?
    /// Of what was made of it; empty: nothing could be, and it is asked for again.
    var hash: [UInt8] = []
    var images = " "
    var guid = ""
  }

  struct SectionRow: Equatable {
    var slug: String
    var name: String
    var isUne: Bool
  }

  subscript(post: String) -> Row? {
    get throws(NewsroomError) {
      try db.guarded { (db) throws(DatabaseError) in
        try db.first(
          """
          SELECT state, number, modified, published, sticky, hash, images, guid FROM import_post
          WHERE site = ? AND post = ?
          """, .text(site), .text(post), row: Row.init)
      }
    }
  }

  func set(_ post: String, _ row: Row) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute(
        """
        INSERT OR REPLACE INTO import_post
          (site, post, state, number, modified, published, sticky, hash, images, guid)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """, .text(site), .text(post), .text(row.state.rawValue), Value(row.number),
        Value(row.modified), Value(row.published), Value(row.isSticky), .blob(row.hash),
        .text(row.images), .text(row.guid))
    }
  }

  /// Under what the post is remembered: its number, once that is known, or what a feed calls it.
  func name(of post: SitePost) throws(NewsroomError) -> String {
    guard try self[post.id] == nil, !post.guid.isEmpty else { return post.id }
    let known = try db.guarded { (db) throws(DatabaseError) in
      try db.first(
        """
        SELECT post FROM import_post WHERE site = ? AND guid = ?
        ORDER BY post = guid DESC, post LIMIT 1
        """, .text(site), .text(post.guid)
      ) { $0.text(0) }
    }
    guard let known else { return post.id }
    // A feed does not always say the number; the API and an export do.
    guard Int(post.id) != nil else { return known }
    // Two numbers are two posts: a copy may have kept what feeds call its original.
    guard Int(known) == nil else { return post.id }
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute(
        "UPDATE import_post SET post = ? WHERE site = ? AND post = ?", .text(post.id), .text(site),
        .text(known))
    }
    return post.id
  }

  /// All posts of the site, by what it calls them.
  func rows() throws(NewsroomError) -> [String: Row] {
    try db.guarded { (db) throws(DatabaseError) in
      var rows: [String: Row] = [:]
      try db.forEach(
        """
        SELECT state, number, modified, published, sticky, hash, images, guid, post FROM import_post
        WHERE site = ?
        """, .text(site)
      ) { (row) throws(DatabaseError) in
        rows[row.text(8)] = try Row(row)
        return true
      }
      return rows
    }
  }

  /// Numbers of the site's posts that are articles now, not retracted.
  func shown() throws(NewsroomError) -> Set<Int> {
    try db.guarded { (db) throws(DatabaseError) in
      Set(
        try db.query(
          """
          SELECT number FROM import_post WHERE site = ? AND number IS NOT NULL AND (
            SELECT published FROM change WHERE change.number = import_post.number
            ORDER BY version DESC LIMIT 1) IS NOT NULL
          """, .text(site)
        ) { $0.integer(0) })
    }
  }

  func sections() throws(NewsroomError) -> [Int: SectionRow] {
    try db.guarded { (db) throws(DatabaseError) in
      let found = try db.query(
        "SELECT category, slug, name, une FROM import_section WHERE site = ?", .text(site)
      ) {
        ($0.integer(0), SectionRow(slug: $0.text(1), name: $0.text(2), isUne: $0.boolean(3)))
      }
      return Dictionary(found) { _, later in later }
    }
  }

  func set(_ category: Int, _ section: SectionRow) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in
      try db.execute(
        "INSERT OR REPLACE INTO import_section (site, category, slug, name, une) VALUES (?, ?, ?, ?, ?)",
        .text(site), Value(category), .text(section.slug), .text(section.name),
        Value(section.isUne))
    }
  }

  func tags() throws(NewsroomError) -> [Int: String] {
    try db.guarded { (db) throws(DatabaseError) in
      let found = try db.query("SELECT tag, name FROM import_tag WHERE site = ?", .text(site)) {
        ($0.integer(0), $0.text(1))
      }
      return Dictionary(found) { _, later in later }
    }
  }

  func set(tags: [Int: String]) throws(NewsroomError) {
    try db.guarded { (db) throws(DatabaseError) in
      for (tag, name) in tags {
        try db.execute(
          "INSERT OR REPLACE INTO import_tag (site, tag, name) VALUES (?, ?, ?)", .text(site),
          Value(tag), .text(name))
      }
    }
  }
}

extension ImportLedger.Row {
  /// Reads state, number, modified, published, sticky, hash, images and guid, in this order.
  init(_ row: borrowing Database.Row) throws(DatabaseError) {
    // The table allows no other state.
    state = ImportLedger.State(rawValue: row.text(0)) ?? .refused
    number = row.integerOrNil(1)
    modified = row.integer(2)
    published = row.integer(3)
    isSticky = row.integerOrNil(4).map { $0 != 0 }
    hash = row.blob(5)
    images = row.text(6)
    guid = row.text(7)
  }
}

extension Connection {
  /// What is remembered of the site that the operator calls `address`.
  func siteMemory(_ address: String) throws(NewsroomError) -> SiteMemory? {
    try guarded { (db) throws(DatabaseError) in
      try db.first(
        "SELECT site, root, modified, reconciled FROM import_site WHERE address = ?",
        .text(address)
      ) {
        SiteMemory(
          site: $0.text(0), root: $0.text(1), modified: $0.integer(2), reconciled: $0.integer(3))
      }
    }
  }

  func set(_ memory: SiteMemory, of address: String) throws(NewsroomError) {
    try guarded { (db) throws(DatabaseError) in
      try db.execute(
        """
        INSERT OR REPLACE INTO import_site (address, site, root, modified, reconciled)
        VALUES (?, ?, ?, ?, ?)
        """, .text(address), .text(memory.site), .text(memory.root), Value(memory.modified),
        Value(memory.reconciled))
    }
  }
}
