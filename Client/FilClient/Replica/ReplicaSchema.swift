internal import Database

/// The replica's file, which any sqlite3 can read while a sync goes on.
///
/// Readers use `article`, `body`, `tag` and `search`; the rest is the sync's own.
enum ReplicaSchema {
  static let migrations = [
    Migration(
      "articles, their texts, and what proves them",
      """
      CREATE TABLE replica (
        only        INTEGER PRIMARY KEY CHECK (only = 1),
        origin      TEXT    NOT NULL,              -- the feed, checked at every open
        key         TEXT    NOT NULL,              -- the verifier key it was made with
        version     INTEGER NOT NULL DEFAULT 0,    -- of the state that is held
        note        BLOB,                          -- the newest checkpoint of that version
        highest     BLOB,                          -- the note of the highest version of which a record was committed
        floor       INTEGER NOT NULL DEFAULT 0,    -- the oldest volume held
        path        BLOB    NOT NULL DEFAULT x'',  -- of the masthead, while the floor is above 0
        sections    TEXT    NOT NULL DEFAULT 'all',-- all, none, or the slugs asked for, by commas
        bodies_at   INTEGER DEFAULT 0,             -- the version at which all wanted bodies are held; NULL: with holes
        received    INTEGER NOT NULL DEFAULT 0,    -- bytes, all syncs together
        sent        INTEGER NOT NULL DEFAULT 0,
        synced      INTEGER,                       -- seconds since 1970, local clock, of the last sync that ended well
        source      TEXT                           -- of the last sync
      ) STRICT;

      CREATE TABLE volume (
        volume      INTEGER PRIMARY KEY,
        digest      BLOB    NOT NULL
      ) STRICT;

      CREATE TABLE article (
        number      INTEGER PRIMARY KEY,           -- 0: the masthead
        version     INTEGER NOT NULL,              -- at which the record was appended
        kind        INTEGER NOT NULL,              -- 1 headline, 2 retraction, 3 masthead, 0 not readable by this program
        published   INTEGER,                       -- seconds since 1970-01-01T00:00Z, as the next ones
        updated     INTEGER,
        retracted   INTEGER,
        reason      TEXT,
        title       TEXT,
        summary     TEXT,
        section     TEXT,
        tags        TEXT,                          -- JSON array
        author      TEXT,
        language    TEXT,
        flags       INTEGER,                       -- 1 urgent, 2 À la Une
        note        TEXT,
        body        BLOB,                          -- hash of the current body
        length      INTEGER,                       -- of it, in bytes; 0: there is none
        shown       BLOB,                          -- hash of the body that readers see: the current or the one before
        erased      INTEGER NOT NULL,
        record      BLOB    NOT NULL
      ) STRICT;
      CREATE INDEX article_by_time ON article (published DESC, number DESC);
      CREATE INDEX article_by_section ON article (section, published DESC);
      CREATE INDEX article_by_body ON article (body);
      CREATE INDEX article_by_shown ON article (shown);
      CREATE INDEX article_without_body ON article (number)
        WHERE kind = 1 AND length > 0 AND shown IS NOT body;

      CREATE TABLE tag (
        tag         TEXT    NOT NULL,
        number      INTEGER NOT NULL,
        PRIMARY KEY (tag, number)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX tag_by_number ON tag (number);

      CREATE TABLE body (
        hash        BLOB    PRIMARY KEY,
        text        TEXT    NOT NULL               -- CommonMark
      ) STRICT;

      CREATE VIEW article_text AS
        SELECT number, title, summary, coalesce(text, '') AS body
        FROM article LEFT JOIN body ON hash = shown WHERE kind = 1;

      CREATE VIRTUAL TABLE search USING fts5 (
        title, summary, body, content = 'article_text', content_rowid = 'number',
        tokenize = 'unicode61 remove_diacritics 2'
      );

      CREATE TABLE superseded (
        number      INTEGER NOT NULL,
        version     INTEGER NOT NULL,
        record      BLOB    NOT NULL,
        PRIMARY KEY (number, version)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE transfer (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,  -- its spool is the file REPLICA-spool-<id>
        path        TEXT    NOT NULL,              -- the object's own name
        tag         TEXT    NOT NULL,              -- its entity tag; empty: none was given
        total       INTEGER NOT NULL,              -- its size in bytes
        base        INTEGER NOT NULL,              -- V
        target      INTEGER NOT NULL,              -- N, once it is known; else 0
        headlines   INTEGER NOT NULL,              -- 1: all of them are committed, or it has none
        damaged     INTEGER NOT NULL DEFAULT 0     -- how often it was found damaged
      ) STRICT;

      CREATE TABLE erasure (
        number      INTEGER NOT NULL,              -- whose bytes are still to be cleaned from the file
        version     INTEGER NOT NULL,
        PRIMARY KEY (number, version)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE damaged (
        volume      INTEGER PRIMARY KEY            -- whose records were found damaged, and are to be fetched again
      ) STRICT;

      CREATE TABLE fork (
        found       INTEGER NOT NULL,              -- seconds since 1970, local clock
        held        BLOB    NOT NULL,              -- two notes of one version
        offered     BLOB    NOT NULL
      ) STRICT;
      """),
    Spending.migration,
    RelayHistory.migration,
    Wish.migration,
    Replica.listings,
    Migration(
      "sections whose bodies come first, and when the head was asked for",
      """
      -- Slugs by commas, the most important first.
      ALTER TABLE replica ADD COLUMN first TEXT NOT NULL DEFAULT '';
      -- Seconds since 1970, local clock, at which a source last said what its head is.
      ALTER TABLE replica ADD COLUMN polled INTEGER NOT NULL DEFAULT 0;
      """),
  ]
}
