internal import Text

/// What a path asks for.
enum Route: Equatable {
  case home
  case section(String)
  case tag(String)
  case article(Int)
  /// The address that a link of an article, or of the masthead (nil), leads to.
  case link(article: Int?, place: Int)
  case search
  case archives
  /// The days of these seconds since 1970-01-01T00:00Z.
  case month(Range<Int>)
  case day(Range<Int>)
  case about
  case state
  case bulletin
  case bulletinText
  case display
  case wish
  case rest
  case goodbye
  case rss
  case jsonFeed
  case style
  case icon

  /// Nil: there is no such page.
  init?(_ path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map { Percent.decode($0) }
    guard let words = Route.all(parts) else { return nil }
    if words.count == 1 {
      guard let route = Route.pages[words[0]] else { return nil }
      self = route
      return
    }
    switch (words[0], words.count) {
    case ("rubrique", 2): self = .section(words[1])
    case ("etiquette", 2): self = .tag(words[1])
    case ("article", 2):
      guard let number = Route.number(words[1]) else { return nil }
      self = .article(number)
    case ("article", 4):
      guard let number = Route.number(words[1]), words[2] == "lien",
        let place = Route.number(words[3])
      else { return nil }
      self = .link(article: number, place: place)
    case ("a-propos", 3):
      guard words[1] == "lien", let place = Route.number(words[2]) else { return nil }
      self = .link(article: nil, place: place)
    case ("archives", 2):
      guard let route = Route(date: words[1]) else { return nil }
      self = route
    default: return nil
    }
  }

  private static let pages: [String: Route] = [
    "": .home, "recherche": .search, "archives": .archives, "a-propos": .about, "etat": .state,
    "bulletin": .bulletin, "bulletin.txt": .bulletinText, "affichage": .display,
    "demande": .wish, "repos": .rest, "adieu": .goodbye, "rss.xml": .rss,
    "feed.json": .jsonFeed, StyleSheet.name: .style, "icone.svg": .icon,
  ]

  /// A day as in `2026-02-20`, or a month as in `2026-02`.
  private init?(date: String) {
    if let start = RFC3339.parse("\(date)T00:00:00Z") {
      self = .day(start..<start + 86_400)
      return
    }
    guard let start = RFC3339.parse("\(date)-01T00:00:00Z") else { return nil }
    // The fourth of the next month, whatever the length of this one, and back to its first.
    let next = RFC3339.format(start + 34 * 86_400).prefix(7)
    guard let end = RFC3339.parse("\(next)-01T00:00:00Z"), end > start else { return nil }
    self = .month(start..<end)
  }

  private static func all(_ parts: [String?]) -> [String]? {
    let words = parts.compactMap(\.self)
    return words.count == parts.count && !words.isEmpty ? words : nil
  }

  /// A number as it is written, in one way only.
  private static func number(_ text: String) -> Int? {
    guard let number = Int(text), number >= 0, String(number) == text else { return nil }
    return number
  }
}
