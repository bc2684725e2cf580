internal import FilProtocol
internal import Files

/// Where the bytes of an answer belong.
extension SyncRun {
  /// Looks at the head of an answer; true when its bytes are wanted.
  func take(
    _ head: SourceHead, _ request: SourceRequest, base: Int, _ exchange: Exchange
  ) -> Bool {
    if head.status >= 400 { exchange.retryAfter = head.retryAfter.map { max(0, $0) } }
    do throws(FilError) {
      switch head.status {
      case 200, 206: return try begin(head, request, base: base, exchange)
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
    _ head: SourceHead, _ request: SourceRequest, base: Int, _ exchange: Exchange
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
      try restart(transfer, at: 0, exchange)
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
    try restart(transfer, at: 0, exchange)
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

  /// Keeps the next bytes of an answer, and uses what they complete; false to stop.
  func take(_ bytes: UnsafeRawBufferPointer, _ exchange: Exchange) -> Bool {
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
    exchange.taken += bytes.count
    if exchange.taken - exchange.accounted >= Self.accountStep {
      exchange.accounted = exchange.taken
      do { try account(ahead: source.overhead + exchange.taken) } catch {
        exchange.failure = error
        return false
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
    exchange.assembly?.push(fresh)
    process(exchange)
    let seconds = options.clock.monotonic() - started
    onProgress(
      SyncProgress(
        done: exchange.spool?.size ?? 0, total: transfer.total, headlines: report.headlines,
        bodies: report.bodies,
        rate: seconds > 0 ? Double(report.bytesReceived + exchange.arrived) / seconds : 0))
    return exchange.failure == nil && !exchange.ended && !exchange.stopped
      && skipped + fresh.count == bytes.count && exchange.allowance.map { $0 >= 0 } ?? true
  }
}
