internal import FilProtocol

/// The head and the first bytes of an answer, and what they cost.
struct Sample {
  var head: SourceHead
  var bytes: [UInt8]
  var traffic: Traffic
}

extension Replica {
  /// Asks `source` and keeps no more of the answer than its first `limit` bytes; nothing is spooled.
  ///
  /// What it costs is on the account, from before it is asked: a kill hides none of it.
  func sample(
    _ request: SourceRequest, of source: any Source, atMost limit: Int, _ clock: SyncClock,
    _ cancellation: Cancellation
  ) throws(FilError) -> Result<Sample, SourceError> {
    var head: SourceHead?
    var bytes: [UInt8] = []
    var traffic = Traffic()
    var failure: SourceError?
    let ahead = source.overhead
    try spend(ahead, now: clock.now())
    do {
      traffic = try source.fetch(
        request, cancellation: cancellation,
        onHead: {
          head = $0
          return true
        },
        onBytes: {
          bytes += $0.prefix(limit - bytes.count)
          return bytes.count < limit
        })
    } catch {
      traffic = error.traffic
      // One that sends more than was asked for is told to stop: that is an answer too.
      if error.kind != .stopped || head == nil { failure = error }
    }
    try spend(traffic.received + traffic.sent - ahead, now: clock.now())
    if let failure { return .failure(failure) }
    guard let head else { return .failure(SourceError(.offline, "no answer", traffic: traffic)) }
    return .success(Sample(head: head, bytes: bytes, traffic: traffic))
  }
}
