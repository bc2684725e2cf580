internal import Database
internal import FilProtocol

/// What the next sync would cost, before it is paid for.
public struct SyncCost: Sendable, Equatable {
  /// Bytes that would still come, HTTP headers aside.
  public var bytes = 0
  /// Records and bodies that come with them or have come with the answer; nil where the source did not
  /// say within its first bytes.
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
        cost.bodies = preamble.totals.bodies
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
    var (cost, preamble) = try ask(path.path, state.signed, source, cancellation)
    cost.headlines = preamble?.totals.records ?? 0
    cost.bodies = (preamble?.totals.bodies ?? 0) + older.count
    cost.bytes += older.reduce(0) { $0 + $1.length * 3 / 10 }
    if let rate = try lastRate(), rate > 0 { cost.seconds = Double(cost.bytes) / rate }
    try spend(cost.bytesSpent, now: options.clock.now())
    return cost
  }

  /// The size and the preamble of the delta at `path`, without the rest.
  private func ask(
    _ path: String, _ held: SignedCheckpoint?, _ source: any Source, _ cancellation: Cancellation
  ) throws(FilError) -> (SyncCost, DeltaPreamble?) {
    var request = SourceRequest(path: path)
    request.ifNoneMatch = held?.checkpoint.tag
    request.end = Replica.probeBytes - 1
    var head: SourceHead?
    var scanner = ObjectScanner(origin: key.name)
    var taken = 0
    var cost = SyncCost()
    do {
      let traffic = try source.fetch(
        request, cancellation: cancellation,
        onHead: {
          head = $0
          return [200, 206].contains($0.status)
        },
        onBytes: {
          taken += $0.count
          scanner.push($0)
          return taken < Replica.probeBytes
        })
      cost.bytesSpent = traffic.received + traffic.sent
    } catch {
      cost.bytesSpent = error.traffic.received + error.traffic.sent
      // A 304 has no bytes, and a source without ranges is told to stop: both are answers.
      guard error.kind == .stopped, head != nil else {
        throw error.kind == .cancelled ? .cancelled : .offline("\(source.name): \(error.detail)")
      }
    }
    guard let head, head.status != 304 else { return (cost, nil) }
    guard [200, 206].contains(head.status), let total = head.range?.total ?? head.length,
      case .preamble(.delta(let preamble))? = try? scanner.next()
    else { throw .offline("\(source.name): HTTP \(head.status), and no delta") }
    cost.bytes = total
    return (cost, preamble)
  }
}
