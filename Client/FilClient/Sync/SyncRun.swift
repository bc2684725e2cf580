internal import Database
internal import FilProtocol
internal import Files
internal import HTTP

/// One sync, from the lock to the report: what to do next is decided anew from the replica's state,
/// so a sync that was killed and one that goes on are the same code.
///
/// Used by one thread.
final class SyncRun {
  let replica: Replica
  let source: any Source
  let options: SyncOptions
  let cancellation: Cancellation
  let onProgress: (SyncProgress) -> Void
  let started: Double
  var report = SyncReport()
  /// The head has been asked for in this sync.
  private var polled = false
  /// The small object that was fetched last.
  var whole: [UInt8] = []
  /// The preamble of the delta that is being read, and all digests at its head.
  var reading: (preamble: DeltaPreamble, digests: [Digest])?

  /// The largest object that is read as a whole: the records of one volume, stored.
  static let wholeBytes = Limits.volume * Limits.recordBytes + 65_536

  init(
    _ replica: Replica, _ source: any Source, _ options: SyncOptions,
    _ cancellation: Cancellation, _ onProgress: @escaping (SyncProgress) -> Void
  ) {
    self.replica = replica
    self.source = source
    self.options = options
    self.cancellation = cancellation
    self.onProgress = onProgress
    started = options.clock.monotonic()
  }

  func run() throws(SyncFailure) -> SyncReport {
    var failure: FilError?
    do { try sync() } catch { failure = error }
    do { try close(failure == nil) } catch { failure = failure ?? error }
    if let failure { throw SyncFailure(error: failure, report: report) }
    return report
  }

  private func sync() throws(FilError) {
    let lock: FileLock?
    do { lock = try FileLock.tryLock(replica.path + "-lock") } catch { throw .file(error) }
    guard let lock else { throw .busy }
    report.from = try replica.state().version
    try replica.removeStraySpools()
    try replica.finishErasures()
    try choose()
    try mend()
    while try step() {}
    try extend()
    while try step() {}
    _ = consume lock
  }

  /// Takes the choice of this sync; one that wants more leaves holes to be filled.
  private func choose() throws(FilError) {
    guard let choice = options.choice else { return }
    if case .sections(let slugs) = choice {
      do { _ = try Selection(sections: slugs) } catch {
        throw .usage("\(error.field): not a section's name")
      }
    }
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.execute(
        """
        UPDATE replica SET sections = ?1,
          bodies_at = CASE WHEN version = 0 THEN 0 ELSE NULL END WHERE sections <> ?1
        """, Value(choice.text))
    }
  }

  /// Does the next thing; false when there is none.
  private func step() throws(FilError) -> Bool {
    if cancellation.isCancelled { throw .cancelled }
    let state = try replica.state()
    let transfers = try replica.transfers()
    if let unfinished = transfers.first(where: { !$0.headlinesHeld && $0.isDelta }) {
      try download(unfinished)
      return true
    }
    if !polled {
      try poll(state, transfers)
      return true
    }
    if let oldest = transfers.first(where: \.isStream) {
      try download(oldest)
      return true
    }
    let missing = try replica.missingBodies()
    guard !missing.isEmpty else { return false }
    if let at = state.bodiesAt, at < state.version {
      let selection = try replica.wanted().on(.bodies)
      let path = Resource.delta(
        from: at, to: state.version, selection, floor: state.floor
      ).path
      try open(SourceRequest(path: path), base: at)
    } else {
      try fill(missing, state)
    }
    return true
  }

  /// Asks for the head, and takes what has changed.
  private func poll(_ state: ReplicaState, _ transfers: [Transfer]) throws(FilError) {
    let missing = state.version == 0 ? [] : try replica.missingBodies()
    let wanted = try replica.wanted()
    let selection =
      !transfers.isEmpty || state.version == 0 && wanted.isByName
      ? Selection.none : !missing.isEmpty ? wanted.on(.bare) : wanted
    var floor = Resource.Floor.volume(state.floor)
    if state.version == 0, let days = options.days { floor = .days(min(max(days, 1), 3_650)) }
    var request = SourceRequest(
      path: Resource.sync(from: state.version, selection, floor).path)
    if transfers.isEmpty, missing.isEmpty, let held = state.signed {
      request.ifNoneMatch = held.checkpoint.tag
    }
    polled = true
    try open(request, base: state.version)
  }

  /// Fetches older volumes until the days asked for are covered.
  private func extend() throws(FilError) {
    guard let days = options.days else { return }
    while try replica.lacks(days: days) { try lowerFloor() }
  }

  /// Ends the sync: counts what it cost, and drops what only it needed.
  private func close(_ good: Bool) throws(FilError) {
    report.seconds = options.clock.monotonic() - started
    let (received, sent) = (report.bytesReceived, report.bytesSent)
    let (now, name) = (options.clock.now(), source.name)
    let settled = try replica.settle()
    if settled { try replica.finishErasures() }
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.execute(
        "UPDATE replica SET received = received + ?, sent = sent + ?, source = ?", Value(received),
        Value(sent), Value(name))
      if good { try connection.execute("UPDATE replica SET synced = ?", Value(now)) }
    }
    let state = try replica.state()
    report.to = state.version
    report.signed = state.signed?.checkpoint.time
    report.missingBodies = try replica.missingBodies().count
    report.complete = good && settled && state.version > 0
  }

  /// Bytes that the budget still allows; nil: no bound.
  var remaining: Int? {
    options.budget.map { $0 - report.bytesReceived - report.bytesSent }
  }
}

extension Selection {
  /// Whether it depends on what the masthead says of sections.
  var isByName: Bool { if case .sections = wanted { true } else { false } }
}

extension Transfer {
  /// Whether it is read while it arrives, and gone on with whenever there is a sync.
  var isStream: Bool {
    if case .bodies = resource { true } else { isDelta }
  }

  var isDelta: Bool {
    switch resource {
    case .delta, .sync: true
    default: false
    }
  }
}
