internal import FilClient
internal import Text

extension Edition {
  /// The months in which something was published, newest first, by year.
  func archives() throws(FilError) -> Page {
    var main: Markup = "<h1>Archives</h1>\n"
    var year = ""
    var items: [Markup] = []
    func close() -> Markup {
      items.isEmpty ? "" : "<h2>\(year)</h2>\n<ul class=\"jours\">\n\(items)</ul>\n"
    }
    var before = Int.max
    // A century is as far as a page goes.
    for _ in 0..<1_200 {
      guard let newest = try replica.published(before: before) else { break }
      let name = String(RFC3339.format(newest).prefix(7))
      guard case .month(let month)? = Route("/archives/\(name)") else { break }
      if !name.hasPrefix(year) || year.isEmpty {
        main += close()
        items = []
        year = String(name.prefix(4))
      }
      items.append(
        "<li><a href=\"/archives/\(name)\">\(FrenchDate.month(month.lowerBound))</a></li>\n")
      before = month.lowerBound
    }
    main += close()
    if before == .max { main += "<p>Pas encore de nouvelles.</p>\n" }
    return Page(title: "Archives", main: main)
  }

  /// The days of a month on which something was published.
  func archives(month: Range<Int>) throws(FilError) -> Page {
    let title = "Archives \(FrenchDate.ofMonth(month.lowerBound))"
    let days = try replica.days(in: month).map { day -> Markup in
      let name = RFC3339.format(day.start).prefix(10)
      let count: Markup = day.articles > 1 ? "\(day.articles) articles" : "un article"
      return
        "<li><a href=\"/archives/\(String(name))\">\(FrenchDate.day(day.start))</a> (\(count))</li>\n"
    }
    let list: Markup = days.isEmpty ? "<p>Pas d’articles ce mois-là.</p>\n" : "<ul>\n\(days)</ul>\n"
    let main: Markup = """
      <h1>\(title)</h1>
      <nav class="liste" aria-label="Jours">\(list)</nav>
      <p class="meta"><a href="/archives">Tous les mois</a></p>\n
      """
    return Page(title: title, main: main)
  }

  /// What was published on a day.
  func archives(day: Range<Int>, _ form: Form) throws(FilError) -> Page {
    var filter = Replica.Filter()
    filter.published = day
    let name = RFC3339.format(day.lowerBound)
    let above: Markup = """
      <p class="meta"><a href="/archives/\(String(name.prefix(7)))">\
      Tous les jours \(FrenchDate.ofMonth(day.lowerBound))</a></p>\n
      """
    return try list(
      "Le \(FrenchDate.day(day.lowerBound))", above: above, filter,
      at: "/archives/\(name.prefix(10))", form)
  }
}
