public import FilProtocol

/// An article as an editor hands it in: clean text, not yet held against a newsroom.
public struct Draft: Sendable, Equatable {
  /// The file it came from, and its first line there.
  public var file: String
  public var line: Int?
  /// The lines of its fields, by name, where they have lines of their own.
  public var lines: [String: Int] = [:]
  /// The names by which it is known again: `id:…`, `slug:…`.
  public var names: [String] = []
  public var title: String
  public var summary: String
  public var section: String
  public var tags: [String] = []
  public var author = ""
  public var language = ""
  public var flags: Headline.Flags = []
  /// Nil: of now, or as it was.
  public var published: Int?
  public var updated: Int?
  /// Nil: says nothing.
  public var note: String?
  /// CommonMark.
  public var body: String

  public init(
    file: String, line: Int? = nil, title: String, summary: String = "", section: String,
    body: String
  ) {
    self.file = file
    self.line = line
    self.title = title
    self.summary = summary
    self.section = section
    self.body = body
  }

  /// What is wrong with `field`, and where.
  func error(_ field: String, _ message: String) -> InputError {
    InputError(file, lines[field] ?? line, "\(field): \(message)")
  }

  /// Holds the draft against the newsroom's rules; `now` is seconds since 1970-01-01T00:00Z.
  func check(masthead: Masthead, now: Int) throws(NewsroomError) {
    guard masthead.sections.contains(where: { $0.slug == section }) else {
      let known = masthead.sections.map(\.slug).joined(separator: ", ")
      throw .input(
        error(
          "section",
          "there is no section \(section); choose one of \(known), or add it to the masthead"))
    }
    for (field, time) in [("date", published), ("updated", updated)] {
      if let time, time > now {
        throw .input(
          error(field, "is in the future; put a past date, or `publish` it: it is held until then"))
      }
    }
    try checkSizes()
    do { _ = try Record(.headline(headline(published: now)), number: 1, version: 1) } catch {
      let field = String(error.field.split(separator: ".").last ?? "")
      throw .input(
        self.error(field, "is empty, or has a character that is not allowed there; mend it"))
    }
  }

  /// Refuses what readers' programs would keep and not show.
  private func checkSizes() throws(NewsroomError) {
    guard tags.count <= Limits.tags else {
      throw .input(error("tags", "there are \(tags.count), \(Limits.tags) may be; remove some"))
    }
    let sizes = [
      ("title", title, Limits.titleBytes), ("summary", summary, Limits.proseBytes),
      ("section", section, Limits.slugBytes), ("author", author, Limits.titleBytes),
      ("language", language, Limits.tagBytes), ("note", note ?? "", Limits.proseBytes),
      ("body", body, Limits.bodyBytes),
    ]
    for (field, text, limit) in sizes + tags.map({ ("tags", $0, Limits.tagBytes) })
    where text.utf8.count > limit {
      throw .input(error(field, "has \(text.utf8.count) bytes, \(limit) may be; shorten it"))
    }
  }

  /// The draft with a note for readers of what was corrected.
  public func noting(_ text: String) throws(InputError) -> Draft {
    var draft = self
    draft.note = try clean(text, "--note", nil)
    return draft
  }

  /// The headline of a first publication.
  func headline(published time: Int) -> Headline {
    let bytes = Array(body.utf8)
    return Headline(
      published: published ?? time, updated: updated, title: title, summary: summary,
      section: section, tags: tags, author: author, language: language, flags: flags,
      note: note ?? "", body: BodyHash(of: bytes), length: bytes.count)
  }
}
