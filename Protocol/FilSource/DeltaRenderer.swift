public import FilProtocol

/// Why an object cannot be rendered.
///
/// Nothing was changed.
public enum RenderError<Failure: Error>: Error {
  /// This archive does not have what it takes: another source may.
  case notHere
  /// What belongs into it was erased, and will not come back.
  case gone
  case archive(Failure)
}

/// Renders the delta between two versions: `Protocol/objects.md`.
///
/// What the bytes decode to is fixed by the log; which contexts they name is this file's choice.
public struct DeltaRenderer<A: Archive> {
  private let archive: A
  private let from: Int
  private let selection: Selection
  private let floor: Int
  private let signed: SignedCheckpoint

  private var head: Checkpoint { signed.checkpoint }

  /// - Throws: ``RenderError/notHere`` when `to` was never signed, or the floor is above its head.
  public init(
    _ archive: A, from: Int, to: Int, selection: Selection, floor: Int
  ) throws(RenderError<A.Failure>) {
    let signed: SignedCheckpoint?
    let base: SignedCheckpoint?
    let oldest: Int
    do {
      signed = try archive.checkpoint(of: to)
      base = from > 0 ? try archive.checkpoint(of: from) : nil
      oldest = try archive.oldestVolume()
    } catch { throw .archive(error) }
    guard let signed, from <= to, floor < signed.checkpoint.volumes, floor >= oldest else {
      throw .notHere
    }
    // After a restore a replica may stand at a version that is not of this log [HTTP-7].
    guard from == 0 || base != nil else { throw .notHere }
    self.init(archive, from: from, signed: signed, selection: selection, floor: floor)
  }

  /// The delta to a head that is not in the archive yet: what a newsroom rehearses before it signs.
  public init(_ archive: A, from: Int, signed: SignedCheckpoint, selection: Selection, floor: Int) {
    self.archive = archive
    self.from = from
    self.signed = signed
    self.selection = selection
    self.floor = floor
  }

  /// The object's bytes.
  public func render() throws(RenderError<A.Failure>) -> [UInt8] {
    let changed: [Int]?
    let touched: [Int]?
    do {
      changed = try archive.numbersChanged(after: from, through: head.version)
      touched = try archive.volumesChanged(after: from, through: head.version)
    } catch { throw .archive(error) }
    guard let changed, let touched else { throw .notHere }
    let volumes = NumberRanges(touched)
    let (leaves, digests) = try digests(of: volumes)
    let records = try current(changed)
    let context = selection.basis == .bodies ? NumberRanges([]) : try headlineContext(changed)
    var totals = Totals()
    var coder = UnitCoder(selection.codec)
    let headlines = try headlines(records, context, leaves, &totals, &coder)
    let bodies = try bodies(records, &totals, coder)
    var path: [Digest] = []
    if floor > 0, volumes.contains(0) {
      do { path = try archive.mastheadPath(asOf: head.version) } catch { throw .archive(error) }
    }
    let preamble = DeltaPreamble(
      checkpoint: signed, from: from, selection: selection, floor: floor, volumes: volumes,
      digests: digests, path: path, context: context, totals: totals)
    return Preamble.delta(preamble).encoded + headlines + bodies
  }

  /// The leaves of the volumes whose records are sent, and the digests of all that changed.
  private func digests(
    of volumes: NumberRanges
  ) throws(RenderError<A.Failure>) -> (leaves: [Int: [Digest]], digests: [Digest]) {
    var leaves: [Int: [Digest]] = [:]
    var digests: [Digest] = []
    for volume in volumes.numbers {
      let digest: Digest?
      do {
        if volume >= floor {
          let found = try archive.leaves(ofVolume: volume, asOf: head.version)
          leaves[volume] = found
          digest = found.isEmpty ? nil : Merkle.root(found)
        } else {
          digest = try archive.digest(ofVolume: volume, asOf: head.version)
        }
      } catch { throw .archive(error) }
      guard let digest else { throw .notHere }
      digests.append(digest)
    }
    return (leaves, digests)
  }

  /// The records at N of the numbers that the delta brings, ascending.
  private func current(_ changed: [Int]) throws(RenderError<A.Failure>) -> [Record] {
    var records: [Record] = []
    for number in changed where number == 0 || number / Limits.volume >= floor {
      let record: Record?
      do { record = try archive.record(number, asOf: head.version) } catch {
        throw .archive(error)
      }
      guard let record else { throw archive.isComplete ? .gone : .notHere }
      records.append(record)
    }
    return records
  }

  private func headlines(
    _ records: [Record], _ context: NumberRanges, _ leaves: [Int: [Digest]],
    _ totals: inout Totals, _ coder: inout UnitCoder
  ) throws(RenderError<A.Failure>) -> [UInt8] {
    guard selection.basis != .bodies else { return [] }
    var writer = HeadlinesWriter(selection.codec, context: try contextRecords(context))
    let volumes = Dictionary(grouping: records) { $0.number / Limits.volume }
    let withdrawn = Set(volumes.filter { $0.value.contains { $0.isRetraction } }.keys)
    let order = volumes.keys.sorted {
      (withdrawn.contains($0) ? 1 : 0, $0) > (withdrawn.contains($1) ? 1 : 0, $1)
    }
    for volume in order {
      writer.entry(
        volume: volume, changed: volumes[volume] ?? [],
        blocks: Merkle.blocks(leaves[volume] ?? []))
    }
    totals.records = writer.records
    totals.headlinePlain = writer.plainBytes
    totals.headlineBytes = writer.bytes.count
    let bytes = writer.bytes
    coder = writer.end()
    return bytes
  }

  /// Old records of what was corrected, and the newest ones, as many as the codec looks at.
  private func headlineContext(_ changed: [Int]) throws(RenderError<A.Failure>) -> NumberRanges {
    guard from > 0, !changed.isEmpty else { return NumberRanges([]) }
    var chosen: [Int] = []
    var size = 0
    func add(_ number: Int) throws(A.Failure) -> Bool {
      guard let record = try archive.record(number, asOf: from) else { return false }
      chosen.append(number)
      size += record.bytes.count
      return true
    }
    do {
      let window = selection.codec.headlineWindow
      for number in changed.reversed() where number == 0 || number / Limits.volume >= floor {
        guard size < window / 2, chosen.count < Limits.contextNumbers / 2 else { break }
        _ = try add(number)
      }
      let corrected = Set(chosen)
      var number = try archive.checkpoint(of: from)?.checkpoint.stateSize ?? 0
      while size < window, chosen.count < Limits.contextNumbers, number > floor * Limits.volume {
        number -= 1
        if !corrected.contains(number) { _ = try add(number) }
      }
    } catch { throw .archive(error) }
    return NumberRanges(chosen)
  }

  private func contextRecords(
    _ numbers: NumberRanges
  ) throws(RenderError<A.Failure>) -> [[UInt8]] {
    do { return try bodyContext.records(numbers, asOf: from, in: archive) } catch {
      throw RenderError(error)
    }
  }

  private var bodyContext: BodyContext {
    BodyContext(from: from, to: head.version, selection: selection, floor: floor)
  }

  private func bodies(
    _ records: [Record], _ totals: inout Totals, _ coder: consuming UnitCoder
  ) throws(RenderError<A.Failure>) -> [UInt8] {
    var context = bodyContext
    var wanted: [(headline: Headline, record: Record)] = records.compactMap { record in
      guard record.number / Limits.volume >= floor else { return nil }
      return selection.wants(record).map { ($0, record) }
    }
    let named: [Int: BodyHash]?
    do {
      named = try archive.bodies(
        of: wanted.map(\.record.number), namedBy: selection, asOf: from)
    } catch { throw .archive(error) }
    guard let named else { throw .notHere }
    wanted.removeAll { named[$0.record.number] == $0.headline.body }
    wanted.sort {
      ($0.headline.isPressing ? 1 : 0, $0.record.number)
        > ($1.headline.isPressing ? 1 : 0, $1.record.number)
    }
    let library = try ContextLibrary(
      archive, context, size: head.stateSize, changed: wanted.map(\.record.number))
    return try write(
      wanted, library, &context, &totals, BodiesWriter(coder, first: head.stateSize))
  }

  private func write(
    _ wanted: [(headline: Headline, record: Record)], _ library: consuming ContextLibrary,
    _ context: inout BodyContext, _ totals: inout Totals, _ writer: consuming BodiesWriter
  ) throws(RenderError<A.Failure>) -> [UInt8] {
    var library = library
    var writer = writer
    for (headline, record) in wanted {
      let text: [UInt8]?
      do { text = try archive.body(headline.body) } catch { throw .archive(error) }
      guard let text else { throw archive.isComplete ? .gone : .notHere }
      let numbers = library.choose(
        for: text, of: record.number, room: selection.codec.bodyWindow - record.bytes.count)
      let texts: [[UInt8]]
      do { texts = try context.texts(numbers, in: archive) } catch { throw RenderError(error) }
      writer.body(
        text, of: record.number, context: numbers, texts: texts, record: record.bytes)
      context.bring(record.number)
      library.add(text, of: record.number)
    }
    totals.bodies = writer.bodies
    totals.bodyPlain = writer.plainBytes
    let part = writer.finish()
    totals.bodyBytes = part.count
    return part
  }
}

extension RenderError {
  /// A reader's error while a context is gathered: what is missing is missing for the renderer too.
  init(_ error: ReadError<Failure>) {
    switch error {
    case .holdings(let failure): self = .archive(failure)
    case .missing, .format, .trust: self = .notHere
    }
  }
}

extension Codec {
  /// How many bytes of records a newsroom names as the context of headlines.
  var headlineWindow: Int {
    switch self {
    case .deflate: contextBytes
    case .text: 49_152
    }
  }

  /// How many bytes of bodies it names: with codec 2 a quarter of a megabyte in all, which costs a
  /// small computer half a second and saves all but 6 % of what everything would save.
  var bodyWindow: Int {
    switch self {
    case .deflate: contextBytes
    case .text: 212_992
    }
  }
}

extension Headline {
  /// Whether its body comes before the others.
  var isPressing: Bool { !flags.isDisjoint(with: [.urgent, .une]) }
}

extension Record {
  public var isRetraction: Bool { if case .retraction = content { true } else { false } }
}

extension Merkle {
  /// The digests of the blocks of a volume with these leaves.
  static func blocks(_ leaves: [Digest]) -> [Digest] {
    stride(from: 0, to: leaves.count, by: Limits.block).map {
      root(leaves[$0..<min($0 + Limits.block, leaves.count)])
    }
  }
}
