public import FilClient
internal import FilProtocol
internal import Text

/// The news of some hours as they are read aloud, by section, with how long that takes.
public struct Bulletin: Sendable {
  /// One article, to be read in `seconds`.
  public struct Item: Sendable {
    public let article: Article
    /// What is said after the title.
    public let text: String
    public let seconds: Int
  }

  /// What is said of one section.
  public struct Part: Sendable {
    public let title: String
    public let items: [Item]
    public var seconds: Int { items.reduce(0) { $0 + $1.seconds } }
  }

  public let name: String
  /// The hours that it covers, in seconds since 1970-01-01T00:00Z: they end when the newsroom signed
  /// last, so that a wrong clock changes nothing.
  public let hours: Range<Int>
  public let parts: [Part]
  /// Older articles that were corrected meanwhile: what was said of them before is to be put right.
  public let corrected: [Article]
  public let retracted: [Article]

  public var seconds: Int { parts.reduce(0) { $0 + $1.seconds } }

  /// Words that are read aloud in a minute.
  static let pace = 150
  /// The most articles of one bulletin.
  static let most = 100

  /// The bulletin of so many `hours` before the newest signature of the newsroom.
  public init(_ replica: Replica, hours: Int) throws(FilError) {
    let end = (try replica.freshness().signed ?? 0) + 1
    self.hours = end - hours * 3_600..<end
    let masthead = try replica.masthead() ?? Masthead(name: replica.key.name)
    name = masthead.name
    var filter = Replica.Filter()
    filter.retracted = false
    filter.published = self.hours
    filter.limit = Bulletin.most
    let found = try replica.articles(filter)
    var items: [String: [Item]] = [:]
    for headline in found {
      guard let article = try replica.article(headline.number) else { continue }
      items[Bulletin.top(article.section, masthead), default: []].append(Item(article))
    }
    var parts: [Part] = []
    for section in masthead.sections {
      guard let found = items.removeValue(forKey: section.slug) else { continue }
      parts.append(Part(title: section.title, items: found))
    }
    for (slug, found) in items.sorted(by: { $0.key < $1.key }) {
      parts.append(Part(title: slug, items: found))
    }
    self.parts = parts
    let told = Set(found.map(\.number))
    corrected = try replica.corrected(since: self.hours.lowerBound).filter {
      !told.contains($0.number)
    }
    retracted = try replica.retracted(since: self.hours.lowerBound)
  }

  /// The section without a parent that `slug` stands below.
  private static func top(_ slug: String, _ masthead: Masthead) -> String {
    var slug = slug
    // Parents stand before their children, so that this ends.
    while let section = masthead.sections.first(where: { $0.slug == slug }), !section.parent.isEmpty
    {
      slug = section.parent
    }
    return slug
  }

  /// The whole bulletin, in lines that are not broken; `zone` is in seconds that are added to UTC.
  public func plainText(zone: Int = 0) -> String {
    var blocks = [
      "\(name)\nBulletin du \(FrenchDate.day(hours.upperBound - 1, offset: zone))\n"
        + (parts.isEmpty
          ? "Pas de nouvelles en \(hours.count / 3_600) heures."
          : "Les nouvelles de \(hours.count / 3_600) heures, à lire en \(Bulletin.duration(seconds)).")
    ]
    for part in parts {
      blocks.append("\(part.title.uppercased()) (\(Bulletin.duration(part.seconds)))")
      for item in part.items {
        let urgent = item.article.isUrgent ? "URGENT. " : ""
        blocks.append("\(urgent)\(item.article.title) (\(Bulletin.duration(item.seconds)))")
        if !item.text.isEmpty { blocks.append(item.text) }
      }
    }
    if !corrected.isEmpty || !retracted.isEmpty { blocks.append("RECTIFICATIFS") }
    for article in corrected {
      let note = article.note.isEmpty ? "l'article est corrigé." : article.note
      blocks.append(
        "« \(article.title) », du \(FrenchDate.date(article.published, offset: zone)) : \(note)")
    }
    for article in retracted {
      blocks.append(
        "L'article numéro \(article.number), du \(FrenchDate.date(article.published, offset: zone)), "
          + "est retiré : \(article.reason ?? "")")
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// « 1 min 20 s », « 40 s ».
  static func duration(_ seconds: Int) -> String {
    let rest = seconds % 60 == 0 ? "" : "\(seconds % 60) s"
    guard seconds >= 60 else { return "\(seconds) s" }
    return rest.isEmpty ? "\(seconds / 60) min" : "\(seconds / 60) min \(rest)"
  }
}

extension Bulletin.Item {
  init(_ article: Article) {
    self.article = article
    let body = article.body.map(CommonMark.plainText) ?? ""
    text = body.isEmpty ? article.summary : body
    let words = (article.title + " " + text).split(whereSeparator: \.isWhitespace).count
    // To five seconds, and never none.
    seconds = max(5, (words * 60 / Bulletin.pace + 4) / 5 * 5)
  }
}

extension Edition {
  /// The hours that a reader may ask for.
  static let hours = [24, 48, 168]

  private func hours(_ form: Form) -> Int {
    min(max(form["heures"].flatMap { Int($0) } ?? 24, 1), 24 * 31)
  }

  func bulletinText(_ form: Form) throws(FilError) -> String {
    try Bulletin(replica, hours: hours(form)).plainText(zone: options.zone)
  }

  func bulletin(_ form: Form) throws(FilError) -> Page {
    let hours = hours(form)
    let text = try Bulletin(replica, hours: hours).plainText(zone: options.zone)
    let ways = Edition.hours.map { choice -> Markup in
      let label: Markup = choice < 72 ? "\(choice) heures" : "\(choice / 24) jours"
      let current: Markup = choice == hours ? " aria-current=\"true\"" : ""
      return "<li><a href=\"/bulletin?heures=\(choice)\"\(current)>\(label)</a></li>"
    }
    let plain: Markup =
      options.isShared
      ? "" : "<li><a href=\"/bulletin.txt?heures=\(hours)\">En texte seul</a></li>"
    return Page(
      title: "Bulletin radio",
      main: """
        <h1 class="sans-papier">Bulletin radio</h1>
        <nav class="sans-papier" aria-label="Durée du bulletin"><ul class="mots">\(ways)\(plain)</ul></nav>
        <pre class="bulletin" dir="auto">\(text)</pre>\n
        """)
  }
}
