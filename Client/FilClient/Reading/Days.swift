internal import Database

/// A day, in UTC, and how many articles were published on it.
public struct PublishedDay: Sendable, Equatable {
  /// Seconds since 1970-01-01T00:00Z of its midnight.
  public let start: Int
  public let articles: Int

  public static let seconds = 86_400
}

extension Replica {
  /// When the newest article that is older than `time` was published; nil: there is none.
  ///
  /// Both are seconds since 1970-01-01T00:00Z.
  public func published(before time: Int = .max) throws(FilError) -> Int? {
    try read { (connection) throws(DatabaseError) in
      try connection.first(
        """
        SELECT published FROM article WHERE published < ? AND kind IN (1, 2)
        ORDER BY published DESC LIMIT 1
        """, Value(time)
      ) { $0.integer(0) }
    }
  }

  /// The days of `range`, in seconds since 1970-01-01T00:00Z, on which articles were published, newest
  /// first.
  public func days(in range: Range<Int>) throws(FilError) -> [PublishedDay] {
    try read { (connection) throws(DatabaseError) in
      try connection.query(
        """
        SELECT published / 86400 AS day, count(*) FROM article
        WHERE published >= ? AND published < ? AND kind IN (1, 2) GROUP BY day ORDER BY day DESC
        """, Value(range.lowerBound), Value(range.upperBound)
      ) { row throws(DatabaseError) in
        PublishedDay(start: row.integer(0) * PublishedDay.seconds, articles: row.integer(1))
      }
    }
  }
}
