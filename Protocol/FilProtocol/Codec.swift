/// How units are compressed.
///
/// Everything else in an object is the same for all codecs.
public enum Codec: Int, Sendable, Hashable, CaseIterable {
  /// Raw deflate, RFC 1951: `Protocol/codec-1.md`. Every source and client has it.
  case deflate = 1
  /// A statistical model that reads on from unit to unit: `Protocol/codec-2.md`.
  case text = 2

  /// What a selection ends with to ask for it; nil: the codec that needs no word.
  var suffix: String? {
    switch self {
    case .deflate: nil
    case .text: "c2"
    }
  }

  /// How much of the end of a context counts, in bytes.
  public var contextBytes: Int {
    switch self {
    case .deflate: Limits.contextBytes
    case .text: Limits.textContextBytes
    }
  }

  /// Whether a unit can only be read after all units before it.
  public var readsOn: Bool { self == .text }
}

/// Packs or unpacks the units of an object, one after another.
///
/// A coder remembers: what it is primed with and what it has coded is the context of what comes next.
/// Both sides make the same calls in the same order. Codec 2 takes 19 MiB from its first unit on.
/// Not thread-safe; give each to one task.
public struct UnitCoder: ~Copyable {
  public let codec: Codec
  /// Codec 1: the text that the window reaches back into.
  private var history: [UInt8] = []
  /// Codec 2, once there was a unit.
  private var model: TextModel?
  /// Codec 2: texts to be learnt before the next unit, if there is one.
  private var unread: [[UInt8]] = []
  /// Codec 2: how many bytes of context were learnt so far; none where nothing is coded.
  public private(set) var learnt = 0

  public init(_ codec: Codec) {
    self.codec = codec
    model = nil
  }

  /// Takes `text` as context for what comes next.
  public mutating func prime(_ text: [UInt8]) {
    switch codec {
    case .deflate:
      history += text
      if history.count > 2 * codec.contextBytes {
        history.removeFirst(history.count - codec.contextBytes)
      }
    case .text: unread.append(text)
    }
  }

  /// Begins a body: in a codec whose units stand alone, what came before is forgotten.
  public mutating func restart() {
    if !codec.readsOn { history.removeAll(keepingCapacity: true) }
  }

  public mutating func encode(_ plain: [UInt8]) -> [UInt8] {
    switch codec {
    case .deflate:
      let unit = Deflate.compress(plain, context: context)
      prime(plain)
      return unit
    case .text:
      learn()
      return model?.compress(plain.span) ?? []
    }
  }

  /// The `size` bytes that `unit` stands for.
  ///
  /// - Throws: ``FormatError``; the coder is then of no further use.
  public mutating func decode(_ unit: [UInt8], size: Int) throws(FormatError) -> [UInt8] {
    switch codec {
    case .deflate:
      let plain = try Deflate.decompress(unit, context: context, size: size)
      prime(plain)
      return plain
    case .text:
      learn()
      return try model?.decompress(unit.span, plainSize: size) ?? []
    }
  }

  private var context: ArraySlice<UInt8> { history.suffix(codec.contextBytes) }

  private mutating func learn() {
    if model == nil { model = TextModel() }
    for text in unread {
      model?.prime(text.span)
      learnt += text.count
    }
    unread.removeAll()
  }
}
