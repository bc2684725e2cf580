internal import FilProtocol
internal import Files

extension SyncRun {
  /// With less than this for the bytes of an answer nothing is asked for.
  private static let leastAnswer = 300

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
    let exchange = Exchange()
    if let begun { try resume(begun, exchange) }
    var idle = 0
    while !exchange.ended {
      if cancellation.isCancelled { throw .cancelled }
      let before = exchange.arrived
      let offline = try ask(first, base: base, exchange)
      if let failure = exchange.failure { throw failure }
      if exchange.ended { return }
      if exchange.status != 0 {
        return try refused(
          status: exchange.status, path: first.path, transfer: exchange.transfer)
      }
      idle = exchange.arrived > before ? 0 : idle + 1
      guard idle < options.patience else { throw .offline(offline ?? source.name) }
      if let seconds = exchange.retryAfter {
        guard seconds <= options.mostWait else {
          throw .offline("\(source.name): asks to be left alone for \(seconds) s")
        }
        options.clock.sleep(Double(seconds), cancellation)
      } else if idle > 0 {
        rest(idle)
      }
    }
  }

  /// Full jitter, and only while nothing arrives.
  private func rest(_ idle: Int) {
    let bound = min(300, Double(1 << min(idle, 9)))
    options.clock.sleep(bound * options.clock.random(), cancellation)
  }

  /// One request; what went wrong on the line, if anything, for the message at the end.
  private func ask(
    _ first: SourceRequest, base: Int, _ exchange: Exchange
  ) throws(FilError) -> String? {
    var request = first
    if let transfer = exchange.transfer {
      request = SourceRequest(path: transfer.path)
      request.start = exchange.spool?.size ?? 0
      request.ifRange = transfer.tag.isEmpty ? nil : transfer.tag
    }
    var allowance: Int?
    if let probe = options.probe {
      guard report.requests == 0 else { throw .budgetSpent }
      allowance = probe
    } else if let remaining {
      guard remaining > source.overhead + Self.leastAnswer else { throw .budgetSpent }
      allowance = remaining - source.overhead
    }
    request.end = allowance.map { request.start + $0 - 1 }
    exchange.beginRequest(allowance: allowance)
    report.requests += 1
    try account(ahead: source.overhead)
    var problem: String?
    do {
      let traffic = try source.fetch(
        request, cancellation: cancellation,
        onHead: { self.take($0, request, base: base, exchange) },
        onBytes: { self.take($0, exchange) })
      report.add(traffic)
    } catch {
      report.add(error.traffic)
      switch error.kind {
      case .cancelled: exchange.failure = exchange.failure ?? .cancelled
      case .stopped: break
      case .offline, .portal: problem = error.detail
      }
    }
    if exchange.failure == nil { try finishWhole(exchange) }
    return problem
  }
}
