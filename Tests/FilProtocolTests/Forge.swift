import FilProtocol
import FilSource
import TestSupport
import Testing

/// A delta in pieces that can be changed before it is written: what a lying source would send.
struct Forge {
  struct Unit {
    var block: Int?
    var plain: [UInt8]
    /// What stands in the frame instead of the true plain size.
    var statedPlain: Int?
    /// What stands in the object instead of the compressed bytes.
    var packed: [UInt8]?
  }

  struct Entry {
    var volume: Int
    var blocks: [Digest] = []
    var units: [Unit]
    /// What stands in the frame instead of the number of units.
    var statedUnits: Int?
  }

  struct Body {
    var number: Int
    var text: [UInt8]
    var context = NumberRanges([])
    /// What the writer primes with for `context`.
    var texts: [[UInt8]] = []
    var packed: [UInt8]?
  }

  let feed: MemoryFeed
  var preamble: DeltaPreamble
  var contextRecords: [[UInt8]] = []
  var entries: [Entry] = []
  var bodies: [Body] = []
  /// Whether the totals are made to fit what is written.
  var fixesTotals = true
  /// Changes the plain bytes of the index.
  var index: ([UInt8]) -> [UInt8] = { $0 }
  /// Changes the records and their order in the totals.
  var totals: (inout Totals) -> Void = { _ in }

  /// The right delta, without contexts.
  init(
    _ feed: MemoryFeed, from: Int, selection: Selection = .all, floor: Int = 0
  ) {
    let signed = feed.head()
    let head = signed.checkpoint
    let changed = feed.numbersChanged(after: from, through: head.version) ?? []
    let volumes = NumberRanges(changed.map { $0 / Limits.volume })
    let digests = feed.digests(asOf: head.version)
    self.feed = feed
    preamble = DeltaPreamble(
      checkpoint: signed, from: from, selection: selection, floor: floor, volumes: volumes,
      digests: volumes.numbers.map { digests[$0] },
      path: floor > 0 && volumes.contains(0)
        ? Merkle.firstPath(feed.leaves(ofVolume: 0, asOf: head.version)) : [],
      context: NumberRanges([]), totals: Totals())
    for volume in volumes.numbers.reversed() where volume >= floor || changed.contains(0) {
      let numbers = changed.filter {
        $0 / Limits.volume == volume && (volume >= floor || $0 == 0)
      }
      if !numbers.isEmpty { entries.append(entry(volume, numbers)) }
    }
    let context = BodyContext(from: from, to: head.version, selection: selection, floor: floor)
    for number in changed.reversed() {
      guard let wanted = context.wanted(number, since: from, in: feed),
        let text = feed.body(wanted.headline.body)
      else { continue }
      bodies.append(Body(number: number, text: text))
    }
  }

  /// The entry of `numbers`, in the shape that [OBJ-8] asks for, or the other one.
  func entry(_ volume: Int, _ numbers: [Int], inBlocks: Bool? = nil) -> Entry {
    guard inBlocks ?? (numbers.count > Limits.blockSplit) else {
      return Entry(volume: volume, units: [Unit(plain: numbers.flatMap(plain))])
    }
    let leaves = feed.leaves(ofVolume: volume, asOf: feed.version)
    let blocks = stride(from: 0, to: leaves.count, by: Limits.block).map {
      Merkle.root(leaves[$0..<min($0 + Limits.block, leaves.count)])
    }
    let groups = Dictionary(grouping: numbers) { $0 % Limits.volume / Limits.block }
    let units = groups.keys.sorted(by: >).map {
      Unit(block: $0, plain: (groups[$0] ?? []).flatMap(plain))
    }
    return Entry(volume: volume, blocks: blocks, units: units)
  }

  func plain(_ number: Int) -> [UInt8] { feed.record(number, asOf: feed.version)?.bytes ?? [] }

  /// The object's bytes.
  func render() -> [UInt8] {
    var sum = Totals()
    let headlines = headlinesPart(&sum)
    let part = bodiesPart(&sum)
    var preamble = preamble
    if fixesTotals { preamble.totals = sum }
    totals(&preamble.totals)
    return Preamble.delta(preamble).encoded + headlines + part
  }

  private func headlinesPart(_ sum: inout Totals) -> [UInt8] {
    var coder = UnitCoder(.deflate)
    for record in contextRecords { coder.prime(record) }
    var out: [UInt8] = []
    for entry in entries {
      out.appendVarint(entry.volume)
      out.appendVarint(entry.blocks.count)
      for digest in entry.blocks { out.append(digest) }
      if !entry.blocks.isEmpty { out.appendVarint(entry.statedUnits ?? entry.units.count) }
      for unit in entry.units {
        if let block = unit.block { out.appendVarint(block) }
        let coded = coder.encode(unit.plain)
        let packed = unit.packed ?? coded
        out.appendVarint(packed.count)
        out.appendVarint(unit.statedPlain ?? unit.plain.count)
        out += packed
        sum.records += Forge.count(unit.plain)
        sum.headlinePlain += unit.plain.count
      }
    }
    sum.headlineBytes = out.count
    return out
  }

  private static func count(_ plain: [UInt8]) -> Int {
    var span = plain.span
    var count = 0
    while !span.isEmpty, (try? span.cborSkip("record")) != nil { count += 1 }
    return count
  }

  private func bodiesPart(_ sum: inout Totals) -> [UInt8] {
    guard !bodies.isEmpty else { return [] }
    var entries: [BodyEntry] = []
    var units: [UInt8] = []
    for body in bodies {
      var coder = UnitCoder(.deflate)
      for text in body.texts { coder.prime(text) }
      coder.prime(plain(body.number))
      let packed = body.packed ?? coder.encode(body.text)
      entries.append(BodyEntry(number: body.number, size: packed.count, context: body.context))
      units += packed
      sum.bodies += 1
      sum.bodyPlain += feed.record(body.number, asOf: feed.version)?.headline?.length ?? 0
    }
    var previous = preamble.checkpoint.checkpoint.stateSize
    let plain = index(BodyIndex.encode(entries[...], after: &previous))
    let packed = Deflate.compress(plain)
    var out: [UInt8] = []
    out.appendVarint(packed.count)
    out.appendVarint(plain.count)
    out += packed + units
    sum.bodyBytes = out.count
    return out
  }
}
