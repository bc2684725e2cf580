/// What is true of one number: the unit that is hashed, stored and relayed, always verbatim.
///
/// Layout: `Protocol/records.md`. The bytes may come from anyone; a record is well-formed by
/// construction, and it is the newsroom's once its volume was verified.
public struct Record: Sendable, Equatable {
  /// What a record says.
  public enum Content: Sendable, Equatable {
    case headline(Headline)
    case retraction(Retraction)
    case masthead(Masthead)
    /// Well-formed, but of a later kind or over a limit that may be raised: kept and not shown [REC-2].
    case unreadable
  }

  /// The bytes as they are hashed; at most ``Limits/recordBytes``.
  public let bytes: [UInt8]
  /// 0 for the masthead, from 1 for articles.
  public let number: Int
  /// The length of the log once this record was appended, at least 1.
  public let version: Int
  public let content: Content

  /// Decodes one record that fills `bytes`.
  public init(decoding bytes: [UInt8]) throws(FormatError) {
    var span = bytes.span
    self = try Record(decoding: &span)
    guard span.isEmpty else { throw FormatError(.trailingBytes, "record") }
  }

  /// Decodes the record at the start of `span`.
  init(decoding span: inout Span<UInt8>) throws(FormatError) {
    var rest = span
    try rest.cborSkip("record")
    let size = span.count - rest.count
    guard size <= Limits.recordBytes else { throw FormatError(.overLimit, "record") }
    bytes = span.extracting(first: size).array()
    var inner = span.extracting(first: size)
    guard try inner.cborArray("record") >= 3 else { throw FormatError(.invalidValue, "record") }
    let kind = try inner.cborInteger("record.kind")
    number = try inner.cborInteger("record.number", atMost: Limits.numbers - 1)
    version = try inner.cborInteger("record.version", atMost: Limits.versions)
    guard version >= 1 else { throw FormatError(.invalidValue, "record.version") }
    content = try Record.content(kind: kind, number: number, version: version, &inner)
    span = rest
  }

  private static func content(
    kind: Int, number: Int, version: Int, _ span: inout Span<UInt8>
  ) throws(FormatError) -> Content {
    guard (1...3).contains(kind) else { return .unreadable }
    guard (kind == 3) == (number == 0) else { throw FormatError(.invalidValue, "record.number") }
    do {
      var rest = span
      return try Record.content(kind: kind, version: version, &rest, raised: false)
    } catch {
      // The record is all there: what ends too early lacks an element [REC-3].
      if error.code == .truncated { throw FormatError(.invalidValue, error.field) }
      // The limits that give this code here are those that may be raised; all else must hold.
      guard error.code == .overLimit else { throw error }
    }
    do { _ = try Record.content(kind: kind, version: version, &span, raised: true) } catch {
      throw error.code == .truncated ? FormatError(.invalidValue, error.field) : error
    }
    return .unreadable
  }

  /// `raised`: whether the limits that may be raised are left out.
  private static func content(
    kind: Int, version: Int, _ span: inout Span<UInt8>, raised: Bool
  ) throws(FormatError) -> Content {
    switch kind {
    case 1: .headline(try Headline(decoding: &span, version: version, raised: raised))
    case 2: .retraction(try Retraction(decoding: &span, version: version, raised: raised))
    default: .masthead(try Masthead(decoding: &span, raised: raised))
    }
  }

  /// The record that says `content` of `number`.
  ///
  /// - Throws: when the content is one that a decoder would not give back, such as an empty title.
  public init(_ content: Content, number: Int, version: Int) throws(FormatError) {
    var bytes: [UInt8] = []
    func head(_ kind: Int, _ count: Int) {
      bytes.cborArray(count)
      bytes.cbor(kind)
      bytes.cbor(number)
      bytes.cbor(version)
    }
    switch content {
    case .headline(let headline):
      head(1, 16)
      headline.encode(into: &bytes)
    case .retraction(let retraction):
      head(2, 7)
      retraction.encode(into: &bytes)
    case .masthead(let masthead):
      head(3, 9)
      masthead.encode(into: &bytes)
    case .unreadable: throw FormatError(.invalidValue, "record.kind")
    }
    try self.init(decoding: bytes)
    guard self.content == content else { throw FormatError(.overLimit, "record") }
  }

  /// The hash of the record in both trees.
  public var leaf: Digest { Merkle.leaf(bytes) }

  public var headline: Headline? {
    if case .headline(let headline) = content { headline } else { nil }
  }

  /// Revisions of the number with a version below this one are erased; 0: none.
  public var erased: Int {
    switch content {
    case .headline(let headline): headline.erased
    case .retraction(let retraction): retraction.erased
    case .masthead, .unreadable: 0
    }
  }
}
