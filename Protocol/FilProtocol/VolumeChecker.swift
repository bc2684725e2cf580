/// Lays the records of units over those that are held of a volume, and checks them [OBJ-10, OBJ-11].
struct VolumeChecker {
  let volume: Int
  private let digest: Digest
  private let blocks: [Digest]
  private var unitsLeft: Int
  private var leaves: [Digest?]
  private var seenBlocks: Set<Int> = []
  private(set) var changed = 0

  /// `held`: the records of the volume at V.
  ///
  /// `size`: how many it has at N.
  init(
    volume: Int, digest: Digest, size: Int, held: [Record], blocks: [Digest], units: Int
  ) throws(TrustError) {
    self.volume = volume
    self.digest = digest
    self.blocks = blocks
    unitsLeft = units
    leaves = Array(repeating: nil, count: size)
    for record in held where record.number % Limits.volume < size {
      leaves[record.number % Limits.volume] = record.leaf
    }
    guard blocks.isEmpty || blocks.count == (size + Limits.block - 1) / Limits.block,
      blocks.isEmpty || Merkle.root(blocks) == digest
    else { throw TrustError(.wrongDigest, "volume \(volume)") }
  }

  /// Decodes the records of one unit.
  ///
  /// `versions`: those that a record may have.
  static func records(
    _ plain: [UInt8], versions: ClosedRange<Int>
  ) throws(FormatError) -> [Record] {
    var span = plain.span
    var records: [Record] = []
    while !span.isEmpty {
      let record = try Record(decoding: &span)
      guard versions.contains(record.version) else {
        throw FormatError(.invalidValue, "record.version")
      }
      guard records.last.map({ $0.number < record.number }) ?? true else {
        throw FormatError(.notCanonical, "record.number")
      }
      records.append(record)
    }
    guard !records.isEmpty else { throw FormatError(.invalidValue, "unit") }
    return records
  }

  /// Takes the next unit; true when it was the last.
  ///
  /// - Throws: ``TrustError`` when the records are not those of the digest, ``FormatError`` when
  ///   they are not of this volume or come in another shape than an encoder gives them.
  mutating func add(_ records: [Record], block: Int?) throws(ObjectFault) -> Bool {
    let places = block.map { $0 * Limits.block..<($0 + 1) * Limits.block } ?? 0..<Limits.volume
    for record in records {
      let place = record.number - volume * Limits.volume
      guard places.contains(place), place < leaves.count else {
        throw .format(FormatError(.invalidValue, "record.number"))
      }
      leaves[place] = record.leaf
    }
    changed += records.count
    unitsLeft -= 1
    if let block {
      guard seenBlocks.insert(block).inserted else {
        throw .format(FormatError(.notCanonical, "unit.block"))
      }
      guard block < blocks.count, root(places) == blocks[block] else {
        throw .trust(TrustError(.wrongDigest, "volume \(volume) block \(block)"))
      }
    }
    guard unitsLeft == 0 else { return false }
    guard (changed > Limits.blockSplit) == !blocks.isEmpty else {
      throw .format(FormatError(.notCanonical, "entry.blocks"))
    }
    guard root(0..<leaves.count) == digest else {
      throw .trust(TrustError(.wrongDigest, "volume \(volume)"))
    }
    return true
  }

  private func root(_ places: Range<Int>) -> Digest? {
    var tree = Merkle.Frontier()
    for leaf in leaves[places.clamped(to: 0..<leaves.count)] {
      guard let leaf else { return nil }
      tree.append(leaf)
    }
    return tree.root
  }
}

/// What is wrong with an object itself.
enum ObjectFault: Error {
  case format(FormatError)
  case trust(TrustError)
}
