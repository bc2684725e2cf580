internal import FilProtocol
internal import Text

/// Makes drafts of posts: the same post, the same draft.
struct PostMapping {
  let sections: SiteSections
  /// By the number or the name that the site gives to an author, what readers are shown.
  let authors: [String: String]
  /// The section of what has none.
  let fallback: String?

  struct Mapped {
    var draft: Draft
    var images: [Int]
  }

  /// The article that a post is; throws what is wrong with it, without its text.
  func map(_ post: SitePost, site: String) throws(InputError) -> Mapped {
    let place = "\(site) post \(post.id)"
    let filing = sections.filing(post, fallback: fallback)
    guard let section = filing.section else {
      throw InputError(
        place, nil,
        "none of its categories is a section of the masthead; add one, or give --section SLUG")
    }
    let content: HTML.Converted
    var title: String
    var excerpt: String
    do {
      content = try HTML.commonMark(
        post.content, HTML.Options(base: post.link, keepsLines: keepsLines(post)))
      title = try HTML.text(post.title)
      excerpt = try HTML.text(post.excerpt)
    } catch { throw InputError(place, nil, error.description) }
    if title.isEmpty { title = Text.excerpt(content.opening, 80) }
    guard !title.isEmpty else {
      throw InputError(place, nil, "it has neither a title nor a text; write one of them")
    }
    if Summary.isBeginning(excerpt, of: [content.opening, content.words]) { excerpt = "" }
    var draft = Draft(
      file: place, title: title,
      summary: excerpt.isEmpty ? Summary.first(of: content.opening) : Text.excerpt(excerpt, 600),
      section: section, body: content.commonMark)
    draft.tags = tags(filing.tags + post.tags)
    draft.author = post.authors.lazy.compactMap { authors[$0] }.first ?? ""
    if filing.isUne || post.isSticky ?? false { draft.flags.insert(.une) }
    draft.published = post.published
    return Mapped(draft: draft, images: content.images)
  }

  /// Whether line ends make paragraphs: in what was typed without blocks.
  private func keepsLines(_ post: SitePost) -> Bool {
    post.isSource && !post.content.contains("<!-- wp:")
  }

  /// Each once, as many as an article may have.
  private func tags(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    let clean = names.compactMap { name -> String? in
      let tag = (try? HTML.text(name)) ?? ""
      return tag.isEmpty || tag.utf8.count > Limits.tagBytes || !seen.insert(tag).inserted
        ? nil : tag
    }
    return Array(clean.prefix(Limits.tags))
  }
}

/// What stands for an article in a list.
enum Summary {
  /// Columns of whole sentences that are taken.
  private static let columns = 280

  /// The first sentences of a text; of a long one its beginning, cut after a word.
  static func first(of text: String) -> String {
    var end = text.startIndex
    var count = 0
    var index = text.startIndex
    while index < text.endIndex, count <= columns {
      let next = text.index(after: index)
      count += 1
      if ".!?…".contains(text[index]), count <= columns, endsSentence(text, next) { end = next }
      index = next
    }
    if index == text.endIndex, count <= columns { return text }
    return end == text.startIndex || text[..<end].count < 60
      ? Text.excerpt(text, columns) : String(text[..<end])
  }

  /// Whether a sentence may begin at `index`: after a blank, with a capital or a quote.
  private static func endsSentence(_ text: String, _ index: String.Index) -> Bool {
    guard index < text.endIndex, text[index] == " " else { return index == text.endIndex }
    let next = text[text.index(after: index)...].first
    return next.map { $0.isUppercase || "«“\"–—".contains($0) || !$0.isCased && $0.isLetter }
      ?? true
  }

  /// Whether an excerpt is only how one of the texts begins, as WordPress makes it by itself.
  static func isBeginning(_ excerpt: String, of texts: [String]) -> Bool {
    if excerpt.hasSuffix("[…]") || excerpt.hasSuffix("[...]") { return true }
    let words = letters(excerpt, 400)
    return words.isEmpty || texts.contains { letters($0, 1_200).starts(with: words) }
  }

  private static func letters(_ text: String, _ limit: Int) -> [Unicode.Scalar] {
    var found: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
      found.append(scalar)
      if found.count == limit { break }
    }
    return found
  }
}
