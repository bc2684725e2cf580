/// The head of a feed: `Protocol/checkpoint.md`.
///
/// By itself it proves nothing; see ``SignedCheckpoint``.
public struct Checkpoint: Sendable, Equatable {
  public let origin: String
  /// The length of the log, from 1.
  public let version: Int
  public let logRoot: Digest
  /// How many numbers there are, the masthead included.
  public let stateSize: Int
  public let stateRoot: Digest
  /// When it was signed, in seconds since 1970-01-01T00:00Z.
  public let time: Int

  /// - Throws: `overLimit` or `invalidValue` when the numbers cannot be a feed's [CHK-6].
  public init(
    origin: String, version: Int, logRoot: Digest, stateSize: Int, stateRoot: Digest, time: Int
  ) throws(FormatError) {
    guard VerifierKey.isName(origin) else { throw FormatError(.invalidValue, "checkpoint.origin") }
    guard version <= Limits.versions, stateSize <= Limits.numbers else {
      throw FormatError(.overLimit, "checkpoint.version")
    }
    guard version >= 1, stateSize >= 1, stateSize <= version, time >= 0,
      time < 1_000_000_000_000_000_000
    else {
      throw FormatError(.invalidValue, "checkpoint.version")
    }
    self.origin = origin
    self.version = version
    self.logRoot = logRoot
    self.stateSize = stateSize
    self.stateRoot = stateRoot
    self.time = time
  }

  /// The same head with another time.
  public func at(time: Int) throws(FormatError) -> Checkpoint {
    try Checkpoint(
      origin: origin, version: version, logRoot: logRoot, stateSize: stateSize,
      stateRoot: stateRoot, time: time)
  }

  /// Lines 1 to 4, which do not change while the version does not.
  private var head: String {
    """
    \(origin)
    \(version)
    \(Base64.encode(logRoot.bytes))
    state \(stateSize) \(Base64.encode(stateRoot.bytes))

    """
  }

  /// The signed lines, 1 to 5.
  public var text: String { head + "time \(time)\n" }

  /// The entity tag of "nothing new" at this version, quotes included [HTTP-6].
  public var tag: String { EntityTag.of(Array(head.utf8)) }

  /// Whether both are of the same state of the same log.
  public func sameHead(as other: Checkpoint) -> Bool { head == other.head }

  /// How many volumes there are.
  public var volumes: Int { (stateSize + Limits.volume - 1) / Limits.volume }

  /// How many records volume `volume` has.
  public func size(ofVolume volume: Int) -> Int {
    min(Limits.volume, max(0, stateSize - volume * Limits.volume))
  }
}

/// Entity tags of objects: a pure function of bytes [HTTP-4].
public enum EntityTag {
  /// With its quotes.
  public static func of(_ bytes: [UInt8]) -> String { of(SHA256.hash(bytes)) }

  public static func of(_ digest: Digest) -> String {
    "\"\(Base64.encodeURL(Array(digest.bytes.prefix(16))))\""
  }
}
