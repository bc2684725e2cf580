internal import Database
internal import FilProtocol

/// What became of one source of several.
public struct SourceAttempt: Sendable {
  public var source: String
  /// Nil: it ended well.
  public var error: FilError?
}

/// How a sync ended, by whatever program.
public struct PastSync: Sendable, Equatable {
  /// Seconds since 1970-01-01T00:00Z, by the local clock.
  public var time: Int
  public var source: String
  /// As of ``FilError/code``; nil: it ended well.
  public var code: String?
}

extension Replica {
  /// Syncs from the first of `sources` that can, those that worked last before the others.
  ///
  /// A source that is silent, behind, or not the newsroom's is put back and named by `onAttempt`;
  /// what it brought that was verified is kept, and bytes spooled from it are finished from the next
  /// when the object is the same. It ends at once where another source cannot help.
  @discardableResult
  public func sync(
    from sources: [any Source], _ options: SyncOptions = SyncOptions(),
    cancellation: Cancellation = Cancellation(),
    onAttempt: (SourceAttempt) -> Void = { _ in },
    onProgress: (SyncProgress) -> Void = { _ in }
  ) throws(SyncFailure) -> SyncReport {
    let ordered = try ordered(sources)
    var sum: SyncReport?
    var done: SyncReport?
    var last = SyncFailure(error: .usage("no source was given"), report: SyncReport())
    for (place, source) in ordered.enumerated() {
      var now = options
      // What one has cost is not to be spent again at the next.
      if let budget = options.budget, let sum {
        now.budget = max(0, budget - sum.bytesReceived - sum.bytesSent)
      }
      // While another may answer at once, none is waited for.
      if place < ordered.count - 1 { now.mostWait = 5 }
      do {
        let report = try sync(
          from: source, now, cancellation: cancellation, onProgress: onProgress)
        onAttempt(SourceAttempt(source: source.name, error: nil))
        let all = sum?.followed(by: report) ?? report
        // What a reader asked for, and this source lacks, another may have.
        guard report.openWishes > 0, !options.headlinesOnly else { return all }
        sum = all
        done = all
      } catch {
        onAttempt(SourceAttempt(source: source.name, error: error.error))
        let all = sum?.followed(by: error.report) ?? error.report
        sum = all
        last = SyncFailure(error: error.error, report: all)
        if error.error.mayBeBetterElsewhere { continue }
        // A sync that has ended well stays one.
        guard done != nil, error.error != .cancelled else { throw last }
        break
      }
    }
    guard let done, var report = sum else { throw last }
    report.complete = done.complete
    return report
  }

  /// The names of the sources that a sync was tried from, those that worked last first.
  public func knownSources() throws(FilError) -> [String] {
    try read { (connection) throws(DatabaseError) in
      try connection.query("SELECT name FROM source ORDER BY good DESC, bad, name") { $0.text(0) }
    }
  }

  /// The newest sync of this replica that is remembered: that ended well, or failed by its source's
  /// fault; nil: there is none.
  public func lastSync() throws(FilError) -> PastSync? {
    try read { (connection) throws(DatabaseError) in
      try connection.first(
        """
        SELECT max(good, bad) AS time, name, CASE WHEN bad > good THEN reason END FROM source
        WHERE time > 0 ORDER BY time DESC, bad LIMIT 1
        """
      ) { row throws(DatabaseError) in
        PastSync(time: row.integer(0), source: row.text(1), code: row.textOrNil(2))
      }
    }
  }

  /// `sources`, the one that worked last first, those that failed since last.
  func ordered(_ sources: [any Source]) throws(SyncFailure) -> [any Source] {
    let known: [String: (good: Int, bad: Int)]
    do {
      let rows = try read { (connection) throws(DatabaseError) in
        try connection.query("SELECT name, good, bad FROM source") { row throws(DatabaseError) in
          (row.text(0), row.integer(1), row.integer(2))
        }
      }
      known = Dictionary(
        rows.map { ($0.0, (good: $0.1, bad: $0.2)) }, uniquingKeysWith: { first, _ in first })
    } catch { throw SyncFailure(error: error, report: SyncReport()) }
    func rank(_ source: any Source) -> Int {
      guard let record = known[source.name] else { return 0 }
      return record.bad > record.good ? -record.bad : record.good
    }
    return sources.enumerated().sorted {
      (rank($0.element), -$0.offset) > (rank($1.element), -$1.offset)
    }.map(\.element)
  }

  /// Remembers how a sync from `source` ended; what was not its fault only makes it known.
  func remember(_ source: String, error: FilError?, now: Int) throws(FilError) {
    let fault = error?.mayBeBetterElsewhere ?? false ? error : nil
    try commit { (connection) throws(DatabaseError) in
      try connection.execute(
        """
        INSERT INTO source (name, good, bad, reason) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (name) DO UPDATE SET
          good = max(good, ?2), bad = max(bad, ?3), reason = coalesce(?4, reason)
        """, Value(source), Value(error == nil ? now : 0), Value(fault == nil ? 0 : now),
        Value(fault?.code))
    }
  }
}

extension FilError {
  /// Whether another source may do better.
  var mayBeBetterElsewhere: Bool {
    switch self {
    case .offline, .untrusted, .malformed, .behind, .notFound: true
    default: false
    }
  }
}
