/// One body as the index of its group announces it.
public struct BodyEntry: Sendable, Equatable {
  public var number: Int
  /// Of its unit, in bytes.
  public var size: Int
  /// The numbers whose bodies are its context.
  public var context: NumberRanges

  public init(number: Int, size: Int, context: NumberRanges) {
    self.number = number
    self.size = size
    self.context = context
  }
}

/// Cuts an object into its pieces while it arrives.
///
/// It checks the frame, not what is in it.
///
/// It keeps no more than the piece that is not complete yet: at most ``Limits/unitBytes``, or
/// ``Limits/preambleBytes``, and what one `push` brought.
public struct ObjectScanner: Sendable {
  /// What an object is made of, in order.
  public enum Piece: Sendable, Equatable {
    case preamble(Preamble)
    /// The start of a volume's headlines, with all its block digests or none.
    case entry(volume: Int, blocks: [Digest], units: Int)
    /// Headlines; `block` is nil for a volume without block digests.
    case unit(block: Int?, bytes: [UInt8], plainSize: Int)
    case index([BodyEntry])
    case body(BodyEntry, bytes: [UInt8])
    case end
  }

  private enum State {
    case preamble, headlines
    case units(left: Int, blocks: Bool)
    case bodies
    case group(ArraySlice<BodyEntry>)
    case end
  }

  private let origin: String
  private var state = State.preamble
  private var buffer: [UInt8] = []
  private var start = 0
  private var headlinesLeft = 0
  private var bodiesLeft = 0
  /// The number that the next step of an index counts from.
  private var previousNumber = 0
  /// How many bytes the pieces that were given out took: the place of the next one.
  public private(set) var offset = 0

  /// `origin`: the feed that the object must be of.
  public init(origin: String) { self.origin = origin }

  /// Takes the next bytes of the object.
  public mutating func push(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += bytes
  }

  /// The next piece, or nil until more bytes came.
  public mutating func next() throws(FormatError) -> Piece? {
    switch state {
    case .preamble: return try preamble()
    case .headlines:
      if headlinesLeft > 0 { return try entry() }
      state = .bodies
      return try next()
    case .units(let left, let blocks): return try unit(left: left, blocks: blocks)
    case .bodies:
      if bodiesLeft > 0 { return try index() }
      guard start == buffer.count else { throw FormatError(.trailingBytes, "object") }
      state = .end
      return .end
    case .group(let entries): return try body(entries)
    case .end:
      guard start == buffer.count else { throw FormatError(.trailingBytes, "object") }
      return nil
    }
  }

  private mutating func preamble() throws(FormatError) -> Piece? {
    let available = buffer.count - start
    guard available >= Preamble.headerLength else { return nil }
    let header = start..<start + Preamble.headerLength
    let length = try Preamble.length(header: buffer.span.extracting(header))
    guard available >= Preamble.headerLength + length else { return nil }
    let bytes = Array(buffer[header.upperBound..<header.upperBound + length])
    let preamble = try Preamble(decoding: bytes, origin: origin)
    start += Preamble.headerLength + length
    offset += Preamble.headerLength + length
    headlinesLeft = preamble.totals.headlineBytes
    bodiesLeft = preamble.totals.bodyBytes
    switch preamble {
    case .delta(let delta): previousNumber = delta.checkpoint.checkpoint.stateSize
    case .bodies(let volume): previousNumber = (volume.volume + 1) * Limits.volume
    case .state, .records: break
    }
    state = .headlines
    return .preamble(preamble)
  }

  /// Decodes with `body` from the part of which `left` bytes are to come; nil until enough came.
  private mutating func decode<T>(
    _ left: inout Int, _ body: (inout Span<UInt8>) throws(FormatError) -> T
  ) throws(FormatError) -> T? {
    let window = min(buffer.count - start, left)
    var span = buffer.span.extracting(start..<start + window)
    let value: T
    do { value = try body(&span) } catch {
      if error.code == .truncated && window < left { return nil }
      throw error
    }
    let taken = window - span.count
    start += taken
    offset += taken
    left -= taken
    return value
  }

  private mutating func entry() throws(FormatError) -> Piece? {
    var left = headlinesLeft
    let piece = try decode(&left) { (span) throws(FormatError) -> Piece in
      let volume = try span.varint("entry.volume", atMost: Limits.numbers / Limits.volume - 1)
      var blocks: [Digest] = []
      for _ in 0..<(try span.varint("entry.blocks", atMost: Limits.volume / Limits.block)) {
        blocks.append(try span.digest("entry.blocks"))
      }
      guard !blocks.isEmpty else { return .entry(volume: volume, blocks: [], units: 1) }
      let units = try span.varint("entry.units")
      guard (1...blocks.count).contains(units) else {
        throw FormatError(.invalidValue, "entry.units")
      }
      return .entry(volume: volume, blocks: blocks, units: units)
    }
    headlinesLeft = left
    if case .entry(_, let blocks, let units) = piece {
      state = .units(left: units, blocks: !blocks.isEmpty)
    }
    return piece
  }

  private mutating func unit(left units: Int, blocks: Bool) throws(FormatError) -> Piece? {
    var left = headlinesLeft
    let piece = try decode(&left) { (span) throws(FormatError) -> Piece in
      let block =
        blocks ? try span.varint("unit.block", atMost: Limits.volume / Limits.block - 1) : nil
      let size = try span.varint("unit.size", atMost: Limits.unitBytes)
      let plainSize = try span.varint("unit.plainSize", atMost: Limits.unitPlainBytes)
      return .unit(block: block, bytes: try span.take(size, "unit"), plainSize: plainSize)
    }
    headlinesLeft = left
    if piece != nil { state = units > 1 ? .units(left: units - 1, blocks: blocks) : .headlines }
    return piece
  }

  private mutating func index() throws(FormatError) -> Piece? {
    var left = bodiesLeft
    let packed = try decode(&left) { (span) throws(FormatError) -> (bytes: [UInt8], size: Int) in
      let size = try span.varint("index.size", atMost: Limits.unitBytes)
      let plainSize = try span.varint("index.plainSize", atMost: Limits.indexPlainBytes)
      return (try span.take(size, "index"), plainSize)
    }
    bodiesLeft = left
    guard let packed else { return nil }
    let plain = try Deflate.decompress(packed.bytes, size: packed.size)
    let entries = try BodyIndex.decode(plain, after: &previousNumber)
    state = .group(entries[...])
    return .index(entries)
  }

  private mutating func body(_ entries: ArraySlice<BodyEntry>) throws(FormatError) -> Piece? {
    guard let entry = entries.first else {
      state = .bodies
      return try next()
    }
    guard entry.size <= bodiesLeft else { throw FormatError(.truncated, "body") }
    var left = bodiesLeft
    let bytes = try decode(&left) { (span) throws(FormatError) in
      try span.take(entry.size, "body")
    }
    bodiesLeft = left
    guard let bytes else { return nil }
    state = .group(entries.dropFirst())
    return .body(entry, bytes: bytes)
  }
}

/// The index of a group of bodies, inflated: `Protocol/objects.md`.
package enum BodyIndex {
  package static func decode(_ bytes: [UInt8], after previous: inout Int) throws(FormatError)
    -> [BodyEntry]
  {
    var span = bytes.span
    let count = try span.varint("index.count", atMost: Limits.groupBodies)
    guard count >= 1 else { throw FormatError(.invalidValue, "index.count") }
    var entries: [BodyEntry] = []
    for _ in 0..<count {
      let zigzag = try span.varint("index.step")
      let number = previous - (zigzag >> 1 ^ -(zigzag & 1))
      guard (1..<Limits.numbers).contains(number) else {
        throw FormatError(.invalidValue, "index.step")
      }
      previous = number
      let size = try span.varint("index.unit", atMost: Limits.unitBytes)
      let context = try NumberRanges(gaps: &span, "index.context")
        .checkedAsContext("index.context")
      entries.append(BodyEntry(number: number, size: size, context: context))
    }
    guard span.isEmpty else { throw FormatError(.trailingBytes, "index") }
    return entries
  }

  package static func encode(_ entries: ArraySlice<BodyEntry>, after previous: inout Int) -> [UInt8]
  {
    var bytes: [UInt8] = []
    bytes.appendVarint(entries.count)
    for entry in entries {
      let step = previous - entry.number
      bytes.appendVarint(step << 1 ^ step >> (Int.bitWidth - 1))
      previous = entry.number
      bytes.appendVarint(entry.size)
      entry.context.encodeGaps(into: &bytes)
    }
    return bytes
  }
}
