internal import FilClient
internal import FilProtocol
internal import FoundationEssentials
internal import HTTP
internal import Text

extension Edition {
  /// How many articles programs that read feeds are given.
  private static let feedLength = 30

  private func newest() throws(FilError) -> [Article] {
    var filter = Replica.Filter()
    filter.retracted = false
    filter.limit = Edition.feedLength
    var articles: [Article] = []
    for headline in try replica.articles(filter) {
      if let article = try replica.article(headline.number) { articles.append(article) }
    }
    return articles
  }

  /// What programs are given to show: the text, or the summary where the current text is not here.
  private func content(_ article: Article) -> Markup {
    let body = article.bodyState == .current ? article.body : nil
    let text = body.map { CommonMark.markup($0) } ?? "<p>\(article.summary)</p>\n"
    return "\(correction(article))\(text)"
  }

  /// A name that no other article has, whatever address this kiosk is reached by.
  private func identity(_ article: Article) -> String { "\(replica.key.name)#\(article.number)" }

  /// RSS 2.0 of the newest articles, with their texts.
  func rss(host: String) throws(FilError) -> Response {
    let items = try newest().map { article -> Markup in
      let tags = article.tags.map { tag -> Markup in "<category>\(tag)</category>" }
      return """
        <item><title>\(article.title)</title><link>http://\(host)/article/\(article.number)</link>\
        <guid isPermaLink="false">\(identity(article))</guid>\
        <pubDate>\(Edition.rfc822(article.published))</pubDate>\(tags)\
        <description>\(article.summary)</description>\
        <content:encoded>\(content(article).text)</content:encoded></item>\n
        """
    }
    let about = CommonMark.plainText(masthead.about)
    return Safety.page(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
      xmlns:atom="http://www.w3.org/2005/Atom">
      <channel><title>\(masthead.name)</title><link>http://\(host)/</link>
      <atom:link href="http://\(host)/rss.xml" rel="self" type="application/rss+xml"/>
      <description>\(about)</description><language>\(masthead.language)</language>
      <lastBuildDate>\(Edition.rfc822(freshness.signed ?? 0))</lastBuildDate>
      \(items)</channel>
      </rss>\n
      """, type: "application/rss+xml; charset=utf-8")
  }

  /// JSON Feed 1.1 of the newest articles, with their texts.
  func jsonFeed(host: String) throws(FilError) -> Response {
    let items = try newest().map { article in
      JSONFeed.Item(
        id: identity(article), url: "http://\(host)/article/\(article.number)",
        title: article.title, summary: article.summary,
        contentHTML: content(article).text,
        datePublished: RFC3339.format(article.published),
        dateModified: article.updated.map(RFC3339.format), tags: article.tags,
        language: article.language.isEmpty ? masthead.language : article.language)
    }
    let feed = JSONFeed(
      title: masthead.name, homePageURL: "http://\(host)/",
      feedURL: "http://\(host)/feed.json", language: masthead.language, items: items)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings only: there is nothing in it that cannot be written.
    let bytes = (try? encoder.encode(feed)).map { Array($0) } ?? []
    return Response(
      status: 200,
      headers: ["Content-Type": "application/feed+json; charset=utf-8", "ETag": Safety.tag(bytes)],
      body: .bytes(bytes))
  }

  /// `Fri, 20 Feb 2026 14:05:09 +0000` (RFC 822, with four digits of the year).
  static func rfc822(_ seconds: Int) -> String {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let text = RFC3339.format(seconds)
    let parts = text.prefix(10).split(separator: "-").map { String($0) }
    let month = months[(Int(parts[1]) ?? 1) - 1]
    let day = days[((seconds >= 0 ? seconds : seconds - 86_399) / 86_400 % 7 + 7) % 7]
    return "\(day), \(parts[2]) \(month) \(parts[0]) \(text.dropFirst(11).prefix(8)) +0000"
  }
}

/// JSON Feed 1.1; the names are the format's, as `content_html` for `contentHTML`.
private struct JSONFeed: Encodable {
  struct Item: Encodable {
    var id: String
    var url: String
    var title: String
    var summary: String
    var contentHTML: String
    var datePublished: String
    var dateModified: String?
    var tags: [String]
    var language: String
  }

  var version = "https://jsonfeed.org/version/1.1"
  var title: String
  var homePageURL: String
  var feedURL: String
  var language: String
  var items: [Item]
}
