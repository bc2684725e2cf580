internal import FilProtocol

/// What the next sync would cost, before it is paid for.
public struct SyncCost: Sendable, Equatable {
  /// Bytes that would still come, HTTP headers aside.
  public var bytes = 0
  /// Records and bodies in them; nil where the source did not say before its first bytes.
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
      let spool = try spooled(transfer)
      cost.bytes += max(0, transfer.total - (sizes[transfer.id] ?? 0))
      var scanner = ObjectScanner(origin: key.name)
      scanner.push(spool)
      guard let piece = try? scanner.next(), case .preamble(let preamble) = piece else { continue }
      cost.headlines =
        (cost.headlines ?? 0) + (transfer.headlinesHeld ? 0 : preamble.totals.records)
      cost.bodies = (cost.bodies ?? 0) + preamble.totals.bodies
    }
    if cost.bytes == 0 {
      cost.headlines = 0
      cost.bodies = 0
    }
    if let rate = try lastRate(), rate > 0 { cost.seconds = Double(cost.bytes) / rate }
    return cost
  }
}
