/// A post as a site shows it, before it is an article.
struct SitePost: Sendable, Equatable {
  /// What the site calls it, for ever: the number of a WordPress post, or a feed's `guid`.
  var id: String
  /// What a feed calls it, which is not always its number; empty: it is in none.
  var guid = ""
  /// False: it is behind a password, and to its readers it is gone.
  var isOpen = true
  /// HTML of one line.
  var title: String
  /// HTML.
  var content: String
  /// Whether ``content`` is what an editor typed, before WordPress made paragraphs of it.
  var isSource = false
  /// Whether ``content`` may be only an excerpt: the feed has nothing else.
  var isExcerpt = false
  /// HTML; what WordPress makes of the text's beginning where the editor wrote none.
  var excerpt = ""
  var sections: Filing = .named([])
  var tags: [String] = []
  /// The numbers and names under which `authors.json` may have the author.
  var authors: [String] = []
  /// Seconds since 1970-01-01T00:00Z; nil: the site does not say.
  var published: Int?
  var modified: Int?
  /// Nil: the site does not say.
  var isSticky: Bool?
  var link = ""

  /// How a post says in which sections it stands.
  enum Filing: Sendable, Equatable {
    /// Numbers of the site's categories.
    case categories([Int])
    /// Names, of which some may be tags.
    case named([String])
  }
}

/// A category of a site.
struct SiteCategory: Sendable, Equatable {
  var id: Int
  /// Plain text.
  var name: String
  /// As the site has it; may be of any script.
  var slug: String
  /// 0: none.
  var parent: Int
}

/// What one look at a site brought, to be put into the feed in one batch.
struct SiteNews: Sendable {
  /// The site for ever, such as `askia24.net`: ``SiteAddress/key(_:)``.
  var site: String
  /// Nil: were not looked at.
  var categories: [SiteCategory]?
  /// Names of the site's tags, by number; those that were looked at.
  var tags: [Int: String] = [:]
  var posts: [SitePost] = []
  /// Posts that readers of the site cannot see any more, each asked for by its number.
  var withdrawn: [String] = []
  /// What is remembered of the site when all of this is in the feed.
  var memory: SiteMemory?
}

/// What is remembered of a site between two looks.
struct SiteMemory: Sendable, Equatable {
  /// The site for ever: ``SiteNews/site``.
  var site: String
  /// Where its API is.
  var root: String
  /// The newest time of modification that was seen, in seconds since 1970-01-01T00:00Z.
  var modified: Int
  /// When all of its numbers were last compared.
  var reconciled: Int
}

/// The addresses of sites.
enum SiteAddress {
  /// The address without what may change of it: scheme, `www.` and the last slash.
  static func key(_ url: String) -> String {
    var rest = Substring(url)
    for scheme in ["http://", "https://"] where rest.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
    }
    rest = rest.prefix { $0 != "?" && $0 != "#" }
    while rest.last == "/" { rest = rest.dropLast() }
    let host = rest.prefix { $0 != "/" }
    var name = host.lowercased()
    if name.hasPrefix("www.") { name = String(name.dropFirst(4)) }
    return name + rest.dropFirst(host.count)
  }
}
