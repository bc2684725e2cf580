internal import Database
internal import FilProtocol

/// What the next sync would cost, before it is paid for.
public struct SyncCost: Sendable, Equatable {
  /// Bytes that would still come, HTTP headers aside.
  public var bytes = 0
  /// Records and bodies that come with them or have come with the answer; nil where the source did not
  /// say within its first bytes, or where the headlines have to come first, to know which bodies.
  public var headlines: Int?
  public var bodies: Int?
  /// At the rate of the last sync; nil when none is known.
  public var seconds: Double?
  /// What asking has cost: the bytes that came are kept, and are not paid for again.
  public var bytesSpent = 0

  /// The price at so much a megabyte (1,000,000 bytes).
  public func price(perMegabyte tariff: Double) -> Double { Double(bytes) * tariff / 1_000_000 }
}

extension Replica {
  /// Asks what the next sync would cost: one small request.
  ///
  /// What comes with the answer is kept in the spool, and the sync goes on behind it.
  public func cost(
    from source: any Source, _ options: SyncOptions = SyncOptions(),
    cancellation: Cancellation = Cancellation()
  ) throws(SyncFailure) -> SyncCost {
    var probe = options
    probe.probe = Replica.probeBytes
    let run = SyncRun(self, source, probe, cancellation) { _ in }
    var report = SyncReport()
    do { report = try run.run() } catch {
      // That the probe's bytes are used up is what was wanted.
      guard case .budgetSpent = error.error else { throw error }
      report = error.report
    }
    do { return try cost(report) } catch { throw SyncFailure(error: error, report: report) }
  }

  /// How much of an object a question brings: enough for its totals, and for the newest headlines.
  private static let probeBytes = 2_000

  private func cost(_ report: SyncReport) throws(FilError) -> SyncCost {
    var cost = SyncCost(bytesSpent: report.bytesReceived + report.bytesSent)
    let sizes: [Int: Int]
    do { sizes = try spoolSizes() } catch { throw .file(error) }
    for transfer in try transfers() {
      cost.bytes += max(0, transfer.total - (sizes[transfer.id] ?? 0))
    }
    let unread = try transfers().first { !$0.headlinesHeld }
    if let unread {
      var scanner = ObjectScanner(origin: key.name)
      scanner.push(try spooled(unread))
      if case .preamble(.delta(let preamble))? = try? scanner.next() {
        cost.headlines = preamble.totals.records
        // An object of headlines alone says nothing of the texts that are wanted besides.
        let asked = unread.resource?.selection?.wanted
        let wanted = try wanted().wanted
        cost.bodies =
          asked == Selection.Wanted.none && wanted != .none ? nil : preamble.totals.bodies
      }
    } else {
      cost.headlines = report.headlines
      cost.bodies = report.bodies + (try missingBodies().count)
    }
    if let rate = try lastRate(), rate > 0 { cost.seconds = Double(cost.bytes) / rate }
    return cost
  }

  /// Asks what the next sync would cost if `choice` were what is wanted; nothing is kept or changed.
  ///
  /// What the delta brings is exact. Bodies that were not wanted until now and are older than the
  /// replica's version are counted at three tenths of their length.
  public func cost(
    of choice: SectionChoice, from source: any Source, _ options: SyncOptions = SyncOptions(),
    cancellation: Cancellation = Cancellation()
  ) throws(FilError) -> SyncCost {
    let (state, masthead) = try look { (connection) throws(DatabaseError) in
      (try ReplicaState(connection), try connection.masthead())
    }
    let selection = try choice.selection(masthead)
    let older = try look { (connection) throws(DatabaseError) in
      try connection.missingBodies(selection)
    }
    let path = Resource.sync(
      from: state.version, selection.coded(options.codec), .volume(state.floor))
    var (cost, preamble) = try ask(path.path, state.signed, source, options.clock, cancellation)
    cost.headlines = preamble?.totals.records ?? 0
    cost.bodies = (preamble?.totals.bodies ?? 0) + older.count
    cost.bytes += older.reduce(0) { $0 + $1.length * 3 / 10 }
    if let rate = try lastRate(), rate > 0 { cost.seconds = Double(cost.bytes) / rate }
    return cost
  }

  /// The size and the preamble of the delta at `path`, without the rest.
  private func ask(
    _ path: String, _ held: SignedCheckpoint?, _ source: any Source, _ clock: SyncClock,
    _ cancellation: Cancellation
  ) throws(FilError) -> (SyncCost, DeltaPreamble?) {
    var request = SourceRequest(path: path)
    request.ifNoneMatch = held?.checkpoint.tag
    request.end = Replica.probeBytes - 1
    let found: Sample
    switch try sample(request, of: source, atMost: Replica.probeBytes, clock, cancellation) {
    case .success(let sample): found = sample
    case .failure(let error):
      throw error.kind == .cancelled ? .cancelled : .offline("\(source.name): \(error.detail)")
    }
    var cost = SyncCost(bytesSpent: found.traffic.received + found.traffic.sent)
    if found.head.status == 304 { return (cost, nil) }
    var scanner = ObjectScanner(origin: key.name)
    scanner.push(found.bytes)
    guard [200, 206].contains(found.head.status),
      let total = found.head.range?.total ?? found.head.length,
      case .preamble(.delta(let preamble))? = try? scanner.next()
    else { throw .offline("\(source.name): HTTP \(found.head.status), and no delta") }
    cost.bytes = total
    return (cost, preamble)
  }
}
