internal import Database
internal import FilProtocol

/// What syncs have cost and may cost, across restarts.
///
/// Days are those of the local clock, in UTC: what is spent while it is wrong counts for the days that
/// it names. The newest 400 days are kept.
public struct Spending: Sendable, Equatable {
  /// The most bytes that all syncs of a day, and of 30 days, may cost; nil: no bound.
  public var day: Int?
  public var month: Int?
  /// What they have cost so far.
  public var spentToday = 0
  public var spentThisMonth = 0

  /// What may still be spent now; nil: no bound.
  public var left: Int? {
    let bounds = [day.map { $0 - spentToday }, month.map { $0 - spentThisMonth }]
    return bounds.compactMap(\.self).min().map { max(0, $0) }
  }

  /// The bounds when `day` and `month` are given: 0 takes one away, what is not given stays.
  public func bounded(day: Int?, month: Int?) -> Spending {
    var new = self
    if let day { new.day = day == 0 ? nil : day }
    if let month { new.month = month == 0 ? nil : month }
    return new
  }

  static let migration = Migration(
    "budgets of a day and a month, the line's rate, and sources",
    """
    CREATE TABLE spending (
      day     INTEGER PRIMARY KEY,       -- days since 1970-01-01, UTC, by the local clock
      bytes   INTEGER NOT NULL           -- sent and received
    ) STRICT;
    ALTER TABLE replica ADD COLUMN day_budget INTEGER;    -- bytes; NULL: no bound
    ALTER TABLE replica ADD COLUMN month_budget INTEGER;
    ALTER TABLE replica ADD COLUMN rate REAL;             -- bytes per second, of the last sync that brought much
    CREATE TABLE source (
      name    TEXT    PRIMARY KEY,
      good    INTEGER NOT NULL DEFAULT 0,  -- seconds since 1970 of the last sync that ended well
      bad     INTEGER NOT NULL DEFAULT 0,  -- of the last one that did not
      reason  TEXT                         -- why it did not
    ) STRICT, WITHOUT ROWID;
    """)
}

extension Replica {
  /// What may be spent, and what has been, as of `now`, in seconds since 1970-01-01T00:00Z.
  public func spending(now: Int) throws(FilError) -> Spending {
    try read { (connection) throws(DatabaseError) in
      try connection.first(
        """
        SELECT day_budget, month_budget,
          (SELECT coalesce(sum(bytes), 0) FROM spending WHERE day = ?1),
          (SELECT coalesce(sum(bytes), 0) FROM spending WHERE day BETWEEN ?1 - 29 AND ?1)
        FROM replica
        """, Value(now / 86_400)
      ) { row throws(DatabaseError) in
        Spending(
          day: row.integerOrNil(0), month: row.integerOrNil(1), spentToday: row.integer(2),
          spentThisMonth: row.integer(3))
      } ?? Spending()
    }
  }

  /// Bounds what all syncs of a day, and of 30 days, may cost, in bytes; nil: no bound.
  public func setBudget(day: Int?, month: Int?) throws(FilError) {
    try commit { (connection) throws(DatabaseError) in
      try connection.execute(
        "UPDATE replica SET day_budget = ?, month_budget = ?", Value(day), Value(month))
    }
  }

  /// Adds `bytes` to what was spent on the day of `now`; less than nothing takes an estimate back.
  func spend(_ bytes: Int, now: Int) throws(FilError) {
    guard bytes != 0 else { return }
    try commit { (connection) throws(DatabaseError) in
      try connection.execute(
        """
        INSERT INTO spending (day, bytes) VALUES (?1, ?2)
        ON CONFLICT (day) DO UPDATE SET bytes = max(0, bytes + ?2)
        """, Value(now / 86_400), Value(bytes))
      // By number and not by date: a clock that is years ahead for an hour forgets nothing.
      try connection.execute(
        """
        DELETE FROM spending WHERE day NOT IN (
          SELECT day FROM spending ORDER BY day DESC LIMIT 400)
        """)
    }
  }

  /// Remembers how fast the line was, when a sync brought enough to tell.
  func rememberRate(_ report: SyncReport) throws(FilError) {
    guard report.bytesReceived >= 2_000, report.seconds > 0 else { return }
    let rate = Int(Double(report.bytesReceived) / report.seconds)
    try commit { (connection) throws(DatabaseError) in
      try connection.execute("UPDATE replica SET rate = ?", Value(rate))
    }
  }

  /// Bytes per second of the last sync that brought enough to tell.
  func lastRate() throws(FilError) -> Double? {
    try read { (connection) throws(DatabaseError) in
      try connection.first("SELECT CAST(rate AS INTEGER) FROM replica") {
        $0.integerOrNil(0).map(Double.init)
      } ?? nil
    }
  }
}
