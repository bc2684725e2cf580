internal import FilProtocol
internal import Files
internal import Text

/// Reads an article from a file of front matter and CommonMark.
public enum ArticleFile {
  static let keys = [
    "title", "summary", "section", "tags", "date", "author", "language", "urgent", "une", "id",
    "slug",
  ]

  /// The article in the file `path`.
  public static func read(_ path: String) throws(InputError) -> Draft {
    try parse(path, try bytes(path, atMost: Limits.bodyBytes + Limits.recordBytes))
  }

  /// The article in `bytes`; `file` is what errors call it.
  public static func parse(_ file: String, _ bytes: [UInt8]) throws(InputError) -> Draft {
    let fields = try Fields(file, bytes, known: keys)
    let title = try fields.required("title", example: "Le fleuve remonte à Gao")
    let section = try fields.required("section", example: "nord-actu")
    var draft = Draft(
      file: file, title: title, summary: try fields.text("summary") ?? summary(of: fields.body),
      section: section, body: fields.body)
    draft.lines = fields.lines
    draft.lines["body"] = fields.bodyLine
    draft.tags = commaSeparated(try fields.text("tags") ?? "").filter { !$0.isEmpty }
    draft.author = try fields.text("author") ?? ""
    draft.language = try fields.text("language") ?? ""
    if try fields.flag("urgent") { draft.flags.insert(.urgent) }
    if try fields.flag("une") { draft.flags.insert(.une) }
    draft.published = try fields.time("date")
    for key in ["id", "slug"] {
      if let name = try fields.text(key) { draft.names.append("\(key):\(name)") }
    }
    return draft
  }

  static func bytes(_ path: String, atMost limit: Int) throws(InputError) -> [UInt8] {
    do { return try Files.read(path, atMost: limit) } catch {
      if error.isMissing { throw InputError(path, nil, "there is no such file; check its name") }
      if error.isTooLarge {
        throw InputError(path, nil, "is longer than \(limit) bytes; shorten it")
      }
      throw InputError(path, nil, "\(error)")
    }
  }
}
