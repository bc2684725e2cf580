/// What a party holds of a feed, as it was at some version: what contexts and checks are made from.
///
/// The replica and the newsroom both implement it. What it gives is trusted: it was verified when it
/// was stored, and texts are hashed again when they are read. Answers for a version that is not held
/// are nil or empty, never another version's.
public protocol Holdings {
  /// Why reading failed: the disk, or damage.
  associatedtype Failure: Error
  /// The digests of all volumes at `version`; none at version 0.
  func digests(asOf version: Int) throws(Failure) -> [Digest]
  /// The record of `number` that was current at `version`.
  func record(_ number: Int, asOf version: Int) throws(Failure) -> Record?
  /// All records of a volume that were current at `version`, ascending by number.
  func records(ofVolume volume: Int, asOf version: Int) throws(Failure) -> [Record]
  /// The body with this hash.
  func body(_ hash: BodyHash) throws(Failure) -> [UInt8]?
}

/// Why an object could not be read.
///
/// The reader is then of no further use.
public enum ReadError<Failure: Error>: Error {
  case format(FormatError)
  case trust(TrustError)
  /// A text that the object builds on is not held: ask for `.bare`, or for the body itself.
  case missing(number: Int)
  case holdings(Failure)
}

extension ReadError: Sendable where Failure: Sendable {}

/// What the context of a body is, for whoever writes or reads one: `Protocol/objects.md`.
public struct BodyContext: Sendable {
  /// V; nil for a volume object, which builds on nothing.
  public let from: Int?
  /// N.
  public let to: Int
  public let selection: Selection
  public let floor: Int
  /// The numbers that the object has brought so far.
  public private(set) var brought: Set<Int> = []

  public init(from: Int?, to: Int, selection: Selection, floor: Int) {
    self.from = selection.basis == .bare ? nil : from
    self.to = to
    self.selection = selection
    self.floor = floor
  }

  /// Says that the object has brought the body of `number`.
  public mutating func bring(_ number: Int) { brought.insert(number) }

  /// The body that `number` contributes, or nil when it contributes nothing.
  ///
  /// - Throws: ``ReadError/missing(number:)`` when it contributes a body that is not held.
  public func text<H: Holdings>(
    _ number: Int, in holdings: H
  ) throws(ReadError<H.Failure>) -> [UInt8]? {
    let headline: Headline?
    do {
      headline = try self.headline(number, in: holdings)
      guard let headline else { return nil }
      if let text = try holdings.body(headline.body) { return text }
    } catch { throw .holdings(error) }
    throw .missing(number: number)
  }

  private func headline<H: Holdings>(_ number: Int, in holdings: H) throws(H.Failure) -> Headline? {
    if brought.contains(number) { return try holdings.record(number, asOf: to)?.headline }
    guard let from, number / Limits.volume >= floor,
      let old = try holdings.record(number, asOf: from), let headline = selection.wants(old),
      let new = try holdings.record(number, asOf: to), new.headline != nil,
      new.erased <= old.version
    else { return nil }
    return headline
  }

  /// The bodies of `numbers` in their order, without those at the start that no codec would look at.
  public func texts<H: Holdings>(
    _ numbers: NumberRanges, in holdings: H
  ) throws(ReadError<H.Failure>) -> [[UInt8]] {
    var texts: [[UInt8]] = []
    var size = 0
    for range in numbers.ranges.reversed() {
      for number in range.reversed() where size < selection.codec.contextBytes {
        guard let text = try text(number, in: holdings) else { continue }
        texts.append(text)
        size += text.count
      }
    }
    return texts.reversed()
  }

  /// The records of `numbers` as of V: the context of headlines.
  public func records<H: Holdings>(
    _ numbers: NumberRanges, asOf version: Int, in holdings: H
  ) throws(ReadError<H.Failure>) -> [[UInt8]] {
    var records: [[UInt8]] = []
    var size = 0
    for range in numbers.ranges.reversed() {
      for number in range.reversed()
      where size < selection.codec.contextBytes && (number == 0 || number / Limits.volume >= floor)
      {
        do {
          guard let record = try holdings.record(number, asOf: version) else { continue }
          records.append(record.bytes)
          size += record.bytes.count
        } catch { throw .holdings(error) }
      }
    }
    return records.reversed()
  }

  /// The headline of `number` at N when its body belongs into the object, else nil.
  public func wanted<H: Holdings>(
    _ number: Int, since version: Int?, in holdings: H
  ) throws(H.Failure) -> (headline: Headline, record: Record)? {
    guard number / Limits.volume >= floor, let record = try holdings.record(number, asOf: to),
      let headline = selection.wants(record)
    else { return nil }
    if let version, let old = selection.wants(try holdings.record(number, asOf: version)),
      old.body == headline.body
    {
      return nil
    }
    return (headline, record)
  }
}
