internal import FilProtocol
internal import FoundationEssentials
internal import Text

/// Reads articles from JSON lines, one article a line.
public enum ArticleLines {
  /// Bytes of a file that is read at once.
  public static let fileBytes = 1 << 30

  /// The articles in the file `path`.
  public static func read(_ path: String) throws(InputError) -> [Draft] {
    try parse(path, try ArticleFile.bytes(path, atMost: fileBytes))
  }

  /// The articles in `bytes`, which errors call `file`; empty lines are passed over.
  public static func parse(_ file: String, _ bytes: [UInt8]) throws(InputError) -> [Draft] {
    var drafts: [Draft] = []
    var number = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      drafts.append(try draft(Array(line), file, number))
    }
    return drafts
  }

  private static func draft(
    _ line: [UInt8], _ file: String, _ number: Int
  ) throws(InputError) -> Draft {
    let article: ArticleLine
    do {
      article = try JSONDecoder().decode(ArticleLine.self, from: Data(line))
    } catch let error as DecodingError {
      throw InputError(file, number, ArticleLines.message(error))
    } catch { throw InputError(file, number, "is not JSON; write one object on one line") }
    func required(_ text: String?, _ name: String, _ example: String) throws(InputError) -> String {
      let text = try cleanLine(text ?? "", file, number)
      guard !text.isEmpty else {
        throw InputError(file, number, "\(name) is missing; add \"\(name)\": \"\(example)\"")
      }
      return text
    }
    let body = try clean(article.body.text, file, number)
    var draft = Draft(
      file: file, line: number, title: try required(article.title, "title", "Le titre"),
      summary: try article.summary.map { (text) throws(InputError) in
        try clean(text, file, number)
      } ?? summary(of: body),
      section: try required(article.section, "section", "nord-actu"), body: body)
    for tag in article.tags ?? [] { draft.tags.append(try cleanLine(tag, file, number)) }
    draft.author = try cleanLine(article.author ?? "", file, number)
    draft.language = try cleanLine(article.language ?? "", file, number)
    if article.urgent ?? false { draft.flags.insert(.urgent) }
    if article.une ?? false { draft.flags.insert(.une) }
    for (name, time) in [("published", article.published), ("updated", article.updated)] {
      if let time, time < 0 {
        throw InputError(file, number, "\(name): is before 1970; give seconds since then")
      }
    }
    draft.published = article.published
    draft.updated = article.updated
    draft.note = try article.note.map { (text) throws(InputError) in
      try clean(text, file, number)
    }
    if let id = article.id { draft.names.append("id:\(id.text)") }
    if let slug = article.slug { draft.names.append("slug:\(slug)") }
    return draft
  }

  /// The text in NFC; all of it is on line `number` of the file, whatever its own line ends.
  private static func clean(
    _ text: String, _ file: String, _ number: Int
  ) throws(InputError) -> String {
    do { return try FilServer.clean(text, file, nil) } catch {
      throw InputError(file, number, error.message)
    }
  }

  private static func message(_ error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      let field = context.codingPath.first?.stringValue ?? "the line"
      return
        "\(field): is of the wrong type; it should be \(ArticleLine.shapes[field] ?? "an object")"
    case .keyNotFound(let key, _):
      return
        "\(key.stringValue) is missing; it should be \(ArticleLine.shapes[key.stringValue] ?? "")"
    case .dataCorrupted(let context):
      let field = context.codingPath.first?.stringValue
      return field.map { _ in context.debugDescription }
        ?? "is not JSON; write one object on one line"
    @unknown default: return "is not JSON; write one object on one line"
    }
  }
}

/// One line, as JSON has it.
private struct ArticleLine: Decodable {
  /// A number or a text.
  enum Name: Decodable {
    case number(Int)
    case text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Int.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }

    var text: String {
      switch self {
      case .number(let number): "\(number)"
      case .text(let text): text
      }
    }
  }

  /// CommonMark: one text, or its paragraphs.
  enum Body: Decodable {
    case text(String)
    case paragraphs([String])

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let text = try? value.decode(String.self) {
        self = .text(text)
      } else {
        self = .paragraphs(try value.decode([String].self))
      }
    }

    var text: String {
      switch self {
      case .text(let text): text
      case .paragraphs(let paragraphs): paragraphs.joined(separator: "\n\n")
      }
    }
  }

  /// The fields, and what each should be.
  static let shapes = [
    "id": "a number or a text", "slug": "a text", "title": "a text", "summary": "a text",
    "section": "the slug of a section", "tags": "an array of texts",
    "published": "whole seconds since 1970", "updated": "whole seconds since 1970",
    "author": "a text", "language": "a text such as \"fr\"", "urgent": "true or false",
    "une": "true or false", "note": "a text", "body": "an array of paragraphs, or a text",
  ]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let id: Name?
  let slug, title, summary, section, author, language, note: String?
  let tags: [String]?
  let published, updated: Int?
  let urgent, une: Bool?
  let body: Body

  init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: Key.self)
    for key in line.allKeys where ArticleLine.shapes[key.stringValue] == nil {
      let known = ArticleLine.shapes.keys.sorted().joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: [key],
          debugDescription: "the field \(key.stringValue) is not known; use one of \(known)"))
    }
    func field<T: Decodable>(_ name: String) throws -> T? {
      try line.decodeIfPresent(T.self, forKey: Key(name))
    }
    id = try field("id")
    slug = try field("slug")
    title = try field("title")
    summary = try field("summary")
    section = try field("section")
    author = try field("author")
    language = try field("language")
    note = try field("note")
    tags = try field("tags")
    published = try field("published")
    updated = try field("updated")
    urgent = try field("urgent")
    une = try field("une")
    body = try line.decode(Body.self, forKey: Key("body"))
  }
}
