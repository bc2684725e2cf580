internal import FilProtocol

/// What holding a request open has come to.
enum Lingering: Sendable, Equatable {
  /// There is a newer head.
  case news
  /// There was none for as long as was asked.
  case quiet
  /// The source does not wait, or the replica has something else to ask for.
  case notOffered
  case failed(FilError)
}

extension Replica {
  /// Asks `source` to answer when there is news, or after `seconds`, without a byte of the news
  /// itself; what a 304 proves is kept [HTTP-10].
  ///
  /// The replica is not locked meanwhile: another sync may go on.
  func linger(
    at source: any Source, seconds: Int, _ options: SyncOptions, _ cancellation: Cancellation
  ) throws(FilError) -> Lingering {
    let state = try state()
    guard let held = state.signed, try transfers().isEmpty, try missingBodies().isEmpty else {
      return .notOffered
    }
    let selection = try wanted().coded(options.codec)
    var request = SourceRequest(
      path: Resource.sync(from: state.version, selection, .volume(state.floor)).path)
    request.ifNoneMatch = held.checkpoint.tag
    request.wait = seconds
    request.headOnly = true
    var head: SourceHead?
    var report = SyncReport()
    var failure: FilError?
    let started = options.clock.monotonic()
    // Before it is asked, so that a kill during the wait hides nothing.
    let ahead = source.overhead
    try spend(ahead, now: options.clock.now())
    do {
      let traffic = try source.fetch(
        request, cancellation: cancellation,
        onHead: {
          head = $0
          return true
        }, onBytes: { _ in false })
      report.add(traffic)
    } catch {
      report.add(error.traffic)
      failure = error.kind == .cancelled ? .cancelled : .offline("\(source.name): \(error.detail)")
    }
    report.requests = 1
    try spend(report.bytesReceived + report.bytesSent - ahead, now: options.clock.now())
    if let failure { return .failed(failure) }
    guard head?.status == 304, let head else {
      return head?.status == 200 ? .news : .notOffered
    }
    try renew(held, head)
    // Who answers long before the time is up does not wait.
    return options.clock.monotonic() - started < Double(seconds) / 2 ? .notOffered : .quiet
  }
}
