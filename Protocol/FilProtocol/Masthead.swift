/// Record number 0, what the feed says of itself: `Protocol/records.md`, kind 3.
public struct Masthead: Sendable, Equatable {
  /// A section, or a subsection when it has a parent.
  public struct Section: Sendable, Equatable {
    public var slug: String
    public var title: String
    /// The slug of a section that stands before this one; empty: none.
    public var parent: String

    public init(slug: String, title: String, parent: String = "") {
      self.slug = slug
      self.title = title
      self.parent = parent
    }
  }

  public var name: String
  /// CommonMark.
  public var about: String
  public var contact: String
  /// BCP 47, for records that name none.
  public var language: String
  /// Parents before their children, slugs unique.
  public var sections: [Section]
  /// Verifier keys that are accepted besides the one a replica was opened with.
  public var keys: [VerifierKey]

  public init(
    name: String, about: String = "", contact: String = "", language: String = "fr",
    sections: [Section] = [], keys: [VerifierKey] = []
  ) {
    self.name = name
    self.about = about
    self.contact = contact
    self.language = language
    self.sections = sections
    self.keys = keys
  }

  init(decoding span: inout Span<UInt8>, raised: Bool) throws(FormatError) {
    name = try span.line("masthead.name", atMost: raised ? .max : Limits.titleBytes, empty: false)
    about = try span.prose("masthead.about", atMost: raised ? .max : Limits.aboutBytes)
    contact = try span.line("masthead.contact", atMost: raised ? .max : Limits.titleBytes)
    language = try span.line("masthead.language", atMost: raised ? .max : Limits.tagBytes)
    let count = try span.cborArray("masthead.sections")
    guard raised || count <= Limits.sections else {
      throw FormatError(.overLimit, "masthead.sections")
    }
    sections = []
    var seen: Set<String> = []
    for _ in 0..<count {
      try span.cborArray("masthead.sections", exactly: 3)
      let slug = try span.slug(
        "masthead.sections.slug", atMost: raised ? .max : Limits.slugBytes)
      let title = try span.line(
        "masthead.sections.title", atMost: raised ? .max : Limits.tagBytes, empty: false)
      let parent = try span.cborText("masthead.sections.parent")
      guard parent.isEmpty || seen.contains(parent), seen.insert(slug).inserted else {
        throw FormatError(.invalidValue, "masthead.sections")
      }
      sections.append(Section(slug: slug, title: title, parent: parent))
    }
    let keyCount = try span.cborArray("masthead.keys")
    guard raised || keyCount <= Limits.keys else { throw FormatError(.overLimit, "masthead.keys") }
    keys = []
    for _ in 0..<keyCount {
      keys.append(
        try VerifierKey(
          parsing: try span.line("masthead.keys", atMost: raised ? .max : Limits.titleBytes)))
    }
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.cbor(name)
    bytes.cbor(about)
    bytes.cbor(contact)
    bytes.cbor(language)
    bytes.cborArray(sections.count)
    for section in sections {
      bytes.cborArray(3)
      bytes.cbor(section.slug)
      bytes.cbor(section.title)
      bytes.cbor(section.parent)
    }
    bytes.cborArray(keys.count)
    for key in keys { bytes.cbor(key.description) }
  }

  /// `slug` and the slugs of everything below it, in the masthead's order.
  public func subtree(of slug: String) -> [String] {
    var found: Set<String> = [slug]
    return [slug]
      + sections.filter { found.contains($0.parent) && found.insert($0.slug).inserted }.map(\.slug)
  }
}
