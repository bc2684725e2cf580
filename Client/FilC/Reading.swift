// The names are those of fil.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CFil
internal import FilClient
internal import FilProtocol

/// A list that C walks through; it lays out one article at a time.
final class ArticleList {
  let items: [(article: Article, snippet: String?)]
  private var place = 0
  private var current: UnsafePointer<fil_article>?

  init(_ items: [(article: Article, snippet: String?)]) { self.items = items }

  deinit { Arena.free(current) }

  func next() -> UnsafePointer<fil_article>? {
    Arena.free(current)
    current = nil
    guard place < items.count else { return nil }
    current = laidOut(items[place].article, snippet: items[place].snippet)
    place += 1
    return current
  }
}

private func laidOut(_ article: Article, snippet: String? = nil) -> UnsafePointer<fil_article> {
  Arena.make(fil_article()) { held, arena in
    held.number = Int64(article.number)
    held.published = Int64(article.published)
    held.updated = time(article.updated)
    held.retracted = time(article.retracted)
    held.reason = arena.text(article.reason)
    held.title = arena.text(article.title)
    held.summary = arena.text(article.summary)
    held.section = arena.text(article.section)
    held.author = arena.text(article.author)
    held.language = arena.text(article.language)
    held.note = arena.text(article.note)
    held.tags = arena.texts(article.tags)
    held.tag_count = article.tags.count
    held.urgent = article.isUrgent ? 1 : 0
    held.une = article.isUne ? 1 : 0
    held.readable = article.isReadable ? 1 : 0
    held.length = Int64(article.length)
    held.body_state =
      switch article.bodyState {
      case .none: FIL_BODY_NONE
      case .current: FIL_BODY_CURRENT
      case .outdated: FIL_BODY_OUTDATED
      case .missing: FIL_BODY_MISSING
      }
    held.body = arena.text(article.body)
    held.body_size = article.body?.utf8.count ?? 0
    held.snippet = arena.text(snippet)
  }
}

@c @implementation public func fil_list(
  _ pointer: OpaquePointer?, _ filter: UnsafePointer<fil_filter>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    let replica = try replica(pointer)
    var wanted = Replica.Filter()
    if let filter {
      var asked = fil_filter()
      try Sized.read(filter, into: &asked, "filter")
      wanted.section = try optionalText(asked.section, "filter.section")
      wanted.tag = try optionalText(asked.tag, "filter.tag")
      wanted.une = asked.une != 0
      wanted.retracted = asked.hide_retracted == 0
      wanted.limit = try count(asked.limit, "filter.limit") ?? wanted.limit
      wanted.offset = try count(asked.offset, "filter.offset") ?? 0
    }
    let articles = try replica.articles(wanted)
    out.pointee = Handle.make(ArticleList(articles.map { ($0, nil) }))
  }
}

/// A number that may not be negative; nil for 0.
func count(_ number: Int64, _ name: String) throws(FilError) -> Int? {
  guard number >= 0 else { throw .usage("\(name) is negative") }
  return number == 0 ? nil : Int(number)
}

@c @implementation public func fil_search(
  _ pointer: OpaquePointer?, _ words: UnsafePointer<CChar>?, _ limit: Int64, _ offset: Int64,
  _ out: UnsafeMutablePointer<OpaquePointer?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    let hits = try replica(pointer).search(
      try text(words, "words"), limit: try count(limit, "limit") ?? 20,
      offset: try count(offset, "offset") ?? 0)
    out.pointee = Handle.make(ArticleList(hits.map { ($0.article, $0.marked) }))
  }
}

extension SearchHit {
  /// The snippet with its matches between the bytes 01 and 02, which its text then has nowhere else.
  fileprivate var marked: String {
    snippet.map { run in
      let text = String(
        String.UnicodeScalarView(run.text.unicodeScalars.filter { $0 != "\u{1}" && $0 != "\u{2}" }))
      return run.isMatch ? "\u{1}\(text)\u{2}" : text
    }.joined()
  }
}

@c @implementation public func fil_articles_next(
  _ articles: OpaquePointer?
) -> UnsafePointer<fil_article>? {
  (try? Handle.object(articles, as: ArticleList.self, "articles"))?.next()
}

@c @implementation public func fil_articles_count(_ articles: OpaquePointer?) -> Int {
  (try? Handle.object(articles, as: ArticleList.self, "articles"))?.items.count ?? 0
}

@c @implementation public func fil_articles_free(_ articles: OpaquePointer?) {
  Handle.release(articles, as: ArticleList.self)
}

@c @implementation public func fil_get(
  _ pointer: OpaquePointer?, _ number: Int64,
  _ out: UnsafeMutablePointer<UnsafePointer<fil_article>?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    guard let article = try replica(pointer).article(Int(number)) else {
      throw .notFound("article \(number)")
    }
    out.pointee = laidOut(article)
  }
}

@c @implementation public func fil_article_free(_ article: UnsafePointer<fil_article>?) {
  Arena.free(article)
}

@c @implementation public func fil_want(
  _ pointer: OpaquePointer?, _ number: Int64, _ wish: UnsafeMutablePointer<fil_wish>?
) -> fil_result {
  answer { () throws(FilError) in
    let outcome = try replica(pointer).want(Int(number))
    wish?.pointee =
      switch outcome {
      case .queued: FIL_WISH_QUEUED
      case .here: FIL_WISH_HERE
      case .noText: FIL_WISH_NO_TEXT
      case .retracted: FIL_WISH_RETRACTED
      case .full: FIL_WISH_FULL
      }
  }
}

@c @implementation public func fil_get_masthead(
  _ pointer: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafePointer<fil_masthead>?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    guard let masthead = try replica(pointer).masthead() else { throw .notFound("the masthead") }
    out.pointee = Arena.make(fil_masthead()) { held, arena in
      held.name = arena.text(masthead.name)
      held.about = arena.text(masthead.about)
      held.contact = arena.text(masthead.contact)
      held.language = arena.text(masthead.language)
      var sections: [UnsafePointer<fil_section>?] = []
      for section in masthead.sections {
        let entry = fil_section(
          slug: arena.text(section.slug), title: arena.text(section.title),
          parent: arena.text(section.parent))
        sections.append(arena.value(entry))
      }
      held.sections = arena.list(sections)
      held.section_count = sections.count
    }
  }
}

@c @implementation public func fil_masthead_free(_ masthead: UnsafePointer<fil_masthead>?) {
  Arena.free(masthead)
}
