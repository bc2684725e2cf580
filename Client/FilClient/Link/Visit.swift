internal import FilProtocol

/// What a doctor asks of one source: its checkpoint, then something large.
///
/// Used by one thread.
struct Visit {
  private typealias Finding = Doctor.Finding

  private let replica: Replica
  private let source: any Source
  private let clock: SyncClock
  private let cancellation: Cancellation
  private let onFinding: (Doctor.Finding) -> Void

  init(
    _ replica: Replica, _ source: any Source, _ clock: SyncClock, _ cancellation: Cancellation,
    _ onFinding: @escaping (Doctor.Finding) -> Void
  ) {
    self.replica = replica
    self.source = source
    self.clock = clock
    self.cancellation = cancellation
    self.onFinding = onFinding
  }

  /// Seconds that a clock may be off before anybody is told.
  private static let clockTolerance = 300
  /// Seconds after which a newsroom, which signs every hour, has not signed for too long.
  private static let oldSignature = 3 * 3_600
  /// More than a packet has, and little to pay.
  private static let largeBytes = 3_000

  func run() {
    let path = Resource.checkpoint.path
    var answer = ask(path, atMost: Limits.noteBytes)
    // The second time an HTTP source asks for small packets.
    var isNarrow = false
    if case .failure(let error) = answer, error.cause == .silent, !cancellation.isCancelled {
      answer = ask(path, atMost: Limits.noteBytes)
      if case .success = answer { isNarrow = true }
    }
    switch answer {
    case .failure(let error): blame(error)
    case .success(let (head, bytes)): read(head, bytes, isNarrow)
    }
  }

  /// What has come in the place of a checkpoint.
  private func read(_ head: SourceHead, _ bytes: [UInt8], _ isNarrow: Bool) {
    note(.connection, .good)
    // 511: a portal that says so (RFC 6585 §6).
    if head.status == 511 { return note(.portal, .bad, head.status) }
    guard head.type?.hasPrefix("text/plain") ?? false, head.encoding == nil else {
      return note(head.status == 200 ? .portal : .answer, .bad, head.status)
    }
    note(.portal, .good)
    guard head.status == 200 else { return note(.answer, .bad, head.status) }
    do {
      let signed = try SignedCheckpoint(note: bytes)
      note(.answer, .good)
      _ = try signed.verified(origin: replica.key.name, keys: try replica.keys())
      note(.signature, .good)
      try look(at: signed.checkpoint, head)
    } catch let error as FormatError {
      return note(.answer, .bad, nil, "\(error)")
    } catch let error as TrustError {
      return note(.signature, .bad, nil, "\(error)")
    } catch { return note(.replica, .bad, nil, "\(error)") }
    largeAnswer(isNarrow)
  }

  /// What a checkpoint that is the newsroom's says of this machine, and of the source.
  private func look(at checkpoint: Checkpoint, _ head: SourceHead) throws(FilError) {
    let now = clock.now()
    let held = try replica.state().highestHead?.version ?? 0
    let behind = held - checkpoint.version
    note(.freshness, behind > 0 ? .bad : .good, max(0, behind))
    // A signature of the future is proof; what a source says of the time is a hint.
    let late = checkpoint.time - now
    let ahead = head.date.map { now - $0 }
    if late > Self.clockTolerance {
      note(.clock, .bad, -late)
    } else if let ahead, abs(ahead) > Self.clockTolerance {
      note(.clock, .warning, ahead)
    } else {
      note(.clock, .good, ahead)
    }
    let age = (head.date ?? now) - checkpoint.time
    note(.age, age > Self.oldSignature ? .warning : .good, max(0, age))
  }

  /// Whether an answer that needs more than one packet comes: some paths pass small ones only.
  private func largeAnswer(_ isNarrow: Bool) {
    let newest = Resource.sync(from: 0, .none.coded(.text), .days(1))
    var isNarrow = isNarrow
    for _ in 0..<2 where !cancellation.isCancelled {
      switch ask(newest.path, atMost: Self.largeBytes) {
      case .success(let (head, bytes)):
        guard [200, 206].contains(head.status), bytes.count > 1_400 else { return }
        return note(.largeAnswers, isNarrow ? .warning : .good, bytes.count)
      case .failure(let error) where error.cause == .silent: isNarrow = true
      case .failure(let error) where error.kind == .cancelled: return
      case .failure(let error): return note(.largeAnswers, .warning, nil, error.detail)
      }
    }
    if !cancellation.isCancelled { note(.largeAnswers, .bad) }
  }

  /// Why there is no answer.
  private func blame(_ error: SourceError) {
    if error.kind == .cancelled { return }
    if error.kind == .portal { return note(.portal, .bad, nil, error.detail) }
    let check: Finding.Check =
      switch error.cause {
      case .name: .name
      case .unreachable, .refused, .other: .connection
      case .tls: .tls
      case .silent: .silence
      }
    note(check, .bad, nil, error.detail)
  }

  private func ask(
    _ path: String, atMost limit: Int
  ) -> Result<(SourceHead, [UInt8]), SourceError> {
    var request = SourceRequest(path: path)
    if path != Resource.checkpoint.path { request.end = limit - 1 }
    do throws(FilError) {
      return try replica.sample(request, of: source, atMost: limit, clock, cancellation)
        .map { ($0.head, $0.bytes) }
    } catch {
      // An account that cannot be written stops every sync as well.
      return .failure(SourceError(.offline, "\(error)"))
    }
  }

  private func note(
    _ check: Finding.Check, _ outcome: Finding.Outcome, _ number: Int? = nil, _ detail: String = ""
  ) {
    onFinding(
      Finding(
        check: check, outcome: outcome, source: source.name, number: number, detail: detail))
  }
}
