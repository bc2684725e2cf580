/// Reads objects that bring one volume, or the digests of all: what a replica does without a delta.
public enum VolumeReader {
  /// All records of volume `volume`, verified against `digest`.
  ///
  /// `bytes`: the whole object; one volume is at most 256 records.
  public static func records(
    _ bytes: [UInt8], volume: Int, digest: Digest, version: Int, origin: String
  ) throws(ReadError<Never>) -> [Record] {
    do {
      var scanner = ObjectScanner(origin: origin)
      scanner.push(bytes)
      guard let first = try scanner.next() else {
        throw ObjectFault.format(FormatError(.truncated, "volume"))
      }
      guard case .preamble(.records(let preamble)) = first, preamble.volume == volume,
        preamble.digest == digest
      else { throw ObjectFault.trust(TrustError(.wrongObject, "volume \(volume)")) }
      guard let second = try scanner.next() else {
        throw ObjectFault.format(FormatError(.truncated, "volume"))
      }
      guard case .entry(volume, let blocks, let units) = second else {
        throw ObjectFault.format(FormatError(.invalidValue, "entry.volume"))
      }
      var checker = try VolumeChecker(
        volume: volume, digest: digest, size: preamble.size, held: [], blocks: blocks, units: units)
      var coder = UnitCoder(preamble.selection.codec)
      var all: [Record] = []
      var plainBytes = 0
      var complete = false
      while case .unit(let block, let unit, let size)? = try scanner.next() {
        let plain = try coder.decode(unit, size: size)
        let records = try VolumeChecker.records(plain, versions: 1...version)
        all += records
        plainBytes += size
        complete = try checker.add(records, block: block)
        if complete { break }
      }
      guard complete, let last = try scanner.next() else {
        throw ObjectFault.format(FormatError(.truncated, "volume"))
      }
      guard last == .end, all.count == preamble.totals.records,
        plainBytes == preamble.totals.headlinePlain
      else { throw ObjectFault.format(FormatError(.invalidValue, "totals.records")) }
      return all.sorted { $0.number < $1.number }
    } catch let error as FormatError { throw .format(error) } catch let error as TrustError {
      throw .trust(error)
    } catch ObjectFault.format(let error) { throw .format(error) } catch ObjectFault.trust(
      let error)
    {
      throw .trust(error)
    } catch { throw .format(FormatError(.invalidValue, "volume")) }
  }

  /// The digests of the state that `bytes` lists, verified against its checkpoint.
  public static func digests(
    _ bytes: [UInt8], origin: String, keys: [VerifierKey]
  ) throws(ReadError<Never>) -> (head: SignedCheckpoint, digests: [Digest]) {
    var scanner = ObjectScanner(origin: origin)
    scanner.push(bytes)
    let first: ObjectScanner.Piece?
    let last: ObjectScanner.Piece?
    do {
      first = try scanner.next()
      last = try scanner.next()
    } catch { throw .format(error) }
    guard let first else { throw .format(FormatError(.truncated, "state")) }
    guard case .preamble(.state(let signed, let digests)) = first, last == .end else {
      throw .trust(TrustError(.wrongObject, "state"))
    }
    let head: Checkpoint
    do { head = try signed.verified(origin: origin, keys: keys) } catch { throw .trust(error) }
    guard Merkle.root(digests) == head.stateRoot else {
      throw .trust(TrustError(.wrongDigest, "state \(head.version)"))
    }
    return (signed, digests)
  }
}

/// Reads the bodies of one volume while they arrive; verified one by one.
///
/// Not thread-safe.
public struct VolumeBodiesReader<H: Holdings>: ~Copyable {
  private let volume: Int
  private let digest: Digest
  private let selection: Selection
  private var scanner: ObjectScanner
  private var bodies: BodiesReader<H>
  private var totals = Totals()

  /// `version`: at which the holdings have `digest` for `volume`.
  public init(
    volume: Int, digest: Digest, selection: Selection, version: Int, origin: String, holdings: H
  ) {
    self.volume = volume
    self.digest = digest
    self.selection = selection
    scanner = ObjectScanner(origin: origin)
    bodies = BodiesReader(
      BodyContext(from: nil, to: version, selection: selection, floor: volume), since: nil,
      holdings: holdings)
  }

  public mutating func push(_ bytes: some Collection<UInt8>) { scanner.push(bytes) }

  /// The place in the object up to which all was read.
  public var offset: Int { scanner.offset }

  /// The next verified body, `end` after the last, or nil until more bytes came.
  public mutating func next() throws(ReadError<H.Failure>) -> DeltaReader<H>.Part? {
    while true {
      let piece: ObjectScanner.Piece?
      do { piece = try scanner.next() } catch { throw .format(error) }
      switch piece {
      case nil: return nil
      case .preamble(let preamble):
        guard case .bodies(let found) = preamble, found.volume == volume, found.digest == digest,
          found.selection == selection
        else { throw .trust(TrustError(.wrongObject, "volume \(volume)")) }
        totals = found.totals
      case .body(let entry, let unit):
        guard entry.number / Limits.volume == volume else {
          throw .trust(TrustError(.wrongObject, "body \(entry.number)"))
        }
        let body = try bodies.read(entry, unit)
        return .body(number: entry.number, hash: body.hash, text: body.text)
      case .end:
        try bodies.finish(totals)
        return .end
      case .entry, .unit, .index: break
      }
    }
  }
}
