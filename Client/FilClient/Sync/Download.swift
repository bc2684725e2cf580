internal import Database
internal import FilProtocol
internal import Files

/// What has happened to one request, seen from inside its callbacks.
private struct Exchange: ~Copyable {
  var transfer: Transfer?
  var spool: AppendFile?
  var assembly: Assembly?
  var failure: FilError?
  /// Bytes at the start of the answer that are here already.
  var skip = 0
  /// Answered without an object: 304, or a status that says no.
  var status = 0
  var retryAfter: Int?
  /// Bytes that are new here.
  var arrived = 0
  /// Bytes of this answer, and how many of them are on the account.
  var taken = 0
  var accounted = 0
  /// Bytes of the answer that the budget still allows; nil: no bound.
  var allowance: Int?
  /// What comes next does not belong behind the spool.
  var stopped = false
  var ended = false
}

extension SyncRun {
  /// A connection's share of a request and its answer's head: what a budget keeps aside for them.
  static let overhead = 700
  /// With less than this nothing is asked for.
  static let leastBudget = overhead + 300

  /// Asks for an object by a path, without anything of it here.
  func open(_ request: SourceRequest, base: Int) throws(FilError) {
    try follow(request, nil, base: base)
  }

  /// Goes on with an object of which some bytes are here.
  func download(_ transfer: Transfer) throws(FilError) {
    try follow(SourceRequest(path: transfer.path), transfer, base: transfer.base)
  }

  /// Requests until the object is complete, the source says no, or patience is at its end.
  private func follow(
    _ first: SourceRequest, _ begun: Transfer?, base: Int
  ) throws(FilError) {
    var exchange = Exchange()
    if let begun { try resume(begun, &exchange) }
    var idle = 0
    while !exchange.ended {
      if cancellation.isCancelled { throw .cancelled }
      let before = exchange.arrived
      let offline = try ask(first, base: base, &exchange)
      if let failure = exchange.failure { throw failure }
      if exchange.ended { return }
      if exchange.status != 0 {
        return try refused(
          status: exchange.status, path: first.path, transfer: exchange.transfer)
      }
      idle = exchange.arrived > before ? 0 : idle + 1
      guard idle < options.patience else { throw .offline(offline ?? source.name) }
      if idle > 0 || exchange.retryAfter != nil { wait(idle, exchange.retryAfter) }
    }
  }

  /// Full jitter, and only while nothing arrives.
  private func wait(_ idle: Int, _ retryAfter: Int?) {
    let bound = min(300, Double(1 << min(idle, 9)))
    let seconds = retryAfter.map { Double(min($0, 3_600)) } ?? bound * options.clock.random()
    options.clock.sleep(seconds, cancellation)
  }

  /// Opens the spool of `transfer` and reads what is in it.
  private func resume(_ transfer: Transfer, _ exchange: inout Exchange) throws(FilError) {
    exchange.transfer = transfer
    exchange.assembly = try assembly(transfer)
    do {
      exchange.spool = try AppendFile(replica.spoolPath(transfer.id), mode: 0o600)
      var at = 0
      while let bytes = try exchange.spool?.read(at: at, count: 65_536), !bytes.isEmpty {
        at += bytes.count
        exchange.assembly?.push(bytes)
        process(&exchange)
        if exchange.failure != nil || exchange.ended { break }
      }
    } catch { throw .file(error) }
    if let failure = exchange.failure { throw failure }
    try finishWhole(&exchange)
  }

  private func assembly(_ transfer: Transfer) throws(FilError) -> Assembly {
    let holdings = ReplicaHoldings(replica: replica)
    let state = try replica.state()
    switch transfer.resource {
    case .delta(let from, _, let selection, let floor):
      return Assembly(
        delta: try request(transfer, from, selection, floor, state), holdings)
    case .sync(let from, let selection, let floor):
      let volume: Int? = if case .volume(let volume) = floor { volume } else { nil }
      return Assembly(delta: try request(transfer, from, selection, volume, state), holdings)
    case .bodies(let volume, let digest, let selection):
      return Assembly(
        bodiesOf: volume, digest, selection, version: transfer.target, origin: replica.key.name,
        holdings)
    default: return Assembly()
    }
  }

  private func request(
    _ transfer: Transfer, _ from: Int, _ selection: Selection, _ floor: Int?, _ state: ReplicaState
  ) throws(FilError) -> DeltaRequest {
    // Without it an older head could not be told from a newer one.
    guard (state.highest == nil) == (state.highestHead == nil) else { throw .damaged("checkpoint") }
    return DeltaRequest(
      origin: replica.key.name, keys: try replica.keys(), from: from, selection: selection,
      floor: floor, highest: state.highestHead,
      headlinesHeld: transfer.headlinesHeld)
  }

  /// One request; what went wrong on the line, if anything, for the message at the end.
  private func ask(
    _ first: SourceRequest, base: Int, _ exchange: inout Exchange
  ) throws(FilError) -> String? {
    var request = first
    if let transfer = exchange.transfer {
      request = SourceRequest(path: transfer.path)
      request.start = exchange.spool?.size ?? 0
      request.ifRange = transfer.tag.isEmpty ? nil : transfer.tag
    }
    if let probe = options.probe {
      guard report.requests == 0 else { throw .budgetSpent }
      request.end = request.start + probe - 1
      exchange.allowance = probe
    } else if let remaining {
      guard remaining > Self.leastBudget else { throw .budgetSpent }
      request.end = request.start + remaining - Self.overhead - 1
      exchange.allowance = remaining - Self.overhead
    }
    exchange.status = 0
    exchange.skip = 0
    exchange.taken = 0
    exchange.accounted = 0
    exchange.stopped = false
    exchange.retryAfter = nil
    report.requests += 1
    try account(ahead: Self.overhead)
    var problem: String?
    // The closures below run within `fetch`, one at a time: they share the exchange by this box.
    let box = ExchangeBox(exchange)
    do {
      let traffic = try source.fetch(
        request, cancellation: cancellation,
        onHead: { head in
          self.take(head, request, base: base, &box.exchange)
        },
        onBytes: { bytes in
          self.take(bytes, &box.exchange)
        })
      report.add(traffic)
    } catch {
      report.add(error.traffic)
      switch error.kind {
      case .cancelled: box.exchange.failure = box.exchange.failure ?? .cancelled
      case .stopped: break
      case .offline, .portal: problem = error.detail
      }
    }
    exchange = box.take()
    if exchange.failure == nil { try finishWhole(&exchange) }
    return problem
  }

  /// Looks at the head of an answer; true when its bytes are wanted.
  private func take(
    _ head: SourceHead, _ request: SourceRequest, base: Int, _ exchange: inout Exchange
  ) -> Bool {
    exchange.retryAfter = head.retryAfter
    do throws(FilError) {
      switch head.status {
      case 200, 206: return try begin(head, request, base: base, &exchange)
      case 304:
        guard request.ifNoneMatch != nil else {
          throw .offline("\(source.name): HTTP 304, and nothing was asked on a condition")
        }
        guard let held = try replica.state().signed else {
          throw .untrusted(TrustError(.unsigned, "304"))
        }
        try replica.renew(held, head)
        try notePoll()
        exchange.ended = true
      case 500...599: break
      default: exchange.status = head.status
      }
    } catch { exchange.failure = error }
    return false
  }

  /// Decides where the bytes of a 200 or 206 belong.
  private func begin(
    _ head: SourceHead, _ request: SourceRequest, base: Int, _ exchange: inout Exchange
  ) throws(FilError) -> Bool {
    // A piece that goes on under the tag that was asked for needs to say no type again.
    let goesOn = head.status == 206 && request.ifRange != nil && head.tag == request.ifRange
    guard head.type?.hasPrefix("application/octet-stream") ?? goesOn, head.encoding == nil else {
      throw .offline("\(source.name): a portal or a proxy answers in its place")
    }
    let start = head.status == 206 ? head.range?.start : 0
    let total = head.status == 206 ? head.range?.total : head.length
    guard let start, let total, start <= request.start else {
      throw .offline("\(source.name): an answer without a usable range or length")
    }
    if var transfer = exchange.transfer {
      if head.tag ?? transfer.tag == transfer.tag, total == transfer.total {
        exchange.skip = request.start - start
        return true
      }
      let tagged = !transfer.tag.isEmpty
      guard start == 0 || !tagged || transfer.damaged >= 2 else {
        // A piece of another object under this one's tag is refused; a source that insists is believed.
        transfer.damaged += 1
        try replica.update(transfer)
        throw .offline("\(source.name): another object under the same name")
      }
      // Another rendering: what was committed stays, the bytes begin anew.
      transfer.tag = head.tag ?? ""
      transfer.total = total
      transfer.path = own(head.location, of: request.path) ?? transfer.path
      try restart(transfer, at: 0, &exchange)
      return start == 0
    }
    guard start == 0 else { throw .offline("\(source.name): a range that was not asked for") }
    guard total <= Limits.partBytes else {
      throw .malformed(FormatError(.overLimit, "object"))
    }
    if case .sync? = Resource(path: request.path) { try notePoll() }
    let transfer = try replica.begin(
      path: own(head.location, of: request.path) ?? request.path, tag: head.tag ?? "",
      total: total, base: base)
    try restart(transfer, at: 0, &exchange)
    return true
  }

  /// The name under which the rest of an object can be asked for, if the source gave one that fits.
  private func own(_ location: String?, of path: String) -> String? {
    guard let location, case .sync(let from, let selection, let floor)? = Resource(path: path),
      case .delta(from, _, selection, let volume)? = Resource(path: location)
    else { return nil }
    if case .volume(let asked) = floor, asked != volume { return nil }
    return location
  }

  /// Cuts the spool back to `offset`, and reads what is left of it again.
  ///
  /// The spool first: bytes of one object are never found under the tag of another.
  private func restart(
    _ transfer: Transfer, at offset: Int, _ exchange: inout Exchange
  ) throws(FilError) {
    do {
      var spool = try AppendFile(replica.spoolPath(transfer.id), mode: 0o600)
      try spool.truncate(to: offset)
    } catch { throw .file(error) }
    try replica.update(transfer)
    exchange.skip = 0
    try resume(transfer, &exchange)
  }

  /// Keeps the next bytes of an answer, and uses what they complete; false to stop.
  private func take(_ bytes: UnsafeRawBufferPointer, _ exchange: inout Exchange) -> Bool {
    guard let transfer = exchange.transfer else { return false }
    let skipped = min(exchange.skip, bytes.count)
    exchange.skip -= skipped
    exchange.allowance = exchange.allowance.map { $0 - bytes.count }
    // What goes on behind the end is somebody else's.
    let room = max(0, transfer.total - (exchange.spool?.size ?? 0))
    let fresh = UnsafeRawBufferPointer(rebasing: bytes[skipped...].prefix(room))
    defer {
      // A source that knows no ranges sends more than was asked for.
      if let left = exchange.allowance, left < 0, !exchange.ended {
        exchange.failure = exchange.failure ?? .budgetSpent
      }
    }
    guard !fresh.isEmpty else {
      return skipped == bytes.count && exchange.allowance.map { $0 >= 0 } ?? true
    }
    do { try exchange.spool?.append(fresh) } catch {
      exchange.failure = .file(error)
      return false
    }
    exchange.arrived += fresh.count
    exchange.taken += bytes.count
    if exchange.taken - exchange.accounted >= Self.accountStep {
      exchange.accounted = exchange.taken
      do { try account(ahead: Self.overhead + exchange.taken) } catch {
        exchange.failure = error
        return false
      }
    }
    exchange.assembly?.push(fresh)
    process(&exchange)
    let seconds = options.clock.monotonic() - started
    onProgress(
      SyncProgress(
        done: exchange.spool?.size ?? 0, total: transfer.total, headlines: report.headlines,
        bodies: report.bodies,
        rate: seconds > 0 ? Double(report.bytesReceived + exchange.arrived) / seconds : 0))
    return exchange.failure == nil && !exchange.ended && !exchange.stopped
      && skipped + fresh.count == bytes.count && exchange.allowance.map { $0 >= 0 } ?? true
  }

  /// Commits every part that is complete.
  private func process(_ exchange: inout Exchange) {
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
      exchange.failure = blame(error, &exchange)
    }
  }

  /// What a failed read means for its transfer; nil: it goes on.
  private func blame(_ error: any Error, _ exchange: inout Exchange) -> FilError? {
    guard let transfer = exchange.transfer else { return .damaged("transfer") }
    do throws(FilError) {
      switch error {
      case ReadError<FilError>.missing:
        // A context that is not held: the bodies will be fetched without it.
        try replica.abandon(transfer)
        exchange.ended = true
        return nil
      case let error as ReadError<FilError>: return try judge(FilError(error), transfer, &exchange)
      case let error as FilError: return try judge(error, transfer, &exchange)
      default: return .damaged("transfer")
      }
    } catch { return error }
  }

  /// Tells damage on the line, a wrong source and trouble on this side apart.
  private func judge(
    _ fault: FilError, _ begun: Transfer, _ exchange: inout Exchange
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
        try restart(transfer, at: offset, &exchange)
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
  private func finishWhole(_ exchange: inout Exchange) throws(FilError) {
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
    if let fault = blame(short, &exchange) { throw fault }
  }
}

/// Carries an exchange through the closures of a request.
private final class ExchangeBox {
  var exchange: Exchange

  init(_ exchange: consuming Exchange) { self.exchange = exchange }

  func take() -> Exchange {
    var taken = Exchange()
    swap(&taken, &exchange)
    return taken
  }
}
