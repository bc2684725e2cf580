/// What a replica asked for, against which a delta is held.
public struct DeltaRequest: Sendable {
  public var origin: String
  /// The key the replica was opened with, and those of its masthead [CHK-5].
  public var keys: [VerifierKey]
  /// V.
  public var from: Int
  public var selection: Selection
  /// Nil: the newsroom chooses.
  public var floor: Int?
  /// The highest head of which a record was ever committed.
  public var highest: Checkpoint?
  /// The headlines of this object were committed before; only its bodies are read.
  public var headlinesHeld: Bool

  public init(
    origin: String, keys: [VerifierKey], from: Int, selection: Selection, floor: Int?,
    highest: Checkpoint?, headlinesHeld: Bool = false
  ) {
    self.origin = origin
    self.keys = keys
    self.from = from
    self.selection = selection
    self.floor = floor
    self.highest = highest
    self.headlinesHeld = headlinesHeld
  }
}

/// Reads a delta while it arrives and gives out what is verified, and nothing else.
///
/// The caller stores each part in `holdings` before it asks for the next. Whoever sent the bytes can
/// make a read fail, and can do no more. Not thread-safe.
public struct DeltaReader<H: Holdings>: ~Copyable {
  /// What was verified.
  public enum Part: Sendable {
    /// The head, and the digests of all volumes there.
    case preamble(DeltaPreamble, digests: [Digest])
    /// Records of one volume.
    case headlines(volume: Int, [Record])
    /// All headlines are there: the state is that of the head.
    case headlinesEnd
    case body(number: Int, hash: BodyHash, text: [UInt8])
    /// The object is complete.
    case end
  }

  private let request: DeltaRequest
  private let holdings: H
  private var scanner: ObjectScanner
  private var preamble: DeltaPreamble?
  private var digests: [Digest] = []
  private var coder: UnitCoder
  private var checker: VolumeChecker?
  private var entries: Set<Int> = []
  private var records = 0
  private var plainBytes = 0
  private var bodies: BodiesReader<H>
  /// Nil until the headlines are complete; then what came after them.
  private var pending: ObjectScanner.Piece?
  private var headlinesOpen = true

  public init(_ request: DeltaRequest, holdings: H) {
    self.request = request
    self.holdings = holdings
    scanner = ObjectScanner(origin: request.origin)
    coder = UnitCoder(request.selection.codec)
    bodies = BodiesReader(
      BodyContext(from: nil, to: 0, selection: .none, floor: 0), since: nil, holdings: holdings)
  }

  /// Takes the next bytes of the object.
  public mutating func push(_ bytes: some Collection<UInt8>) { scanner.push(bytes) }

  /// The place in the object up to which all was read.
  public var offset: Int { scanner.offset }

  /// The next verified part, or nil until more bytes came.
  ///
  /// - Throws: ``ReadError``; what was given out before stays right.
  public mutating func next() throws(ReadError<H.Failure>) -> Part? {
    while let piece = try nextPiece() {
      switch piece {
      case .preamble(let preamble): return try read(preamble)
      case .entry(let volume, let blocks, let units):
        if !skipsHeadlines { try begin(volume: volume, blocks: blocks, units: units) }
      case .unit(let block, let bytes, let plainSize):
        if !skipsHeadlines { return try read(unit: bytes, block: block, plainSize: plainSize) }
        if coder.codec.readsOn { try pass(unit: bytes, plainSize: plainSize) }
      case .index, .body, .end:
        if headlinesOpen {
          headlinesOpen = false
          pending = piece
          var finished = UnitCoder(coder.codec)
          swap(&finished, &coder)
          bodies.goOn(with: finished)
          if skipsHeadlines { continue }
          try finishHeadlines()
          return .headlinesEnd
        }
        if case .body(let entry, let bytes) = piece {
          let body = try bodies.read(entry, bytes)
          return .body(number: entry.number, hash: body.hash, text: body.text)
        }
        if piece == .end {
          if let preamble { try bodies.finish(preamble.totals) }
          return .end
        }
      }
    }
    return nil
  }

  private var skipsHeadlines: Bool { request.headlinesHeld }

  private mutating func nextPiece() throws(ReadError<H.Failure>) -> ObjectScanner.Piece? {
    if let piece = pending, !headlinesOpen {
      pending = nil
      return piece
    }
    do { return try scanner.next() } catch { throw .format(error) }
  }

  private mutating func read(_ preamble: Preamble) throws(ReadError<H.Failure>) -> Part {
    guard case .delta(let delta) = preamble, delta.from == request.from,
      delta.selection == request.selection, request.floor == nil || request.floor == delta.floor
    else { throw .trust(TrustError(.wrongObject, "delta")) }
    let head: Checkpoint
    do {
      head = try delta.checkpoint.verified(origin: request.origin, keys: request.keys)
      // Of an object that is only finished, the head was accepted when it was begun.
      if !request.headlinesHeld { try request.highest?.accept(head) }
    } catch { throw .trust(error) }
    let context = BodyContext(
      from: delta.from, to: head.version, selection: delta.selection, floor: delta.floor)
    if !skipsHeadlines { digests = try fold(delta, head) }
    if !skipsHeadlines || coder.codec.readsOn {
      for record in try context.records(delta.context, asOf: delta.from, in: holdings) {
        coder.prime(record)
      }
    }
    bodies = BodiesReader(context, since: delta.from, holdings: holdings)
    self.preamble = delta
    return .preamble(delta, digests: digests)
  }

  /// All digests at N, which fold to the signed root [OBJ-4].
  private func fold(
    _ delta: DeltaPreamble, _ head: Checkpoint
  ) throws(ReadError<H.Failure>) -> [Digest] {
    var digests: [Digest]
    do { digests = try holdings.digests(asOf: delta.from) } catch { throw .holdings(error) }
    guard digests.count <= head.volumes else {
      throw .trust(TrustError(.wrongDigest, "state \(head.version)"))
    }
    for (volume, digest) in zip(delta.volumes.numbers, delta.digests) {
      guard volume <= digests.count else {
        throw .trust(TrustError(.wrongDigest, "volume \(digests.count)"))
      }
      if volume == digests.count { digests.append(digest) } else { digests[volume] = digest }
    }
    guard digests.count == head.volumes, Merkle.root(digests) == head.stateRoot else {
      throw .trust(TrustError(.wrongDigest, "state \(head.version)"))
    }
    return digests
  }

  private mutating func begin(
    volume: Int, blocks: [Digest], units: Int
  ) throws(ReadError<H.Failure>) {
    guard let preamble, checker == nil, preamble.volumes.contains(volume),
      volume >= preamble.floor || volume == 0, entries.insert(volume).inserted
    else { throw .format(FormatError(.invalidValue, "entry.volume")) }
    // Below the floor there is only the masthead: its own tree of one leaf, led on by the path.
    let below = volume < preamble.floor
    guard !below || (units == 1 && blocks.isEmpty) else {
      throw .format(FormatError(.invalidValue, "entry.units"))
    }
    if below { return }
    do {
      checker = try VolumeChecker(
        volume: volume, digest: digests[volume],
        size: preamble.checkpoint.checkpoint.size(ofVolume: volume),
        held: try held(volume, asOf: preamble.from), blocks: blocks, units: units)
    } catch let error as TrustError { throw .trust(error) } catch let error as H.Failure {
      throw .holdings(error)
    } catch { throw .format(FormatError(.invalidValue, "entry.volume")) }
  }

  private func held(_ volume: Int, asOf version: Int) throws(H.Failure) -> [Record] {
    try holdings.records(ofVolume: volume, asOf: version)
  }

  private mutating func read(
    unit: [UInt8], block: Int?, plainSize: Int
  ) throws(ReadError<H.Failure>) -> Part {
    guard let preamble, preamble.from < preamble.to else {
      throw .format(FormatError(.invalidValue, "unit"))
    }
    let found: [Record]
    do {
      let plain = try coder.decode(unit, size: plainSize)
      found = try VolumeChecker.records(plain, versions: preamble.from + 1...preamble.to)
    } catch { throw .format(error) }
    records += found.count
    plainBytes += plainSize
    guard var checking = checker else {
      try checkMasthead(found)
      return .headlines(volume: 0, found)
    }
    do {
      let last = try checking.add(found, block: block)
      checker = last ? nil : checking
    } catch {
      switch error {
      case .format(let error): throw .format(error)
      case .trust(let error): throw .trust(error)
      }
    }
    return .headlines(volume: checking.volume, found)
  }

  /// Reads headlines that are held already, for the sake of the units after them.
  private mutating func pass(unit: [UInt8], plainSize: Int) throws(ReadError<H.Failure>) {
    do { _ = try coder.decode(unit, size: plainSize) } catch { throw .format(error) }
  }

  /// Whether `found` is the masthead alone, and its path leads to the digest of volume 0 [OBJ-5].
  private func checkMasthead(_ found: [Record]) throws(ReadError<H.Failure>) {
    guard found.count == 1, found[0].number == 0 else {
      throw .format(FormatError(.invalidValue, "masthead"))
    }
    guard let preamble,
      Merkle.root(first: found[0].leaf, path: preamble.path) == digests[0]
    else { throw .trust(TrustError(.wrongDigest, "masthead")) }
  }

  private mutating func finishHeadlines() throws(ReadError<H.Failure>) {
    guard let preamble else { return }
    guard records == preamble.totals.records, plainBytes == preamble.totals.headlinePlain,
      checker == nil
    else { throw .format(FormatError(.invalidValue, "totals.records")) }
    guard preamble.selection.basis != .bodies else { return }
    for volume in preamble.volumes.numbers
    where volume >= preamble.floor && !entries.contains(volume) {
      throw .trust(TrustError(.wrongDigest, "volume \(volume)"))
    }
    // The masthead was not sent: the one held must still be in volume 0.
    if preamble.floor > 0, preamble.volumes.contains(0), !entries.contains(0) {
      let held: Record?
      do { held = try holdings.record(0, asOf: preamble.from) } catch { throw .holdings(error) }
      guard let held else { throw .trust(TrustError(.wrongDigest, "masthead")) }
      try checkMasthead([held])
    }
  }
}

extension Checkpoint {
  /// Whether `head` may follow this one, the highest that was seen [CHK-7, CHK-8].
  public func accept(_ head: Checkpoint) throws(TrustError) {
    guard head.version >= version else { throw TrustError(.behind, "version \(head.version)") }
    guard head.version > version || head.sameHead(as: self) else {
      throw TrustError(.forked, "version \(version)")
    }
  }
}
