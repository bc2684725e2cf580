internal import FoundationEssentials
internal import Text

// What WordPress answers, as far as it is used: `wp/v2` of WordPress 5.7 and newer.

/// What `/wp-json/` says of the site itself.
struct WordPressIndex: Decodable {
  let home: String?
  let namespaces: [String]
}

/// A post, with the fields that were asked for.
struct WordPressPost: Decodable {
  struct Rendered: Decodable {
    let rendered: String?
    let isProtected: Bool?

    enum CodingKeys: String, CodingKey {
      case rendered
      case isProtected = "protected"
    }
  }

  let id: Int
  private let date: String?
  private let modification: String?
  let status: String?
  let link: String?
  let title, content, excerpt, guid: Rendered?
  let author: Int?
  let categories, tags: [Int]?
  let sticky: Bool?

  enum CodingKeys: String, CodingKey {
    case date = "date_gmt"
    case modification = "modified_gmt"
    case id, status, link, title, content, excerpt, guid, author, categories, tags, sticky
  }

  /// Seconds since 1970-01-01T00:00Z; 0: it does not say.
  var modified: Int { WordPressPost.time(modification) ?? 0 }
  var published: Int? { WordPressPost.time(date) }
  var isProtected: Bool { content?.isProtected ?? false }
  /// Whether it says that anyone may see it; a list without the field has no others.
  var isVisible: Bool { status ?? "publish" == "publish" && !isProtected }

  private static func time(_ text: String?) -> Int? {
    text.flatMap { RFC3339.parse($0 + "Z") }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The post as all importers have it; `names` are those of the site's tags.
  func post(_ names: [Int: String]) -> SitePost {
    SitePost(
      id: "\(id)", guid: (try? HTML.text(guid?.rendered ?? "")) ?? "", isOpen: isVisible,
      title: title?.rendered ?? "",
      content: content?.rendered ?? "", excerpt: excerpt?.rendered ?? "",
      sections: .categories(categories ?? []), tags: (tags ?? []).compactMap { names[$0] },
      authors: author.map { ["\($0)"] } ?? [], published: published, modified: modified,
      isSticky: sticky, link: link ?? "")
  }

  /// The fields of a whole article.
  static let fields =
    "id,date_gmt,modified_gmt,status,link,guid,title,content,excerpt,author,categories,tags,sticky"
  /// The fields by which an article is compared with what is known of it.
  static let briefFields = "id,date_gmt,modified_gmt,sticky,content.protected"
}

/// A category or a tag.
struct WordPressTerm: Decodable {
  let id: Int
  let name: String
  let slug: String?
  let parent: Int?
}

/// A picture.
struct WordPressMedia: Decodable {
  let id: Int
  /// The post it was loaded up for.
  let post: Int?
}

/// Why a request was refused.
struct WordPressRefusal: Decodable {
  let code: String
}
