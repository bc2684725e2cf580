public import FilProtocol

/// Renders what brings one volume without a delta, and the other small objects: `Protocol/objects.md`.
public struct VolumeRenderer<A: Archive> {
  private let archive: A

  public init(_ archive: A) { self.archive = archive }

  /// The records of `volume` when it had `digest`.
  public func records(
    _ volume: Int, _ digest: Digest
  ) throws(RenderError<A.Failure>) -> [UInt8] {
    let records: [Record]
    let leaves: [Digest]
    do {
      guard let version = try archive.version(ofVolume: volume, digest: digest) else {
        throw RenderError<A.Failure>.notHere
      }
      records = try archive.records(ofVolume: volume, asOf: version)
      leaves = try archive.leaves(ofVolume: volume, asOf: version)
    } catch { throw RenderError(any: error) }
    guard records.count == leaves.count, !records.isEmpty else {
      throw archive.isComplete ? .gone : .notHere
    }
    var writer = HeadlinesWriter(.deflate, context: [])
    writer.entry(volume: volume, changed: records, blocks: Merkle.blocks(leaves))
    var totals = Totals()
    totals.records = writer.records
    totals.headlinePlain = writer.plainBytes
    totals.headlineBytes = writer.bytes.count
    let preamble = VolumePreamble(
      volume: volume, digest: digest, size: records.count, selection: .none, totals: totals)
    return Preamble.records(preamble).encoded + writer.bytes
  }

  /// The bodies of `volume` when it had `digest`; those that are not here are left out by no one:
  /// the object is then not rendered.
  public func bodies(
    _ volume: Int, _ digest: Digest, _ selection: Selection
  ) throws(RenderError<A.Failure>) -> [UInt8] {
    var wanted: [(headline: Headline, record: Record)] = []
    do {
      guard let version = try archive.version(ofVolume: volume, digest: digest) else {
        throw RenderError<A.Failure>.notHere
      }
      for record in try archive.records(ofVolume: volume, asOf: version) {
        if let headline = selection.wants(record) { wanted.append((headline, record)) }
      }
    } catch { throw RenderError(any: error) }
    wanted.sort {
      ($0.headline.isPressing ? 1 : 0, $0.record.number)
        > ($1.headline.isPressing ? 1 : 0, $1.record.number)
    }
    var library = ContextLibrary(selection.codec)
    var texts: [Int: [UInt8]] = [:]
    var writer = BodiesWriter(
      UnitCoder(selection.codec), first: (volume + 1) * Limits.volume)
    for (headline, record) in wanted {
      let text: [UInt8]?
      do { text = try archive.body(headline.body) } catch { throw .archive(error) }
      guard let text else { throw archive.isComplete ? .gone : .notHere }
      let context = library.choose(
        for: text, of: record.number, room: selection.codec.bodyWindow - record.bytes.count)
      writer.body(
        text, of: record.number, context: context, texts: context.numbers.compactMap { texts[$0] },
        record: record.bytes)
      library.add(text, of: record.number)
      texts[record.number] = text
    }
    var totals = Totals()
    totals.bodies = writer.bodies
    totals.bodyPlain = writer.plainBytes
    let part = writer.finish()
    totals.bodyBytes = part.count
    let preamble = VolumePreamble(
      volume: volume, digest: digest, size: 0, selection: selection, totals: totals)
    return Preamble.bodies(preamble).encoded + part
  }

  /// The digests of `version`.
  public func state(_ version: Int) throws(RenderError<A.Failure>) -> [UInt8] {
    do {
      guard let signed = try archive.checkpoint(of: version) else {
        throw RenderError<A.Failure>.notHere
      }
      let digests = try archive.digests(asOf: version)
      guard digests.count == signed.checkpoint.volumes else {
        throw RenderError<A.Failure>.notHere
      }
      return Preamble.state(signed, digests: digests).encoded
    } catch { throw RenderError(any: error) }
  }

  /// One body, as a unit without context.
  public func body(_ hash: BodyHash) throws(RenderError<A.Failure>) -> [UInt8] {
    do {
      guard let text = try archive.body(hash) else { throw RenderError<A.Failure>.notHere }
      return Deflate.compress(text)
    } catch { throw RenderError(any: error) }
  }
}

extension RenderError {
  /// Gives back the type that a `do` with two kinds of errors in it has lost.
  fileprivate init(any error: any Error) {
    switch error {
    case let error as RenderError<Failure>: self = error
    case let error as Failure: self = .archive(error)
    default: self = .notHere
    }
  }
}
