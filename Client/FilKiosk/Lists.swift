internal import FilClient
internal import FilProtocol
internal import Text

extension Edition {
  /// How prominent an article stands in a list.
  enum Place {
    /// The first of À la Une.
    case lead
    case second
    /// With its summary.
    case list
    /// Its title only.
    case brief
  }

  /// An article as it stands in a list.
  func entry(_ article: Article, _ place: Place = .list, showsSection: Bool = true) -> Markup {
    let level: Markup = place == .lead || place == .second ? "h2" : "h3"
    let kind: Markup = place == .lead ? "titre manchette" : "titre"
    guard article.isReadable, article.retracted == nil else {
      return """
        <article class="titre retire">
        <\(level)><a href="/article/\(article.number)">\(retiredTitle(article))</a></\(level)>
        <p class="meta"><span>\(date(article.published))</span></p>
        </article>\n
        """
    }
    let language = language(article)
    let summary: Markup =
      article.summary.isEmpty || place == .brief
      ? "" : "<p class=\"chapo\"\(language)>\(Text.excerpt(article.summary, 240))</p>\n"
    let section: Markup = showsSection ? "<span>\(title(ofSection: article.section))</span>" : ""
    return """
      <article class="\(kind)">
      <\(level)\(language)><a href="/article/\(article.number)">\(article.title)</a></\(level)>
      \(summary)<p class="meta">\(marks(article))<span>\(date(article.published))</span>\
      \(section)</p>
      </article>\n
      """
  }

  private func retiredTitle(_ article: Article) -> Markup {
    article.isReadable
      ? "Article retiré par la rédaction" : "Article \(article.number), d’un genre nouveau"
  }

  /// What a reader should know before choosing.
  private func marks(_ article: Article) -> Markup {
    var marks: Markup = article.isUrgent ? "<span class=\"urgent\">Urgent</span>" : ""
    if article.updated != nil { marks += "<span>Corrigé</span>" }
    if article.bodyState == .missing { marks += "<span>Texte à venir</span>" }
    return marks
  }

  /// À la Une, then the newest of each section that are not shown above.
  func home() throws(FilError) -> Page {
    var filter = Replica.Filter()
    filter.retracted = false
    filter.limit = 5
    filter.une = true
    var une = try replica.articles(filter)
    filter.une = false
    if une.isEmpty { une = try replica.articles(filter) }
    var shown = Set(une.map(\.number))
    var main: Markup = "<div class=\"une\">\n<h1>À la Une</h1>\n"
    if let lead = une.first { main += entry(lead, .lead) }
    if une.count > 1 {
      main += "<div class=\"grille\">\n\(une.dropFirst().map { entry($0, .second) })</div>\n"
    }
    if une.isEmpty { main += "<p>Pas encore de nouvelles.</p>\n" }
    main += "</div>\n"
    for section in masthead.sections where section.parent.isEmpty {
      filter.section = section.slug
      filter.limit = Edition.sectionLength + shown.count
      let newest = try replica.articles(filter).filter { !shown.contains($0.number) }
        .prefix(Edition.sectionLength)
      guard let first = newest.first else { continue }
      shown.formUnion(newest.map(\.number))
      let others = newest.dropFirst().map {
        entry($0, .brief, showsSection: $0.section != section.slug)
      }
      main += """
        <section class="rubrique" aria-labelledby="r-\(section.slug)">
        <h2 id="r-\(section.slug)"><a href="/rubrique/\(section.slug)">\(section.title)</a></h2>
        <div class="deux">
        \(entry(first, showsSection: first.section != section.slug))<div>
        \(others)</div>
        </div>
        </section>\n
        """
    }
    return Page(title: "À la Une", main: main, isHome: true)
  }

  /// How many articles of a section stand on the first page.
  private static let sectionLength = 4

  /// How many articles a page of a list has.
  static let pageLength = 20

  /// A list of `filter`, and the way to what is older.
  func list(
    _ title: String, above: Markup = "", _ filter: Replica.Filter, at base: String, _ form: Form,
    showsSection: Bool = true
  ) throws(FilError) -> Page {
    var filter = filter
    filter.before = Replica.Place(form["avant"])
    filter.limit = Edition.pageLength + 1
    let found = try replica.articles(filter)
    let page = found.prefix(Edition.pageLength)
    var main: Markup = "<h1>\(title)</h1>\n\(above)"
    main += page.isEmpty ? "<p>Pas d’articles.</p>\n" : ""
    let level = page.map { entry($0, .second, showsSection: showsSection) }
    main += "\(level)"
    if filter.before != nil || found.count > page.count {
      main += "<nav class=\"pages\" aria-label=\"Pages\">\n"
      if filter.before != nil { main += "<a href=\"\(base)\">Les plus récents</a>\n" }
      if found.count > page.count, let last = page.last {
        main +=
          "<a href=\"\(base)?avant=\(last.published).\(last.number)\" rel=\"next\">Plus anciens</a>\n"
      }
      main += "</nav>\n"
    }
    return Page(title: title, main: main)
  }

  func section(_ slug: String, _ form: Form) throws(FilError) -> Page {
    var filter = Replica.Filter()
    filter.section = slug
    let below = masthead.sections.filter { $0.parent == slug }.map { section -> Markup in
      "<li><a href=\"/rubrique/\(section.slug)\">\(section.title)</a></li>"
    }
    let above: Markup =
      below.isEmpty
      ? "" : "<nav aria-label=\"Sous-rubriques\"><ul class=\"mots\">\(below)</ul></nav>\n"
    return try list(
      title(ofSection: slug), above: above, filter, at: "/rubrique/\(slug)", form,
      showsSection: !below.isEmpty)
  }

  func tag(_ tag: String, _ form: Form) throws(FilError) -> Page {
    var filter = Replica.Filter()
    filter.tag = tag
    return try list(
      "Étiquette : \(tag)", filter, at: "/etiquette/\(Percent.encode(tag))", form)
  }
}

extension Replica.Place {
  /// From `published.number`, as a page of a list writes it.
  init?(_ text: String?) {
    let numbers = (text ?? "").split(separator: ".").compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    self.init(published: numbers[0], number: numbers[1])
  }
}
