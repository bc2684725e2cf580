/// How units are compressed. Everything else in an object is the same for all codecs.
public enum Codec: Int, Sendable, Hashable, CaseIterable {
  /// Raw deflate, RFC 1951: `Protocol/codec-1.md`.
  case deflate = 1

  /// What a selection ends with to ask for it; nil: the codec that needs no word.
  var suffix: String? {
    switch self {
    case .deflate: nil
    }
  }

  /// How much of the end of a context counts, in bytes.
  public var contextBytes: Int {
    switch self {
    case .deflate: Limits.contextBytes
    }
  }
}

/// Packs or unpacks the units of one part of an object, one after another.
///
/// A coder remembers: what it is primed with and what it has coded is the context of what comes next.
/// Both sides make the same calls in the same order. Not thread-safe; give each to one task.
public struct UnitCoder: ~Copyable {
  public let codec: Codec
  private var history: [UInt8] = []

  public init(_ codec: Codec) { self.codec = codec }

  /// Takes `text` as context for what comes next.
  public mutating func prime(_ text: [UInt8]) {
    history += text
    if history.count > 2 * codec.contextBytes {
      history.removeFirst(history.count - codec.contextBytes)
    }
  }

  /// Begins a body: in a codec whose units stand alone, what came before is forgotten.
  public mutating func restart() { history.removeAll(keepingCapacity: true) }

  public mutating func encode(_ plain: [UInt8]) -> [UInt8] {
    let unit = Deflate.compress(plain, context: context)
    prime(plain)
    return unit
  }

  /// The `size` bytes that `unit` stands for.
  ///
  /// - Throws: ``FormatError``; the coder is then of no further use.
  public mutating func decode(_ unit: [UInt8], size: Int) throws(FormatError) -> [UInt8] {
    let plain = try Deflate.decompress(unit, context: context, size: size)
    prime(plain)
    return plain
  }

  private var context: ArraySlice<UInt8> { history.suffix(codec.contextBytes) }
}
