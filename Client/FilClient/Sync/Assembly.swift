internal import FilProtocol

/// Turns the bytes of one transfer into verified parts, whatever kind of object it is.
struct Assembly: ~Copyable {
  typealias Part = DeltaReader<ReplicaHoldings>.Part

  // At most one of them; none for small objects, which are read when they are complete.
  private var delta: DeltaReader<ReplicaHoldings>?
  private var bodies: VolumeBodiesReader<ReplicaHoldings>?

  private let holdings: ReplicaHoldings?

  init(delta request: DeltaRequest, _ holdings: ReplicaHoldings) {
    self.holdings = holdings
    delta = DeltaReader(request, holdings: holdings)
    bodies = nil
  }

  init(
    bodiesOf volume: Int, _ digest: Digest, _ selection: Selection, version: Int, origin: String,
    _ holdings: ReplicaHoldings
  ) {
    self.holdings = holdings
    delta = nil
    bodies = VolumeBodiesReader(
      volume: volume, digest: digest, selection: selection, version: version, origin: origin,
      holdings: holdings)
  }

  init() {
    holdings = nil
    delta = nil
    bodies = nil
  }

  /// The place behind the last part that was given out.
  private(set) var offset = 0

  mutating func push(_ bytes: some Collection<UInt8>) {
    delta?.push(bytes)
    bodies?.push(bytes)
  }

  mutating func next() throws(ReadError<FilError>) -> Part? {
    var part: Part?
    if delta != nil { part = try delta?.next() } else { part = try bodies?.next() }
    // What a part was made of is good; what a failed read took is not.
    if part != nil { offset = delta?.offset ?? bodies?.offset ?? 0 }
    if case .headlines? = part { holdings?.forget() }
    return part
  }
}
