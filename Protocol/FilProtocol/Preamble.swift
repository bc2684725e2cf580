/// How much an object holds: bounds for work and figures for people; they prove nothing [OBJ-2].
public struct Totals: Sendable, Equatable {
  public var records = 0
  /// Bytes of the headlines part as sent.
  public var headlineBytes = 0
  public var headlinePlain = 0
  public var bodies = 0
  /// Bytes of the bodies part as sent, indexes included.
  public var bodyBytes = 0
  public var bodyPlain = 0

  public init() {}

  init(decoding span: inout Span<UInt8>) throws(FormatError) {
    try span.cborArray("totals", exactly: 6)
    records = try span.cborInteger("totals.records", atMost: Limits.numbers)
    headlineBytes = try span.cborInteger("totals.headlineBytes", atMost: Limits.partBytes)
    headlinePlain = try span.cborInteger("totals.headlinePlain", atMost: Limits.partBytes)
    bodies = try span.cborInteger("totals.bodies", atMost: Limits.numbers)
    bodyBytes = try span.cborInteger("totals.bodyBytes", atMost: Limits.partBytes)
    bodyPlain = try span.cborInteger("totals.bodyPlain", atMost: Limits.partBytes)
  }

  var hasNoHeadlines: Bool { records == 0 && headlineBytes == 0 && headlinePlain == 0 }
  var hasNoBodies: Bool { bodies == 0 && bodyBytes == 0 && bodyPlain == 0 }

  func encode(into bytes: inout [UInt8]) {
    bytes.cborArray(6)
    for value in [records, headlineBytes, headlinePlain, bodies, bodyBytes, bodyPlain] {
      bytes.cbor(value)
    }
  }
}

/// What stands at the start of a delta: enough to authenticate it before anything is paid for.
public struct DeltaPreamble: Sendable, Equatable {
  public var checkpoint: SignedCheckpoint
  /// V: the version that the delta builds on.
  public var from: Int
  public var selection: Selection
  /// The oldest volume whose records are sent.
  public var floor: Int
  /// The volumes that differ between V and N.
  public var volumes: NumberRanges
  /// Their digests at N, in order.
  public var digests: [Digest]
  /// Of the masthead in volume 0, when that is below the floor and differs [OBJ-5].
  public var path: [Digest]
  /// The numbers whose records are the context of the headlines.
  public var context: NumberRanges
  public var totals: Totals

  public init(
    checkpoint: SignedCheckpoint, from: Int, selection: Selection, floor: Int,
    volumes: NumberRanges, digests: [Digest], path: [Digest], context: NumberRanges, totals: Totals
  ) {
    self.checkpoint = checkpoint
    self.from = from
    self.selection = selection
    self.floor = floor
    self.volumes = volumes
    self.digests = digests
    self.path = path
    self.context = context
    self.totals = totals
  }

  /// N: the version that the delta leads to.
  public var to: Int { checkpoint.checkpoint.version }

  init(decoding span: inout Span<UInt8>, origin: String) throws(FormatError) {
    checkpoint = try SignedCheckpoint(decoding: &span, origin: origin)
    let head = checkpoint.checkpoint
    from = try span.cborInteger("delta.from")
    guard from <= head.version else { throw FormatError(.invalidValue, "delta.from") }
    selection = try Selection(decoding: &span)
    floor = try span.cborInteger("delta.floor")
    guard floor < head.volumes else { throw FormatError(.invalidValue, "delta.floor") }
    try span.cborCodec(selection)
    volumes = try NumberRanges(decoding: &span, "delta.volumes", below: head.volumes)
    digests = try span.cborDigests("delta.digests")
    guard digests.count == volumes.count, from > 0 || digests.count == head.volumes,
      (from == head.version) == digests.isEmpty
    else { throw FormatError(.invalidValue, "delta.digests") }
    path = try span.cborDigests("delta.path")
    let length =
      floor > 0 && volumes.contains(0) ? Merkle.firstPathLength(head.size(ofVolume: 0)) : 0
    guard path.count == length else { throw FormatError(.invalidValue, "delta.path") }
    context = try NumberRanges(decoding: &span, "delta.context", below: Limits.numbers)
      .checkedAsContext("delta.context")
    totals = try Totals(decoding: &span)
    guard selection.basis != .bodies || (totals.hasNoHeadlines && context.isEmpty),
      from < head.version
        || (totals.hasNoHeadlines && totals.hasNoBodies && context.isEmpty)
    else { throw FormatError(.invalidValue, "delta.totals") }
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.cborArray(11)
    bytes.cbor(1)
    checkpoint.encode(into: &bytes)
    bytes.cbor(from)
    bytes.cbor(selection.description)
    bytes.cbor(floor)
    bytes.cbor(selection.codec.rawValue)
    volumes.encode(into: &bytes)
    bytes.cbor(bytes: digests.flatMap(\.bytes))
    bytes.cbor(bytes: path.flatMap(\.bytes))
    context.encode(into: &bytes)
    totals.encode(into: &bytes)
  }
}

/// What stands at the start of a volume object: its records, or its bodies.
public struct VolumePreamble: Sendable, Equatable {
  public var volume: Int
  public var digest: Digest
  /// How many records the volume has; in an object of bodies 0.
  public var size: Int
  public var selection: Selection
  public var totals: Totals

  public init(volume: Int, digest: Digest, size: Int, selection: Selection, totals: Totals) {
    self.volume = volume
    self.digest = digest
    self.size = size
    self.selection = selection
    self.totals = totals
  }

  init(decoding span: inout Span<UInt8>, bodies: Bool) throws(FormatError) {
    volume = try span.cborInteger("volume.number", atMost: Limits.numbers / Limits.volume - 1)
    guard let digest = Digest(bytes: try span.cborBytes("volume.digest", exactly: 32)) else {
      throw FormatError(.invalidValue, "volume.digest")
    }
    self.digest = digest
    size = 0
    selection = .none
    if bodies {
      selection = try Selection(decoding: &span)
      try span.cborCodec(selection)
    } else {
      size = try span.cborInteger("volume.size")
      guard (1...Limits.volume).contains(size) else {
        throw FormatError(.invalidValue, "volume.size")
      }
      try span.cborCodec(selection)
    }
    totals = try Totals(decoding: &span)
    guard bodies ? totals.hasNoHeadlines : totals.hasNoBodies else {
      throw FormatError(.invalidValue, "volume.totals")
    }
  }

  func encode(into bytes: inout [UInt8], bodies: Bool) {
    bytes.cborArray(6)
    bytes.cbor(bodies ? 4 : 3)
    bytes.cbor(volume)
    bytes.cbor(bytes: digest.bytes)
    if bodies { bytes.cbor(selection.description) } else { bytes.cbor(size) }
    bytes.cbor(selection.codec.rawValue)
    totals.encode(into: &bytes)
  }
}

/// The start of any framed object: `Protocol/objects.md`.
public enum Preamble: Sendable, Equatable {
  case delta(DeltaPreamble)
  case state(SignedCheckpoint, digests: [Digest])
  case records(VolumePreamble)
  case bodies(VolumePreamble)

  /// The bytes before the preamble.
  static let headerLength = 8
  static let magic = Array("FIL".utf8)
  static let format: UInt8 = 1

  /// The length of the preamble that the 8 bytes of `header` announce.
  static func length(header: Span<UInt8>) throws(FormatError) -> Int {
    for i in 0..<3 where header[i] != magic[i] { throw FormatError(.wrongMagic, "object") }
    guard header[3] == format else { throw FormatError(.unsupportedVersion, "object") }
    var length = 0
    for i in 4..<8 { length = length << 8 | Int(header[i]) }
    guard length <= Limits.preambleBytes else { throw FormatError(.overLimit, "preamble") }
    return length
  }

  /// Decodes a preamble that fills `bytes`.
  package init(decoding bytes: [UInt8], origin: String) throws(FormatError) {
    var span = bytes.span
    let count = try span.cborArray("preamble")
    let kind = try span.cborInteger("preamble.kind")
    switch (kind, count) {
    case (1, 11): self = .delta(try DeltaPreamble(decoding: &span, origin: origin))
    case (2, 3):
      let checkpoint = try SignedCheckpoint(decoding: &span, origin: origin)
      let digests = try span.cborDigests("state.digests")
      guard digests.count == checkpoint.checkpoint.volumes else {
        throw FormatError(.invalidValue, "state.digests")
      }
      self = .state(checkpoint, digests: digests)
    case (3, 6): self = .records(try VolumePreamble(decoding: &span, bodies: false))
    case (4, 6): self = .bodies(try VolumePreamble(decoding: &span, bodies: true))
    default: throw FormatError(.invalidValue, "preamble.kind")
    }
    guard span.isEmpty else { throw FormatError(.trailingBytes, "preamble") }
  }

  /// The header and the preamble.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = []
    switch self {
    case .delta(let preamble): preamble.encode(into: &bytes)
    case .state(let checkpoint, let digests):
      bytes.cborArray(3)
      bytes.cbor(2)
      checkpoint.encode(into: &bytes)
      bytes.cbor(bytes: digests.flatMap(\.bytes))
    case .records(let preamble): preamble.encode(into: &bytes, bodies: false)
    case .bodies(let preamble): preamble.encode(into: &bytes, bodies: true)
    }
    let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) }
    return Preamble.magic + [Preamble.format] + length + bytes
  }

  public var totals: Totals {
    switch self {
    case .delta(let preamble): preamble.totals
    case .state: Totals()
    case .records(let preamble), .bodies(let preamble): preamble.totals
    }
  }
}

extension Span where Element == UInt8 {
  fileprivate mutating func cborDigests(_ field: String) throws(FormatError) -> [Digest] {
    let bytes = try cborBytes(field)
    guard bytes.count % 32 == 0 else { throw FormatError(.invalidValue, field) }
    var digests: [Digest] = []
    var rest = bytes.span
    while !rest.isEmpty { digests.append(try rest.digest(field)) }
    return digests
  }

  fileprivate mutating func cborCodec(_ selection: Selection) throws(FormatError) {
    let number = try cborInteger("codec")
    guard Codec(rawValue: number) != nil else { throw FormatError(.unsupportedCodec, "codec") }
    guard number == selection.codec.rawValue else { throw FormatError(.invalidValue, "codec") }
  }
}

extension Selection {
  fileprivate init(decoding span: inout Span<UInt8>) throws(FormatError) {
    guard let selection = Selection(parsing: try span.cborText("selection")) else {
      throw FormatError(.invalidValue, "selection")
    }
    self = selection
  }
}
