/// The small record that stands for an article in every replica: `Protocol/records.md`, kind 1.
public struct Headline: Sendable, Equatable {
  /// Marks of the editor; unknown bits are kept.
  public struct Flags: OptionSet, Sendable, Equatable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let urgent = Flags(rawValue: 1)
    public static let une = Flags(rawValue: 2)
  }

  /// Seconds since 1970-01-01T00:00Z.
  public var published: Int
  /// Seconds since 1970-01-01T00:00Z of the last correction.
  public var updated: Int?
  public var title: String
  public var summary: String
  public var section: String
  public var tags: [String]
  /// Empty: the newsroom.
  public var author: String
  /// BCP 47; empty: the masthead's.
  public var language: String
  public var flags: Flags
  /// What was corrected, for readers.
  public var note: String
  public var body: BodyHash
  /// Of the body, in bytes; 0: there is none.
  public var length: Int
  /// Revisions with a version below this one are erased; 0: none.
  public var erased: Int

  public init(
    published: Int, updated: Int? = nil, title: String, summary: String = "", section: String,
    tags: [String] = [], author: String = "", language: String = "", flags: Flags = [],
    note: String = "", body: BodyHash, length: Int, erased: Int = 0
  ) {
    self.published = published
    self.updated = updated
    self.title = title
    self.summary = summary
    self.section = section
    self.tags = tags
    self.author = author
    self.language = language
    self.flags = flags
    self.note = note
    self.body = body
    self.length = length
    self.erased = erased
  }

  init(decoding span: inout Span<UInt8>, version: Int, raised: Bool) throws(FormatError) {
    published = try span.cborInteger("headline.published")
    updated = try span.cborIntegerOrNull("headline.updated")
    title = try span.line("headline.title", atMost: raised ? .max : Limits.titleBytes, empty: false)
    summary = try span.prose("headline.summary", atMost: raised ? .max : Limits.proseBytes)
    section = try span.slug("headline.section", atMost: raised ? .max : Limits.slugBytes)
    let count = try span.cborArray("headline.tags")
    guard raised || count <= Limits.tags else { throw FormatError(.overLimit, "headline.tags") }
    tags = []
    for _ in 0..<count {
      tags.append(
        try span.line("headline.tags", atMost: raised ? .max : Limits.tagBytes, empty: false))
    }
    author = try span.line("headline.author", atMost: raised ? .max : Limits.titleBytes)
    language = try span.line("headline.language", atMost: raised ? .max : Limits.tagBytes)
    flags = Flags(rawValue: try span.cborInteger("headline.flags"))
    note = try span.prose("headline.note", atMost: raised ? .max : Limits.proseBytes)
    guard let hash = BodyHash(bytes: try span.cborBytes("headline.body", exactly: 16)) else {
      throw FormatError(.invalidValue, "headline.body")
    }
    body = hash
    length = try span.cborInteger("headline.length", atMost: raised ? .max : Limits.bodyBytes)
    erased = try span.cborInteger("headline.erased")
    guard erased <= version else { throw FormatError(.invalidValue, "headline.erased") }
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.cbor(published)
    bytes.cbor(updated)
    bytes.cbor(title)
    bytes.cbor(summary)
    bytes.cbor(section)
    bytes.cborArray(tags.count)
    for tag in tags { bytes.cbor(tag) }
    bytes.cbor(author)
    bytes.cbor(language)
    bytes.cbor(flags.rawValue)
    bytes.cbor(note)
    bytes.cbor(bytes: body.bytes)
    bytes.cbor(length)
    bytes.cbor(erased)
  }
}

/// The record that replaces a headline when an article is withdrawn: kind 2.
public struct Retraction: Sendable, Equatable {
  /// When the article was first published, in seconds since 1970-01-01T00:00Z.
  public var published: Int
  /// When it was withdrawn.
  public var time: Int
  /// Why, for readers; not empty.
  public var reason: String
  /// As in ``Headline/erased``.
  public var erased: Int

  public init(published: Int, time: Int, reason: String, erased: Int = 0) {
    self.published = published
    self.time = time
    self.reason = reason
    self.erased = erased
  }

  init(decoding span: inout Span<UInt8>, version: Int, raised: Bool) throws(FormatError) {
    published = try span.cborInteger("retraction.published")
    time = try span.cborInteger("retraction.time")
    reason = try span.prose("retraction.reason", atMost: raised ? .max : Limits.proseBytes)
    guard !reason.isEmpty else { throw FormatError(.invalidValue, "retraction.reason") }
    erased = try span.cborInteger("retraction.erased")
    guard erased <= version else { throw FormatError(.invalidValue, "retraction.erased") }
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.cbor(published)
    bytes.cbor(time)
    bytes.cbor(reason)
    bytes.cbor(erased)
  }
}

extension Span where Element == UInt8 {
  /// Takes text of one line: no control characters [REC-4].
  mutating func line(
    _ field: String, atMost limit: Int, empty: Bool = true
  ) throws(FormatError) -> String {
    let text = try cborText(field)
    guard text.unicodeScalars.allSatisfy({ !$0.isControl }), empty || !text.isEmpty else {
      throw FormatError(.invalidValue, field)
    }
    guard text.utf8.count <= limit else { throw FormatError(.overLimit, field) }
    return text
  }

  /// Takes text of several lines: of the control characters only U+000A [REC-4].
  mutating func prose(_ field: String, atMost limit: Int) throws(FormatError) -> String {
    let text = try cborText(field)
    guard text.unicodeScalars.allSatisfy({ !$0.isControl || $0 == "\n" }) else {
      throw FormatError(.invalidValue, field)
    }
    guard text.utf8.count <= limit else { throw FormatError(.overLimit, field) }
    return text
  }

  mutating func slug(_ field: String, atMost limit: Int) throws(FormatError) -> String {
    let text = try cborText(field)
    guard Selection.isSlug(text) else { throw FormatError(.invalidValue, field) }
    guard text.utf8.count <= limit else { throw FormatError(.overLimit, field) }
    return text
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
