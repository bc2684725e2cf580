internal import Database

/// The newsroom's store, `newsroom.db`.
enum Schema {
  static let migrations = [
    Migration(
      "the log, the bodies and what was signed",
      """
      CREATE TABLE change (
        version   INTEGER PRIMARY KEY,  -- 1, 2, 3 …: the length of the log with this change
        number    INTEGER NOT NULL,     -- of the article; 0: the masthead
        leaf      BLOB    NOT NULL CHECK (length(leaf) = 32),
        record    BLOB,                 -- as it was hashed; NULL once erased
        body      BLOB,                 -- 16 bytes of its hash; NULL: has none, or erased
        published INTEGER               -- seconds since 1970-01-01T00:00Z; NULL: no headline, or erased
      ) STRICT;
      CREATE INDEX change_by_number ON change (number, version);
      CREATE INDEX change_by_body ON change (body) WHERE body IS NOT NULL;

      CREATE TABLE body (
        hash BLOB PRIMARY KEY CHECK (length(hash) = 16),  -- the start of the text's SHA-256
        text TEXT NOT NULL                                -- CommonMark, NFC
      ) STRICT;

      CREATE TABLE signed (
        version INTEGER PRIMARY KEY,
        note    TEXT NOT NULL           -- the first checkpoint that was signed for it
      ) STRICT;

      CREATE TABLE head (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        note TEXT NOT NULL              -- of the newest version, with the newest time
      ) STRICT;

      CREATE TABLE volume_digest (
        volume  INTEGER NOT NULL,       -- number / 256
        version INTEGER NOT NULL,       -- signed, and the first at which the volume has the digest
        digest  BLOB    NOT NULL CHECK (length(digest) = 32),
        PRIMARY KEY (volume, version)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX volume_by_digest ON volume_digest (volume, digest);

      CREATE TABLE identity (
        name   BLOB PRIMARY KEY CHECK (length(name) = 16),  -- hash of 'id:…' or 'slug:…': an
        number INTEGER NOT NULL                             -- erased title leaves no slug behind
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE setting (
        name  TEXT PRIMARY KEY,         -- see `Setting`
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      """),
    Migration(
      "what was imported, and articles whose time has not come",
      """
      CREATE TABLE import_site (
        address    TEXT PRIMARY KEY,     -- as the operator gives it, without scheme and www.
        site       TEXT    NOT NULL,     -- as the site calls itself, likewise: for ever
        root       TEXT    NOT NULL,     -- where its API is
        modified   INTEGER NOT NULL,     -- the newest modification seen, seconds since 1970
        reconciled INTEGER NOT NULL      -- when all its numbers were compared, seconds since 1970
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE import_post (
        site      TEXT    NOT NULL,
        post      TEXT    NOT NULL,      -- what the site calls it
        state     TEXT    NOT NULL CHECK (state IN ('published', 'withdrawn', 'refused')),
        number    INTEGER,               -- NULL: it was never published
        modified  INTEGER NOT NULL,      -- as the site says, seconds since 1970; 0: it does not
        published INTEGER NOT NULL,      -- likewise
        sticky    INTEGER,               -- 0 or 1; NULL: the site does not say
        hash      BLOB    NOT NULL,      -- of what was made of it: a text that was mended here stays
        images    TEXT    NOT NULL,      -- numbers of the pictures in it: ' 12 15 '
        guid      TEXT    NOT NULL,      -- what a feed calls it; empty: it is in none
        PRIMARY KEY (site, post)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX import_post_by_guid ON import_post (site, guid);
      CREATE INDEX import_post_by_time ON import_post (site, published);

      CREATE TABLE import_section (
        site     TEXT    NOT NULL,
        category INTEGER NOT NULL,
        slug     TEXT    NOT NULL,       -- of the section, for ever; empty: it is no section
        name     TEXT    NOT NULL,
        une      INTEGER NOT NULL,       -- 1: what is in it is on the front page
        PRIMARY KEY (site, category)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE import_tag (
        site TEXT    NOT NULL,
        tag  INTEGER NOT NULL,
        name TEXT    NOT NULL,
        PRIMARY KEY (site, tag)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE held (
        name  BLOB PRIMARY KEY CHECK (length(name) = 16),  -- hash of its name, or of its place
        due   INTEGER NOT NULL,                            -- seconds since 1970
        draft TEXT    NOT NULL                             -- JSON
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX held_by_time ON held (due);
      """),
  ]
}

/// What a newsroom remembers of itself.
enum Setting: String {
  case origin
  /// The verifier key: what the key file must belong to.
  case key
  /// Where readers find the feed.
  case url
  /// A file, a URL, or `none`.
  case witness
  /// There while erased bytes may still be in the write-ahead log.
  case erasure
  /// The version of the newest change that erased something.
  case erased
  /// The witness's checkpoint of a history that was lost, once the operator has said so.
  case pardoned
}

extension Connection {
  func setting(_ name: Setting) throws(DatabaseError) -> String? {
    try first("SELECT value FROM setting WHERE name = ?", .text(name.rawValue)) { $0.text(0) }
  }

  /// Stores `value`; nil removes what was there.
  func set(_ name: Setting, _ value: String?) throws(DatabaseError) {
    if let value {
      try execute(
        "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", .text(name.rawValue),
        .text(value))
    } else {
      try execute("DELETE FROM setting WHERE name = ?", .text(name.rawValue))
    }
  }
}
