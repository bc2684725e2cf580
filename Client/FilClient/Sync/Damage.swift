internal import FilProtocol
internal import Files

/// What the bytes that came turn out to be.
extension SyncRun {
  /// Commits every part that is complete.
  func process(_ exchange: Exchange) {
    do {
      while var transfer = exchange.transfer, let part = try exchange.assembly?.next() {
        let ended = try commit(part, &transfer)
        if transfer.damaged > 0, !ended, exchange.assembly?.offset ?? 0 > damagedAt {
          // What was damaged is good now: the next damage is another one.
          transfer.damaged = 0
          try replica.update(transfer)
        }
        exchange.transfer = transfer
        if ended {
          exchange.ended = true
          return
        }
      }
    } catch {
      exchange.failure = blame(error, exchange)
    }
  }

  /// What a failed read means for its transfer; nil: it goes on.
  func blame(_ error: any Error, _ exchange: Exchange) -> FilError? {
    guard let transfer = exchange.transfer else { return .damaged("transfer") }
    do throws(FilError) {
      switch error {
      case ReadError<FilError>.missing:
        // A context that is not held: the bodies will be fetched without it.
        try replica.abandon(transfer)
        exchange.ended = true
        return nil
      case let error as ReadError<FilError>: return try judge(FilError(error), transfer, exchange)
      case let error as FilError: return try judge(error, transfer, exchange)
      default: return .damaged("transfer")
      }
    } catch { return error }
  }

  /// Tells damage on the line, a wrong source and trouble on this side apart.
  private func judge(
    _ fault: FilError, _ begun: Transfer, _ exchange: Exchange
  ) throws(FilError) -> FilError? {
    guard fault.isOfSource else { return fault }
    var transfer = begun
    if fault.mayBeDamage {
      // What is read is laid over what is held: that may be what is wrong.
      if !transfer.headlinesHeld, transfer.isDelta, let place = try replica.damagedRecords() {
        return .damaged(place)
      }
      // Bytes that a line has changed: first the damaged piece again, then all of it, then no more.
      transfer.damaged += 1
      damages += 1
      if transfer.damaged < 3, damages <= SyncRun.patienceWithDamage {
        let place = exchange.assembly?.offset ?? 0
        let offset = transfer.damaged == 1 ? place : 0
        // Only what lay in the middle of good bytes is forgotten once it is mended.
        damagedAt = offset == 0 ? Int.max : place
        exchange.stopped = true
        try restart(transfer, at: offset, exchange)
        return nil
      }
    }
    if case .untrusted(TrustError(.forked, "")) = fault { try keepFork(exchange.spool) }
    try replica.abandon(transfer)
    if case .malformed(FormatError(.wrongMagic, "")) = fault {
      return .offline("\(source.name): a portal or a proxy answers in its place")
    }
    return fault
  }

  /// Ends what is complete: a small object is handed on, a stream that stopped short is damaged.
  func finishWhole(_ exchange: Exchange) throws(FilError) {
    guard let transfer = exchange.transfer, !exchange.ended, exchange.failure == nil,
      let size = exchange.spool?.size, size == transfer.total
    else { return }
    guard transfer.isStream else {
      guard size <= SyncRun.wholeBytes else {
        throw .malformed(FormatError(.overLimit, transfer.path))
      }
      do { whole = try exchange.spool?.read(at: 0, count: size) } catch {
        throw .file(error)
      }
      exchange.ended = true
      return
    }
    let short = ReadError<FilError>.format(FormatError(.truncated, "object"))
    if let fault = blame(short, exchange) { throw fault }
  }
}
