public import FilProtocol

/// What a source answers from: the newsroom's store, or a replica that relays.
///
/// Everything "as of" a version is a fact that does not change, so calls from several threads may
/// interleave with a writer. What a relay does not have, or what was erased, is nil.
public protocol Archive: Holdings, Sendable {
  /// Whether it has every revision: then what is missing was erased, and will not come back (410);
  /// else it is only not here (404).
  var isComplete: Bool { get }

  /// The newest checkpoint that was signed.
  func head() throws(Failure) -> SignedCheckpoint

  /// The first checkpoint that was signed for `version`; nil when there is none.
  func checkpoint(of version: Int) throws(Failure) -> SignedCheckpoint?

  /// The numbers that were touched in (`version`, `last`], ascending, each once; nil when unknown.
  func numbersChanged(after version: Int, through last: Int) throws(Failure) -> [Int]?

  /// The leaf hashes of a volume as of `version`, ascending by number; empty when there is none.
  func leaves(ofVolume volume: Int, asOf version: Int) throws(Failure) -> [Digest]

  /// A signed version at which `volume` had `digest`; nil when unknown.
  func version(ofVolume volume: Int, digest: Digest) throws(Failure) -> Int?

  /// The version of the newest change that erased something; 0: none ever did.
  func lastErasure() throws(Failure) -> Int

  /// The volume of the oldest article published in the `days` before the newest article, or the
  /// oldest volume that is here where that one is not.
  func floor(days: Int) throws(Failure) -> Int

  /// The oldest volume whose records are here.
  func oldestVolume() throws(Failure) -> Int

  /// The volumes in which a record changed or was added in (`version`, `last`], ascending; nil when
  /// unknown.
  func volumesChanged(after version: Int, through last: Int) throws(Failure) -> [Int]?

  /// The digest of `volume` as of `version`, also of one that is below the oldest here; nil when
  /// unknown.
  func digest(ofVolume volume: Int, asOf version: Int) throws(Failure) -> Digest?

  /// The path of number 0 as of `version` [STA-5].
  func mastheadPath(asOf version: Int) throws(Failure) -> [Digest]

  /// The bodies that `selection` named for `numbers` at `version`, without those for which it named
  /// none; nil when that is unknown of one of them.
  func bodies(
    of numbers: [Int], namedBy selection: Selection, asOf version: Int
  ) throws(Failure) -> [Int: BodyHash]?

  /// A number that changes whenever something may have changed here, such as an erasure.
  func moment() throws(Failure) -> Int

  /// Runs `body` with this archive as it is at one moment, whatever is written meanwhile.
  func frozen<R>(
    _ body: (Self) throws(RenderError<Failure>) -> R
  ) throws(RenderError<Failure>) -> R
}

/// What holds where every revision is kept.
extension Archive {
  public func oldestVolume() throws(Failure) -> Int { 0 }

  public func volumesChanged(after version: Int, through last: Int) throws(Failure) -> [Int]? {
    try numbersChanged(after: version, through: last).map { numbers in
      Array(NumberRanges(numbers.map { $0 / Limits.volume }).numbers)
    }
  }

  public func digest(ofVolume volume: Int, asOf version: Int) throws(Failure) -> Digest? {
    let leaves = try leaves(ofVolume: volume, asOf: version)
    return leaves.isEmpty ? nil : Merkle.root(leaves)
  }

  public func mastheadPath(asOf version: Int) throws(Failure) -> [Digest] {
    Merkle.firstPath(try leaves(ofVolume: 0, asOf: version))
  }

  public func bodies(
    of numbers: [Int], namedBy selection: Selection, asOf version: Int
  ) throws(Failure) -> [Int: BodyHash]? {
    var bodies: [Int: BodyHash] = [:]
    for number in numbers {
      bodies[number] = selection.wants(try record(number, asOf: version))?.body
    }
    return bodies
  }

  public func moment() throws(Failure) -> Int { try head().checkpoint.version }

  public func frozen<R>(
    _ body: (Self) throws(RenderError<Failure>) -> R
  ) throws(RenderError<Failure>) -> R {
    try body(self)
  }

  public func digests(asOf version: Int) throws(Failure) -> [Digest] {
    var digests: [Digest] = []
    while true {
      let leaves = try leaves(ofVolume: digests.count, asOf: version)
      if leaves.isEmpty { return digests }
      digests.append(Merkle.root(leaves))
      if leaves.count < Limits.volume { return digests }
    }
  }
}
