internal import Database
internal import FilProtocol
internal import Files

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
  private var polls = 0
  /// A sync shortly before this one has asked for the head: what it left unfinished comes first.
  private var putsOffPoll = false
  /// The small object that was fetched last; nil: it did not come.
  var whole: [UInt8]?
  /// The objects of bodies that were read to their end.
  var finished: Set<String> = []
  /// Articles whose bodies this source does not have.
  var lacking: Set<Int> = []
  /// Where the object that is being read was found damaged last.
  var damagedAt = Int.max
  /// How often something was found damaged in this sync, and how often that is put up with.
  var damages = 0
  static let patienceWithDamage = 64
  /// The codec that this source is asked for.
  var codec: Codec
  /// Whether this source is asked for the order that the reader wants.
  var asksForOrder = true
  /// The most bytes that this sync may cost: what was asked for, and what days and months leave.
  private var budget: Int?
  /// Bytes of this sync that the replica has on its account.
  private var accounted = 0
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
    codec = options.codec
    started = options.clock.monotonic()
  }

  func run() throws(SyncFailure) -> SyncReport {
    var failure: FilError?
    do {
      // Held until the report is made: what it tidies up is nobody else's.
      failure = try replica.alone {
        var failure: FilError?
        do throws(FilError) { try sync() } catch { failure = error }
        do throws(FilError) {
          try close(failure == nil)
          if options.remembers {
            try replica.remember(source.name, error: failure, now: options.clock.now())
          }
        } catch { failure = failure ?? error }
        return failure
      }
    } catch { failure = error }
    if let failure { throw SyncFailure(error: failure, report: report) }
    return report
  }

  private func sync() throws(FilError) {
    let state = try replica.state()
    report.from = state.version
    let sincePoll = options.clock.now() - state.polled
    putsOffPoll = (0..<Self.pollsAgain).contains(sincePoll) && !options.headlinesOnly
    let left = try replica.spending(now: options.clock.now()).left
    // Bounded, so that no sum of it leaves an Int.
    budget =
      source.isLocal
      ? nil : [options.budget, left].compactMap(\.self).min().map { min($0, 1 << 50) }
    try replica.removeStraySpools()
    try replica.finishErasures()
    try choose()
    try order()
    try mend()
    while try step() {}
    try extend()
    while try step() {}
    try nameHoles()
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
          bodies_at = CASE WHEN version = 0 THEN bodies_at ELSE NULL END WHERE sections <> ?1
        """, Value(choice.text))
    }
  }

  /// Takes what comes first from now on.
  private func order() throws(FilError) {
    guard let first = options.first else { return }
    for slug in first where !Selection.isSlug(slug) {
      throw .usage("\(slug): not a section's name")
    }
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.execute(
        "UPDATE replica SET first = ?1 WHERE first <> ?1", Value(first.joined(separator: ",")))
    }
  }

  /// `selection` as this source can be asked for it.
  func asked(_ selection: Selection) -> Selection {
    (asksForOrder ? selection : selection.preferring([])).coded(codec)
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
      if putsOffPoll, let oldest = transfers.first(where: \.isStream) {
        let (missing, wishes) = (try replica.missingBodies(), try replica.openWishes())
        if !missing.isEmpty, wishes.isEmpty {
          try download(oldest)
          return true
        }
      }
      try poll(state, transfers)
      return true
    }
    if options.headlinesOnly { return false }
    if try grantWish() { return true }
    let missing = try obtainable()
    // What is still on its way then is not wanted any more.
    guard !missing.isEmpty else { return false }
    if let oldest = transfers.first(where: \.isStream) {
      try download(oldest)
      return true
    }
    if let at = state.bodiesAt, at < state.version {
      let selection = asked(try replica.wanted().on(.bodies))
      let path = Resource.delta(
        from: at, to: state.version, selection, floor: state.floor
      ).path
      try open(SourceRequest(path: path), base: at)
    } else {
      try fill(missing, state)
    }
    return true
  }

  /// Seconds after which a sync that was cut asks for the head again before it goes on: a line that
  /// lives for seconds would spend itself on asking.
  private static let pollsAgain = 600

  /// Asks for the head, and takes what has changed.
  private func poll(_ state: ReplicaState, _ transfers: [Transfer]) throws(FilError) {
    let missing = state.version == 0 ? [] : try replica.missingBodies()
    let wanted = try replica.wanted()
    // What a reader asked for comes before the bodies that an object with headlines would bring.
    let isAsked = try !replica.openWishes().isEmpty
    let headlinesFirst =
      options.headlinesOnly || isAsked || !transfers.isEmpty
      || state.version == 0
        && (wanted.isByName || !wanted.levels.isEmpty || state.bodiesAt == nil)
    let selection = headlinesFirst ? Selection.none : !missing.isEmpty ? wanted.on(.bare) : wanted
    var floor = Resource.Floor.volume(state.floor)
    if state.version == 0, let days = options.days { floor = .days(min(max(days, 1), 3_650)) }
    var request = SourceRequest(
      path: Resource.sync(from: state.version, asked(selection), floor).path)
    if selection.wanted == .none || transfers.isEmpty && missing.isEmpty, let held = state.signed {
      request.ifNoneMatch = held.checkpoint.tag
    }
    polled = true
    polls += 1
    try open(request, base: state.version)
  }

  /// What was to bring the head is gone: asks for the head anew, a few times.
  func pollAgain() throws(FilError) {
    guard polls < 3 else { throw .offline("\(source.name): what it offers is gone at once") }
    polled = false
  }

  /// A source has said what its head is.
  func notePoll() throws(FilError) {
    let now = options.clock.now()
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.execute("UPDATE replica SET polled = ?", Value(now))
    }
  }

  /// The head was reached without asking for a delta.
  func skipPoll() { polled = true }

  /// Fetches older volumes until the days asked for are covered.
  private func extend() throws(FilError) {
    guard let days = options.days.map({ min($0, 3_650) }) else { return }
    while try replica.lacks(days: days) { try lowerFloor() }
  }

  /// Ends the sync: counts what it cost, and drops what only it needed.
  private func close(_ good: Bool) throws(FilError) {
    report.seconds = options.clock.monotonic() - started
    let (received, sent) = (report.bytesReceived, report.bytesSent)
    let (now, name) = (options.clock.now(), source.name)
    let settled = try replica.settle()
    try replica.finishErasures()
    try account(ahead: 0)
    if options.probe == nil { try replica.rememberRate(report) }
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
    report.openWishes = try replica.openWishes().count
    report.complete = good && settled && state.version > 0
  }

  /// Puts what this sync has spent on the replica's account, with `ahead` bytes that a request under
  /// way will have cost: what a kill hides is then no more than ``accountStep``.
  func account(ahead: Int) throws(FilError) {
    let spent = report.bytesReceived + report.bytesSent + ahead
    try replica.spend(spent - accounted, now: options.clock.now())
    accounted = spent
  }

  /// How many bytes may arrive before they are put on the account.
  static let accountStep = 8_192

  /// Bytes that the budget still allows; nil: no bound.
  var remaining: Int? {
    budget.map { $0 - report.bytesReceived - report.bytesSent }
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
