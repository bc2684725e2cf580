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

  static func delta(_ feed: MemoryFeed, from: Int, _ codec: Codec) throws -> [UInt8] {
    try DeltaRenderer(
      feed, from: from, to: feed.version, selection: .all.coded(codec), floor: 0
    ).render()
  }

  /// The most bytes of a first copy of 400, of 1 article, of 12, and of a correction.
  static func bounds(_ codec: Codec) -> [Int] {
    switch codec {
    case .deflate: [310_000, 1_300, 10_600, 700]
    case .text: [188_000, 800, 6_600, 500]
    }
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

  @Test(.enabled(if: Corpus.articles() != nil, hasCorpus), arguments: Codec.allCases)
  func `deltas of real news stay within their bounds`(codec: Codec) throws {
    guard let (feed, articles) = try Self.feed(400) else { return }
    let first = try Self.delta(feed, from: 0, codec)
    try Self.append(articles[400], to: feed)
    try feed.sign(time: 1_800_000_001)
    let one = try Self.delta(feed, from: 401, codec)
    for article in articles[401..<412] { try Self.append(article, to: feed) }
    try feed.sign(time: 1_800_000_002)
    let twelve = try Self.delta(feed, from: 401, codec)

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
    let correction = try Self.delta(feed, from: 413, codec)

    print(
      """
      \(codec): delta, bytes of the whole object (zlib -9 solid, payload alone): \
      first copy of 400: \(first.count) (\(try Self.solid(articles.prefix(400)))), \
      1 article: \(one.count) (\(try Self.solid(articles[400...400]))), \
      12 articles: \(twelve.count) (\(try Self.solid(articles[400..<412]))), \
      a correction: \(correction.count)
      """)
    for (object, bound) in zip([first, one, twelve, correction], Self.bounds(codec)) {
      #expect(object.count <= bound)
    }
  }
}
