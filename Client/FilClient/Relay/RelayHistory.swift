internal import Database
internal import FilProtocol

/// What a replica remembers of its past, so that it can hand on deltas.
///
/// That is the heads at which it stood, and which body each number named before it was touched;
/// texts of the past are not kept.
///
/// Two heads that it remembers are of one log: a head that was reached by comparing digests, which
/// may be that of a restored newsroom, is the first of a new memory.
enum RelayHistory {
  /// How many heads are remembered.
  static let heads = 500

  static let migration = Migration(
    "what a replica hands on: its heads, and what it held at them",
    """
    CREATE TABLE stood (
      version     INTEGER PRIMARY KEY,           -- a head at which the replica stood
      note        BLOB    NOT NULL               -- its checkpoint, as it came first
    ) STRICT;
    INSERT INTO stood SELECT version, note FROM replica WHERE note IS NOT NULL;

    CREATE TABLE past (
      number      INTEGER NOT NULL,
      version     INTEGER NOT NULL,              -- of the record that was superseded
      next        INTEGER NOT NULL,              -- of the one that superseded it
      section     TEXT    NOT NULL,
      body        BLOB,                          -- hash of the body that it named; NULL: none
      PRIMARY KEY (number, version)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE volume ADD COLUMN changed INTEGER; -- the head at which the digest changed last; NULL: not known
    UPDATE volume SET changed = (SELECT version FROM replica);

    CREATE INDEX article_erased ON article (erased) WHERE erased > 0;
    CREATE INDEX article_by_version ON article (version);
    """)
}

extension Connection {
  /// Remembers that the replica stands at `signed`, and forgets what lies too far back.
  func stand(at signed: SignedCheckpoint) throws(DatabaseError) {
    try execute(
      "INSERT OR IGNORE INTO stood (version, note) VALUES (?, ?)",
      Value(signed.checkpoint.version), Value(signed.note))
    try execute(
      """
      DELETE FROM stood WHERE version <= (
        SELECT version FROM stood ORDER BY version DESC LIMIT 1 OFFSET ?)
      """, Value(RelayHistory.heads))
    try execute("DELETE FROM past WHERE next <= (SELECT min(version) FROM stood)")
  }

  /// Forgets all heads: what comes next need not be of the same log.
  func forgetHeads() throws(DatabaseError) {
    try execute("DELETE FROM stood")
    try execute("DELETE FROM past")
  }

  /// Remembers which body `old` named, now that a record of `version` takes its place.
  func supersede(_ old: Record, by version: Int) throws(DatabaseError) {
    let headline = old.headline.flatMap { $0.length > 0 ? $0 : nil }
    try execute(
      """
      INSERT OR REPLACE INTO past (number, version, next, section, body) VALUES (?, ?, ?, ?, ?)
      """, Value(old.number), Value(old.version), Value(version), Value(headline?.section ?? ""),
      Value(headline?.body.bytes))
  }
}
