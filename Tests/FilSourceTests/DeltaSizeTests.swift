import FilProtocol
import FilSource
import TestSupport
import Testing

/// What a delta of real French news weighs: counts, not seconds.
struct DeltaSizeTests {
  /// A feed with the first `count` articles of the corpus, bodies cut to the site's length.
  static func feed(_ count: Int) throws -> (MemoryFeed, [Corpus.Article])? {
    guard let articles = Corpus.articles() else { return nil }
    let feed = MemoryFeed()
    try feed.append(.masthead(Masthead(name: "Essai")), number: 0)
    for article in articles.prefix(count) { try append(article, to: feed) }
    try feed.sign(time: 1_800_000_000)
    return (feed, articles)
  }

  static func append(_ article: Corpus.Article, to feed: MemoryFeed) throws {
    let body = Array(article.shortText.utf8)
    try feed.append(.headline(article.headline(body)), number: feed.size, body: body)
  }

  static func delta(_ feed: MemoryFeed, from: Int) throws -> [UInt8] {
    try DeltaRenderer(feed, from: from, to: feed.version, selection: .all, floor: 0).render()
  }

  static let hasCorpus: Comment = "needs the corpus beside the project; see CONTRIBUTING.md"

  /// What zlib makes of the same texts in one stream, without context: the payload alone.
  static func solid(_ articles: some Sequence<Corpus.Article>) throws -> Int {
    var plain: [UInt8] = []
    for (place, article) in articles.enumerated() {
      let body = Array(article.shortText.utf8)
      plain += try Record(.headline(article.headline(body)), number: place + 1, version: place + 1)
        .bytes
      plain += body
    }
    return Deflate.compress(plain).count
  }

  @Test(.enabled(if: Corpus.articles() != nil, hasCorpus))
  func `deltas of real news stay within their bounds`() throws {
    guard let (feed, articles) = try Self.feed(400) else { return }
    let first = try Self.delta(feed, from: 0)
    try Self.append(articles[400], to: feed)
    try feed.sign(time: 1_800_000_001)
    let one = try Self.delta(feed, from: 401)
    for article in articles[401..<412] { try Self.append(article, to: feed) }
    try feed.sign(time: 1_800_000_002)
    let twelve = try Self.delta(feed, from: 401)

    // A typo mended, a new title, one more paragraph.
    var news = News(seed: 1)
    var headline = articles[320].headline([])
    let text = articles[320].shortText.replacing(" le ", with: " la ", maxReplacements: 1)
    let body = Array((text + "\n\n" + news.sentence(40)).utf8)
    headline.title = "Correction : " + headline.title
    headline.updated = headline.published + 86_400
    headline.note = "Une faute corrigée, un paragraphe ajouté."
    headline.body = BodyHash(of: body)
    headline.length = body.count
    try feed.append(.headline(headline), number: 321, body: body)
    try feed.sign(time: 1_800_000_003)
    let correction = try Self.delta(feed, from: 413)

    print(
      """
      delta, bytes of the whole object (zlib -9 solid, payload alone): \
      first copy of 400: \(first.count) (\(try Self.solid(articles.prefix(400)))), \
      1 article: \(one.count) (\(try Self.solid(articles[400...400]))), \
      12 articles: \(twelve.count) (\(try Self.solid(articles[400..<412]))), \
      a correction: \(correction.count)
      """)
    #expect(first.count <= 310_000)
    #expect(one.count <= 1_300)
    #expect(twelve.count <= 10_600)
    #expect(correction.count <= 700)
  }
}
