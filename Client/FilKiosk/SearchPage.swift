internal import FilClient
internal import Text

extension Edition {
  /// How many results are shown before « Voir tous les résultats ».
  static let firstResults = 5

  /// The results of a search: the best ones first, then all of them on pages.
  func search(_ form: Form) throws(FilError) -> Page {
    let words = String((form["q"] ?? "").prefix(200))
    let heading: Markup = "<h1>Recherche</h1>\n\(searchForm(words, id: "mots"))\n"
    guard words.contains(where: { $0.isLetter || $0.isNumber }) else {
      return Page(title: "Recherche", main: heading)
    }
    let total = try replica.searchCount(words)
    let title = "Recherche : \(words)"
    guard total > 0 else {
      return Page(
        title: title,
        main: """
          \(heading)<p role="status">Pas de résultats pour «&nbsp;\(words)&nbsp;».</p>
          <p>Essayez avec moins de mots, ou un autre&nbsp;: les accents et les majuscules ne comptent pas.</p>\n
          """)
    }
    // Of more than are ranked the newest are shown.
    let shown = min(total, Replica.ranked)
    let pages = (shown + Edition.pageLength - 1) / Edition.pageLength
    let page = form["page"].flatMap { Int($0) }.map { min(max($0, 1), pages) }
    let length = page == nil ? Edition.firstResults : Edition.pageLength
    let hits = try replica.search(
      words, limit: length, offset: ((page ?? 1) - 1) * Edition.pageLength)
    return Page(
      title: title,
      main: """
        \(heading)<p role="status">\(found(total, words)).</p>
        \(hits.map(result))\(ways(words, shown, page: page, of: pages))
        """)
  }

  private func found(_ total: Int, _ words: String) -> Markup {
    let searched: Markup = "pour «&nbsp;\(words)&nbsp;»"
    if total == 1 { return "Un résultat \(searched)" }
    return total <= Replica.ranked
      ? "\(total) résultats \(searched), les meilleurs d’abord"
      : """
      Plus de \(Replica.ranked) résultats \(searched)&nbsp;: voici les \(Replica.ranked) plus récents, les \
      meilleurs d’abord
      """
  }

  private func result(_ hit: SearchHit) -> Markup {
    let article = hit.article
    let language = language(article)
    // Nobody needs the title twice.
    let isTitle = hit.snippet.map(\.text).joined() == hit.title.map(\.text).joined()
    let excerpt: [Markup] = isTitle ? ["\(article.summary)"] : marked(hit.snippet, without: "*`>|#")
    return """
      <article class="titre">
      <h2\(language)><a href="/article/\(article.number)">\(marked(hit.title))</a></h2>
      <p class="chapo"\(language)>\(excerpt)</p>
      <p class="meta"><span>\(date(article.published))</span><span>\(title(ofSection: article.section))</span></p>
      </article>\n
      """
  }

  /// `noise`: the marks of CommonMark, out of which a snippet is cut.
  private func marked(_ runs: [SearchHit.Run], without noise: String = "") -> [Markup] {
    runs.map { run in
      let text = run.text.filter { !noise.contains($0) }
      return run.isMatch ? "<mark>\(text)</mark>" : "\(text)"
    }
  }

  private func ways(_ words: String, _ total: Int, page: Int?, of pages: Int) -> Markup {
    let base = "/recherche?q=\(Percent.encode(words))&page="
    guard let page else {
      return total <= Edition.firstResults
        ? "" : "<p class=\"pages\"><a href=\"\(base)1\">Voir tous les résultats</a></p>\n"
    }
    guard pages > 1 else { return "" }
    var main: Markup = "<nav class=\"pages\" aria-label=\"Pages\">\n"
    if page > 1 { main += "<a href=\"\(base)\(page - 1)\" rel=\"prev\">Page précédente</a>\n" }
    main += "<span>Page \(page) sur \(pages)</span>\n"
    if page < pages { main += "<a href=\"\(base)\(page + 1)\" rel=\"next\">Page suivante</a>\n" }
    return "\(main)</nav>\n"
  }
}
