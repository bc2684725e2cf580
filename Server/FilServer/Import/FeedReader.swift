internal import Text

/// Reads RSS 2.0 (with `content:encoded`), RSS 1.0 and Atom 1.0.
struct FeedReader {
  private(set) var posts: [SitePost] = []
  /// The address of the site that the feed is of.
  private(set) var link = ""
  private var item: Item?
  /// Elements that are open, the innermost last.
  private var open: [String] = []
  private var text = ""
  /// Markup of an Atom text of type `xhtml`; how deep in it.
  private var markup = 0
  private var kind = ""

  private struct Item {
    var fields: [String: String] = [:]
    var categories: [String] = []
    var authors: [String] = []
  }

  /// The posts in the feed `bytes`, which errors call `place`, and the site's address.
  static func read(
    _ place: String, _ bytes: [UInt8]
  ) throws(InputError) -> (posts: [SitePost], link: String) {
    var reader = FeedReader()
    var root: String?
    do throws(XMLError) {
      try XML.read(bytes) { event in
        if case .start(let name, _) = event, root == nil { root = name }
        reader.take(event)
      }
    } catch { throw InputError(place, nil, error.description) }
    guard let root, ["rss", "feed", "rdf:RDF"].contains(root) else {
      throw InputError(place, nil, "is no feed (its first element is \(root ?? "missing"))")
    }
    let site = SiteAddress.key(reader.link)
    let posts = reader.posts.map { post in
      var post = post
      post.id = number(post.guid, site) ?? post.guid
      return post
    }
    return (posts, reader.link)
  }

  private mutating func take(_ event: XML.Event) {
    switch event {
    case .start(let name, let attributes):
      if markup > 0 {
        markup += 1
        let pairs = attributes.sorted { $0.key < $1.key }.map {
          " \($0.key)=\"\(FeedReader.escaped($0.value))\""
        }
        text += "<\(name)\(pairs.joined())>"
        return
      }
      begin(name, attributes)
    case .text(let part): text += markup > 0 ? FeedReader.escaped(part) : part
    case .end(let name):
      if markup > 1 {
        markup -= 1
        text += "</\(name)>"
        return
      }
      markup = 0
      end(name)
    }
  }

  private mutating func begin(_ name: String, _ attributes: [String: String]) {
    open.append(name)
    text = ""
    kind = attributes["type"] ?? ""
    switch name {
    case "item", "entry": item = Item()
    case "content", "summary", "title": if item != nil, kind == "xhtml" { markup = 1 }
    case "category":
      if let label = attributes["label"] ?? attributes["term"] { item?.categories.append(label) }
    case "link":
      guard let address = attributes["href"], attributes["rel"] ?? "alternate" == "alternate" else {
        break
      }
      if item == nil { link = address } else { item?.fields["link"] = address }
    default: break
    }
  }

  private mutating func end(_ name: String) {
    open.removeLast()
    defer { text = "" }
    // Atom's plain texts are not HTML.
    let isPlain =
      open.last == "entry" && kind != "html" && kind != "xhtml" && !kind.hasSuffix("html")
    let value =
      isPlain && ["title", "summary", "content"].contains(name)
      ? FeedReader.escaped(text) : text
    guard item != nil else {
      if name == "link", open.last == "channel", link.isEmpty { link = oneLine(text) }
      return
    }
    switch name {
    case "item", "entry": finish()
    case "category": if !text.isEmpty { item?.categories.append(text) }
    case "dc:creator": item?.authors.append(oneLine(text))
    case "name": if open.last == "author" { item?.authors.append(oneLine(text)) }
    case "link": if !text.isEmpty { item?.fields["link"] = oneLine(text) }
    default: if open.last == "item" || open.last == "entry" { item?.fields[name] = value }
    }
  }

  private mutating func finish() {
    guard let item else { return }
    self.item = nil
    let fields = item.fields
    let link = fields["link"] ?? ""
    let guid = oneLine(fields["guid"] ?? fields["id"] ?? link)
    guard !guid.isEmpty else { return }
    let summary = fields["description"] ?? fields["summary"] ?? ""
    let text = fields["content:encoded"] ?? fields["content"]
    let content = text ?? summary
    let date = fields["pubDate"] ?? fields["published"] ?? fields["dc:date"] ?? fields["updated"]
    posts.append(
      SitePost(
        id: guid, guid: guid, isOpen: !FeedReader.asksForPassword(content),
        title: fields["title"] ?? "", content: content, isExcerpt: text == nil,
        excerpt: content == summary ? "" : summary, sections: .named(item.categories),
        authors: item.authors, published: date.flatMap { FeedDate.parse($0) },
        modified: fields["updated"].flatMap { FeedDate.parse($0) }, link: link))
  }

  /// Whether it is what WordPress shows of a post behind a password: a form, or, where the feed has
  /// excerpts only, a sentence.
  private static func asksForPassword(_ content: String) -> Bool {
    if content.contains("post-password-form") { return true }
    guard content.utf8.count < 400, let text = try? HTML.text(content) else { return false }
    let letters = text.lowercased().filter(\.isLetter)
    return [
      "thereisnoexcerptbecausethisisaprotectedpost",
      "ilnyapasdextraitcarcettepublicationestprotégée",
    ].contains(letters)
  }

  /// The number of a post of this WordPress site, of which the `guid` is `https://…/?p=12`; other
  /// sites, of which a feed may have items too, count for themselves.
  private static func number(_ guid: String, _ site: String) -> String? {
    let key = SiteAddress.key(guid)
    guard !site.isEmpty, key == site || key.hasPrefix(site + "/"),
      let mark = guid.firstRange(of: "?p=")
    else { return nil }
    let digits = guid[mark.upperBound...].prefix { $0.isASCII && $0.isNumber }
    return digits.isEmpty ? nil : String(digits)
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
