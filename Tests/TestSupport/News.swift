public import FilProtocol

/// Makes up news: French enough to compress, the same for the same seed.
public struct News: Sendable {
  private static let words = """
    le la les un une des marché fleuve Niger école route marchands Gao Ansongo Bourem commune maire \
    habitants eau puits récolte oignons riz bétail pluie saison élèves maîtres santé centre vaccin \
    radio fête tambour pirogue pêcheurs sable dune vent piste camion essence prix hausse baisse \
    depuis hier matin soir semaine dernière selon pour avec dans sur entre après avant pendant a été \
    sont ont dit annonce demande reçoit ouvre ferme commence reprend visite partage répare construit
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { String($0) }

  public static let sections = ["nord-actu", "politique", "societe", "culture", "sante"]

  public var random: SplitMix64

  public init(seed: UInt64) { random = SplitMix64(seed: seed) }

  public mutating func number(below bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

  public mutating func sentence(_ count: Int) -> String {
    let words = (0..<count).map { _ in News.words[number(below: News.words.count)] }
    return words.joined(separator: " ") + "."
  }

  public mutating func text(_ sentences: Int) -> [UInt8] {
    var lines: [String] = []
    for _ in 0..<sentences { lines.append(sentence(6 + number(below: 10))) }
    return Array(lines.joined(separator: " ").utf8)
  }

  public mutating func headline(_ body: [UInt8], published: Int) -> Headline {
    Headline(
      published: published, title: sentence(5), summary: sentence(12),
      section: News.sections[number(below: News.sections.count)], tags: [sentence(1)],
      author: "Rédaction", flags: number(below: 20) == 0 ? .une : [], body: BodyHash(of: body),
      length: body.count)
  }
}

extension MemoryFeed {
  /// A feed with a masthead and `count` made-up articles, signed.
  public static func sample(_ count: Int, seed: UInt64 = 1, sentences: Int = 4) throws -> MemoryFeed
  {
    let feed = MemoryFeed()
    try feed.append(.masthead(Masthead(name: "Essai")), number: 0)
    var news = News(seed: seed)
    for _ in 0..<count { try feed.publish(&news, sentences: sentences) }
    try feed.sign(time: 1_800_000_000)
    return feed
  }

  /// Appends a made-up article; its number.
  @discardableResult
  public func publish(_ news: inout News, sentences: Int = 4) throws -> Int {
    let number = size
    let body = news.text(sentences)
    let time = 1_790_000_000 + number * 3_600
    try append(.headline(news.headline(body, published: time)), number: number, body: body)
    return number
  }

  /// Appends a correction of article `number`: a new title, a sentence more.
  public func correct(_ number: Int, _ news: inout News, erasing: Bool = false) throws {
    guard var headline = record(number, asOf: version)?.headline else { return }
    let body = (self.body(headline.body) ?? []) + Array((" " + news.sentence(9)).utf8)
    headline.title = news.sentence(5)
    headline.updated = headline.published + 60
    headline.note = "corrigé"
    headline.body = BodyHash(of: body)
    headline.length = body.count
    if erasing { headline.erased = version + 1 }
    try append(.headline(headline), number: number, body: body)
  }

  /// Appends a retraction of article `number`.
  public func retract(_ number: Int, erasing: Bool = false) throws {
    guard let old = record(number, asOf: version), let published = old.published else { return }
    try append(
      .retraction(
        Retraction(
          published: published, time: published + 100, reason: "retiré",
          erased: erasing ? version + 1 : old.erased)), number: number)
  }
}
