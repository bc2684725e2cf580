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

  /// The volume of the oldest article published in the `days` before the newest article.
  func floor(days: Int) throws(Failure) -> Int
}

extension Archive {
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
