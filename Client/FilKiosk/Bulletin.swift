public import FilClient
internal import FilProtocol
internal import Text

/// The news of some hours as they are read aloud, by section, with how long that takes.
public struct Bulletin: Sendable {
  /// One article, to be read in `seconds`.
  public struct Item: Sendable {
    public let article: Article
    /// What is said after the title and its correction: the text, or the summary where the current
    /// text is not here.
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
  /// Whether more was published in these hours: the parts have the newest of it.
  public let isCut: Bool
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
    filter.limit = Bulletin.most + 1
    let published = try replica.articles(filter)
    let found = published.prefix(Bulletin.most)
    isCut = published.count > found.count
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

  /// A paragraph, in pieces: those with an article are its words, in its language.
  struct Block {
    enum Kind { case part, title, text }

    var kind = Kind.text
    var pieces: [(text: String, of: Article?)]

    var text: String { pieces.map(\.text).joined() }
  }

  /// All that is to be read, in order.
  var blocks: [Block] {
    var blocks = [Block(pieces: [(opening, nil)])]
    for part in parts {
      let seconds = " (\(Bulletin.duration(part.seconds)))"
      blocks.append(Block(kind: .part, pieces: [(part.title.uppercased(), nil), (seconds, nil)]))
      for item in part.items {
        let article = item.article
        blocks.append(
          Block(
            kind: .title,
            pieces: [
              (article.isUrgent ? "URGENT. " : "", nil), (article.title, article),
              (" (\(Bulletin.duration(item.seconds)))", nil),
            ]))
        if article.updated != nil {
          let isBare = article.note.isEmpty
          blocks.append(
            Block(pieces: [(isBare ? "Corrigé." : "Corrigé : ", nil), (article.note, article)]))
        }
        if !item.text.isEmpty { blocks.append(Block(pieces: [(item.text, article)])) }
      }
    }
    guard !corrected.isEmpty || !retracted.isEmpty else { return blocks }
    blocks.append(Block(kind: .part, pieces: [("RECTIFICATIFS", nil)]))
    for article in corrected {
      let note = article.note.isEmpty ? ("l'article est corrigé.", nil) : (article.note, article)
      blocks.append(
        Block(
          pieces: [
            ("« ", nil), (article.title, article),
            (" », du \(FrenchDate.date(article.published)) : ", nil), note,
          ]))
    }
    for article in retracted {
      let date = FrenchDate.date(article.published)
      blocks.append(
        Block(
          pieces: [
            ("L'article numéro \(article.number), du \(date), est retiré : ", nil),
            (article.reason ?? "", article),
          ]))
    }
    return blocks
  }

  private var opening: String {
    let count = hours.count / 3_600
    let days = count >= 72 && count.isMultiple(of: 24) ? "\(count / 24) jours" : nil
    let span = count == 1 ? "une heure" : days ?? "\(count) heures"
    var line = "Pas de nouvelles en \(span)."
    if !parts.isEmpty {
      let first = isCut ? "Les \(Bulletin.most) plus récentes des nouvelles" : "Les nouvelles"
      line =
        "\(first) \(count == 1 ? "d'" : "de ")\(span), à lire en \(Bulletin.duration(seconds))."
    }
    return "\(name)\nBulletin du \(FrenchDate.day(hours.upperBound - 1))\n\(line)"
  }

  /// The whole bulletin, in lines that are not broken.
  public var plainText: String {
    blocks.map(\.text).joined(separator: "\n\n") + "\n"
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
    // A text that is known to be superseded is not read aloud.
    let current = article.bodyState == .current ? article.body : nil
    let body = current.map(CommonMark.plainText) ?? ""
    text = body.isEmpty ? article.summary : body
    let note = article.updated == nil ? "" : "Corrigé \(article.note) "
    let words = (article.title + " " + note + text).split(whereSeparator: \.isWhitespace).count
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
    try Bulletin(replica, hours: hours(form)).plainText
  }

  func bulletin(_ form: Form) throws(FilError) -> Page {
    let hours = hours(form)
    let text = try Bulletin(replica, hours: hours).blocks.map(paragraph)
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
        <div class="bulletin">
        \(text)</div>\n
        """)
  }

  private func paragraph(_ block: Bulletin.Block) -> Markup {
    let element: Markup
    switch block.kind {
    case .part: element = "h2"
    case .title: element = "h3"
    case .text: element = "p"
    }
    // What is all in one language says so itself, and runs in its direction.
    if block.pieces.count == 1, let piece = block.pieces.first, let article = piece.of {
      return "<\(element)\(language(article))>\(piece.text)</\(element)>\n"
    }
    let pieces = block.pieces.filter { !$0.text.isEmpty }.map { piece -> Markup in
      piece.of.map { "<span\(language($0))>\(piece.text)</span>" } ?? "\(piece.text)"
    }
    return "<\(element)>\(pieces)</\(element)>\n"
  }
}
