internal import FilClient
internal import FilProtocol
internal import Text

/// The newspaper as one request finds it: what is held, for whom, and at what time.
struct Edition {
  let replica: Replica
  let options: KioskOptions
  let display: Display
  /// Seconds since 1970-01-01T00:00Z, by the local clock, which may be wrong.
  let now: Int
  /// The page that is asked for, with its query: where a form leads back to.
  let path: String
  let freshness: Freshness
  let masthead: Masthead
  private let titles: [String: String]

  init(
    _ replica: Replica, _ options: KioskOptions, _ display: Display, now: Int, path: String
  ) throws(FilError) {
    self.replica = replica
    self.options = options
    self.display = display
    self.now = now
    self.path = path
    freshness = try replica.freshness()
    masthead = try replica.masthead() ?? Masthead(name: replica.key.name)
    titles = Dictionary(
      masthead.sections.map { ($0.slug, $0.title) }, uniquingKeysWith: { first, _ in first })
  }

  /// The title of a section; one that the masthead does not have is called by its name.
  func title(ofSection slug: String) -> String { titles[slug] ?? slug }

  func date(_ seconds: Int) -> Markup {
    "<time datetime=\"\(RFC3339.format(seconds))\">\(FrenchDate.date(seconds))</time>"
  }

  func dateAndTime(_ seconds: Int) -> Markup {
    "<time datetime=\"\(RFC3339.format(seconds))\">\(FrenchDate.dateAndTime(seconds))</time>"
  }

  /// « 0 texte », « 1 texte », « 2 textes ».
  func counted(_ count: Int, _ noun: Markup) -> Markup {
    "\(count) \(noun)\(count > 1 ? "s" : "")"
  }

  /// The attributes of an element with text of `article`.
  ///
  /// The language says the direction where it can; else the text itself.
  func language(_ article: Article) -> Markup {
    let language = article.language.isEmpty ? masthead.language : article.language
    let main = language.prefix { $0 != "-" }.lowercased()
    return " lang=\"\(language)\" dir=\"\(Edition.rightToLeft.contains(main) ? "rtl" : "auto")\""
  }

  private static let rightToLeft: Set = ["ar", "dv", "fa", "he", "ps", "ur", "yi"]

  /// What is to be said before all news.
  enum Warning: Equatable {
    case nothingHeld
    /// The local clock is behind a time that the newsroom has signed: the clock is wrong.
    case wrongClock
    /// Since the newsroom's signature, if the local clock is right.
    case old(seconds: Int)
  }

  /// A signed time is true; the local clock is believed only where the two agree.
  var warning: Warning? {
    guard let signed = freshness.signed else { return .nothingHeld }
    // Two clocks are never quite the same.
    if now < signed - 300 { return .wrongClock }
    return now - signed > options.oldAfter ? .old(seconds: now - signed) : nil
  }
}

/// What fills the frame that all pages share.
struct Page {
  var status = 200
  /// Without the feed's name.
  var title: String
  var main: Markup
  /// Whether it is the first page, which has the feed's name for a title.
  var isHome = false
  /// Whether it is itself the question whether somebody is there.
  var asks = false
}
