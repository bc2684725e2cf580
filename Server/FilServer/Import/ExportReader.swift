internal import Text

/// Reads a WordPress export (WXR 1.0 to 1.2).
///
/// Only posts that were public come out: no drafts, no pages, no comments, no e-mail addresses.
struct ExportReader {
  private(set) var news: SiteNews
  private var open: [String] = []
  private var text = ""
  private var fields: [String: String] = [:]
  private var term: [String: String] = [:]
  private var attributes: [String: String] = [:]
  private var terms: [(slug: String, parent: String, category: SiteCategory)] = []
  private var items: [Item] = []
  private var pictures: [Int: WordPressSource.Picture] = [:]
  private var filed: [String] = []
  private var tags: [String] = []
  private var meta: [String: String] = [:]
  private var isFrench = false

  private struct Item {
    var fields: [String: String]
    var categories: [String]
    var tags: [String]
  }

  /// What is in the export `bytes`, which errors call `place`.
  static func read(_ place: String, _ bytes: [UInt8]) throws(InputError) -> SiteNews {
    var reader = ExportReader(news: SiteNews(site: ""))
    do throws(XMLError) { try XML.read(bytes) { reader.take($0) } } catch {
      throw InputError(place, nil, error.description)
    }
    guard !reader.news.site.isEmpty else {
      throw InputError(
        place, nil, "is no WordPress export; make one under Tools, Export, All content")
    }
    reader.finish()
    return reader.news
  }

  private init(news: SiteNews) { self.news = news }

  private mutating func take(_ event: XML.Event) {
    switch event {
    case .start(let name, let attributes):
      open.append(name)
      text = ""
      self.attributes = attributes
      if name == "item" { (fields, filed, tags) = ([:], [], []) }
      if name == "wp:category" { term = [:] }
    case .text(let part): text += part
    case .end(let name):
      open.removeLast()
      end(name)
      text = ""
    }
  }

  private mutating func end(_ name: String) {
    switch (open.last, name) {
    case ("channel", "wp:base_blog_url"): news.site = SiteAddress.key(oneLine(text))
    case ("channel", "language"): isFrench = text.hasPrefix("fr")
    case ("channel", "wp:category"): endTerm()
    case ("channel", "item"): endItem()
    case ("wp:category", _): term[name] = text
    case ("item", "category"):
      if attributes["domain"] == "category" { filed.append(attributes["nicename"] ?? "") }
      if attributes["domain"] == "post_tag" { tags.append(text) }
    case ("item", "wp:postmeta"):
      if fields["wp:post_type"] == "attachment", meta["wp:meta_key"] == "_wp_attachment_image_alt" {
        fields["alt"] = meta["wp:meta_value"] ?? ""
      }
    case ("wp:postmeta", _): meta[name] = text
    case ("item", _): fields[name] = text
    default: break
    }
  }

  private mutating func endTerm() {
    guard let id = term["wp:term_id"].flatMap({ Int($0) }) else { return }
    let category = SiteCategory(
      id: id, name: (try? HTML.text(term["wp:cat_name"] ?? "")) ?? "",
      slug: term["wp:category_nicename"] ?? "", parent: 0)
    terms.append((category.slug, term["wp:category_parent"] ?? "", category))
  }

  private mutating func endItem() {
    switch fields["wp:post_type"] {
    case "attachment":
      if let id = fields["wp:post_id"].flatMap({ Int($0) }) {
        pictures[id] = WordPressSource.Picture(
          alt: fields["alt"] ?? "", caption: fields["excerpt:encoded"] ?? "",
          post: fields["wp:post_parent"].flatMap { Int($0) } ?? 0)
      }
    case "post":
      guard fields["wp:status"] == "publish", fields["wp:post_password"] ?? "" == "" else { return }
      items.append(Item(fields: fields, categories: filed, tags: tags))
    default: break
    }
  }

  private mutating func finish() {
    let numbers = Dictionary(terms.map { ($0.slug, $0.category.id) }) { first, _ in first }
    news.categories = terms.map { term in
      var category = term.category
      category.parent = numbers[term.parent] ?? 0
      return category
    }
    let source = WordPressSource(pictures: pictures, isFrench: isFrench)
    news.posts = items.compactMap { post($0, numbers, source) }
      .sorted { ($0.published ?? 0, Int($0.id) ?? 0) < ($1.published ?? 0, Int($1.id) ?? 0) }
  }

  private func post(
    _ item: Item, _ numbers: [String: Int], _ source: WordPressSource
  ) -> SitePost? {
    guard let id = item.fields["wp:post_id"] else { return nil }
    func time(_ name: String) -> Int? {
      item.fields[name].flatMap {
        RFC3339.parse($0.split(separator: " ").joined(separator: "T") + "Z")
      }.flatMap { $0 > 0 ? $0 : nil }
    }
    return SitePost(
      id: id, guid: oneLine(item.fields["guid"] ?? ""),
      title: source.typeset(item.fields["title"] ?? ""),
      content: source.html(item.fields["content:encoded"] ?? "", post: Int(id) ?? 0),
      isSource: true, excerpt: source.typeset(item.fields["excerpt:encoded"] ?? ""),
      sections: .categories(item.categories.compactMap { numbers[$0] }), tags: item.tags,
      authors: [item.fields["dc:creator"] ?? ""],
      published: time("wp:post_date_gmt"), modified: time("wp:post_modified_gmt"),
      isSticky: item.fields["wp:is_sticky"] == "1", link: item.fields["link"] ?? "")
  }
}
