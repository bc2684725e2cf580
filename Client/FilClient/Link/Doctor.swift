internal import FilProtocol
internal import Files

/// Finds out why a replica does not get its news: on this machine, on the way, and at each source.
///
/// It changes nothing but the account, on which its own bytes are. What a source says is not trusted: only a signature that is right counts as
/// the newsroom's word. It costs some 6 KB a source.
public struct Doctor: Sendable {
  /// One thing that was looked at.
  public struct Finding: Sendable, Equatable {
    public enum Outcome: String, Sendable {
      case good, warning, bad
    }

    /// What it is about.
    public enum Check: String, Sendable, CaseIterable {
      /// Whether this user may write the replica's files.
      case permissions
      /// Free space beside the replica; `number`: bytes.
      case disk
      /// Whether the file opens, and is a replica.
      case replica
      /// Two states signed for one version were seen.
      case fork
      /// What budgets leave; `number`: bytes.
      case budget
      /// Whether this machine has a way to the internet.
      case route
      /// Whether a source's name leads to an address.
      case name
      /// Whether somebody answers at that address.
      case connection
      case tls
      /// There was a connection, and then not a byte of an answer.
      case silence
      /// Whether it is the source that answers, and not a portal.
      case portal
      /// Whether it speaks this protocol.
      case answer
      /// Whether what it says is signed by the newsroom.
      case signature
      /// Whether it is behind what the replica has; `number`: versions.
      case freshness
      /// This machine's clock; `number`: seconds that it is ahead.
      case clock
      /// How old the newest signature is; `number`: seconds.
      case age
      /// Whether large answers come, too.
      case largeAnswers
    }

    public var check: Check
    public var outcome: Outcome
    /// The source that it is about; nil: this machine.
    public var source: String?
    public var number: Int?
    /// For a person who knows machines.
    public var detail: String
  }

  let path: String
  let sources: [any Source]
  let clock: SyncClock
  let isOnline: @Sendable () -> Bool
  let freeBytes: @Sendable (String) -> Int?

  /// A doctor for one replica.
  ///
  /// - Parameters:
  ///   - path: of the replica, which must exist.
  ///   - sources: what is asked; empty: only this machine is looked at.
  ///   - clock: what is held against the signed time.
  ///   - isOnline: whether there is a way to the internet.
  ///   - freeBytes: on the disk of a path; nil where it is not known.
  public init(
    path: String, sources: [any Source], clock: SyncClock = .system,
    isOnline: @escaping @Sendable () -> Bool = Network.hasRoute,
    freeBytes: @escaping @Sendable (String) -> Int? = Network.freeBytes
  ) {
    self.path = path
    self.sources = sources
    self.clock = clock
    self.isOnline = isOnline
    self.freeBytes = freeBytes
  }

  /// Bytes that a replica needs to go on, and below which it soon will not.
  static let scarceBytes = 5_000_000
  static let lowBytes = 50_000_000

  /// Looks at everything, in the order in which it matters; `onFinding` is told of each at once.
  @discardableResult
  public func examine(
    cancellation: Cancellation = Cancellation(), onFinding: @escaping (Finding) -> Void = { _ in }
  ) -> [Finding] {
    var findings: [Finding] = []
    func note(
      _ check: Finding.Check, _ outcome: Finding.Outcome, _ number: Int? = nil,
      _ detail: String = ""
    ) {
      let finding = Finding(
        check: check, outcome: outcome, source: nil, number: number, detail: detail)
      findings.append(finding)
      onFinding(finding)
    }
    let canWrite = Network.canWrite(path)
    note(.permissions, canWrite ? .good : .bad, nil, path)
    if let free = freeBytes(path) {
      note(
        .disk, free < Self.scarceBytes ? .bad : free < Self.lowBytes ? .warning : .good, free)
    }
    guard canWrite else { return findings }
    let replica: Replica
    do throws(FilError) {
      replica = try Replica(path: path)
      let status = try replica.status()
      note(.replica, .good, status.version)
      if status.forks > 0 { note(.fork, .bad, status.forks) }
      if let left = try replica.spending(now: clock.now()).left {
        note(.budget, left < 1_000 ? .warning : .good, left)
      }
    } catch {
      note(.replica, .bad, nil, "\(error)")
      return findings
    }
    note(.route, isOnline() ? .good : .warning)
    for source in sources where !cancellation.isCancelled {
      let visit = Visit(replica, source, clock, cancellation) { finding in
        findings.append(finding)
        onFinding(finding)
      }
      visit.run()
    }
    return findings
  }
}
