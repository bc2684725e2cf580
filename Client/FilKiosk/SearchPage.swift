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
    let pages = (total + Edition.pageLength - 1) / Edition.pageLength
    let page = form["page"].flatMap { Int($0) }.map { min(max($0, 1), pages) }
    let length = page == nil ? Edition.firstResults : Edition.pageLength
    let hits = try replica.search(
      words, limit: length, offset: ((page ?? 1) - 1) * Edition.pageLength)
    return Page(
      title: title,
      main: """
        \(heading)<p role="status">\(count(total)) pour «&nbsp;\(words)&nbsp;», les meilleurs d’abord.</p>
        \(hits.map(result))\(ways(words, total, page: page, of: pages))
        """)
  }

  private func count(_ total: Int) -> Markup {
    switch total {
    case 1: "Un résultat"
    case Replica.ranked...: "Plus de \(Replica.ranked) résultats, les plus récents,"
    default: "\(total) résultats"
    }
  }

  private func result(_ hit: SearchHit) -> Markup {
    let article = hit.article
    let language = language(article)
    return """
      <article class="titre">
      <h2\(language)><a href="/article/\(article.number)">\(marked(hit.title))</a></h2>
      <p class="chapo"\(language)>\(marked(hit.snippet))</p>
      <p class="meta"><span>\(date(article.published))</span><span>\(title(ofSection: article.section))</span></p>
      </article>\n
      """
  }

  private func marked(_ runs: [SearchHit.Run]) -> [Markup] {
    runs.map { $0.isMatch ? "<mark>\($0.text)</mark>" : "\($0.text)" }
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
