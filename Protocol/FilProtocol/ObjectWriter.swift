/// Writes the headlines part of an object, entry by entry.
public struct HeadlinesWriter: ~Copyable {
  private var coder: UnitCoder
  public private(set) var bytes: [UInt8] = []
  public private(set) var records = 0
  public private(set) var plainBytes = 0

  /// `context`: the records that the receiver holds, in the order of their ranges.
  public init(_ codec: Codec, context: [[UInt8]]) {
    coder = UnitCoder(codec)
    for record in context { coder.prime(record) }
  }

  /// Adds the changed records of `volume`, ascending by number.
  ///
  /// `blocks`: the digests of all its blocks; used when there are more changed records
  /// than ``Limits/blockSplit`` [OBJ-8].
  public mutating func entry(volume: Int, changed: [Record], blocks: @autoclosure () -> [Digest]) {
    bytes.appendVarint(volume)
    guard changed.count > Limits.blockSplit else {
      bytes.appendVarint(0)
      unit(changed[...])
      return
    }
    let digests = blocks()
    bytes.appendVarint(digests.count)
    for digest in digests { bytes.append(digest) }
    var groups: [(block: Int, records: ArraySlice<Record>)] = []
    var rest = changed[...]
    while let first = rest.first {
      let block = first.number % Limits.volume / Limits.block
      let records = rest.prefix { $0.number % Limits.volume / Limits.block == block }
      groups.append((block, records))
      rest = rest.dropFirst(records.count)
    }
    bytes.appendVarint(groups.count)
    for group in groups.reversed() {
      bytes.appendVarint(group.block)
      unit(group.records)
    }
  }

  /// What the bodies part goes on with.
  public consuming func end() -> UnitCoder { coder }

  private mutating func unit(_ changed: ArraySlice<Record>) {
    let plain = changed.flatMap(\.bytes)
    let packed = coder.encode(plain)
    bytes.appendVarint(packed.count)
    bytes.appendVarint(plain.count)
    bytes += packed
    records += changed.count
    plainBytes += plain.count
  }
}

/// Writes the bodies part of an object, body by body; groups and their indexes are its business.
public struct BodiesWriter: ~Copyable {
  private var coder: UnitCoder
  private var previous: Int
  private var done: [UInt8] = []
  private var group: [BodyEntry] = []
  private var units: [UInt8] = []
  public private(set) var bodies = 0
  public private(set) var plainBytes = 0

  /// Begins the part that follows what `coder` has coded.
  ///
  /// `first`: what the first step counts from: the size of the state, or the end of the volume.
  public init(_ coder: consuming UnitCoder, first: Int) {
    self.coder = coder
    previous = first
  }

  /// Adds `text`, the body of `number`.
  ///
  /// `context`: the numbers that stand for `texts`.
  ///
  /// `texts`: the bodies that the receiver has for them, in that order.
  ///
  /// `record`: the article's own record, which ends the context.
  public mutating func body(
    _ text: [UInt8], of number: Int, context: NumberRanges, texts: [[UInt8]], record: [UInt8]
  ) {
    coder.restart()
    for text in texts { coder.prime(text) }
    coder.prime(record)
    let unit = coder.encode(text)
    group.append(BodyEntry(number: number, size: unit.count, context: context))
    units += unit
    bodies += 1
    plainBytes += text.count
    if group.count == Limits.groupBodies { flush() }
  }

  private mutating func flush() {
    guard !group.isEmpty else { return }
    let index = BodyIndex.encode(group[...], after: &previous)
    let packed = Deflate.compress(index)
    done.appendVarint(packed.count)
    done.appendVarint(index.count)
    done += packed
    done += units
    group = []
    units = []
  }

  /// The part.
  public consuming func finish() -> [UInt8] {
    flush()
    return done
  }
}
