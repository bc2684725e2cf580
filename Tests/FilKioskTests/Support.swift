import Database
import FilClient
import FilKiosk
import FilProtocol
import Files
import HTTP
import Synchronization
import TestSupport
import Testing

/// A newsroom of a few articles of every kind, a replica of it, and the kiosk that shows it.
struct Stall {
  static let signed = 1_772_000_000
  static let token = "jeton-d-essai-0123"

  let folder: String
  let replica: Replica
  let feed: MemoryFeed

  /// - Parameters:
  ///   - choice: of the bodies that are held.
  ///   - fill: what the newsroom publishes, after its masthead.
  init(
    _ folder: String, _ choice: SectionChoice = .all, masthead: Masthead = Stall.masthead,
    fill: (MemoryFeed) throws -> Void = Stall.news
  ) throws {
    self.folder = folder
    feed = MemoryFeed()
    try feed.append(.masthead(masthead), number: 0)
    try fill(feed)
    try feed.sign(time: Stall.signed)
    replica = try Replica(path: "\(folder)/kiosque.db", key: feed.key.verifier)
    try sync(choice)
  }

  func sync(_ choice: SectionChoice? = nil) throws {
    var options = SyncOptions()
    options.codec = .deflate
    options.choice = choice
    options.clock = SyncClock(
      now: { Stall.signed + 60 }, monotonic: { 0 }, sleep: { _, _ in }, random: { 0.5 })
    let source = try ServiceSource(feed, cache: "\(folder)/cache")
    _ = try replica.sync(from: source, options)
  }

  func kiosk(_ change: (inout KioskOptions) -> Void = { _ in }) -> Kiosk {
    var options = KioskOptions(token: Stall.token)
    change(&options)
    return Kiosk(replica, options)
  }

  static let masthead = Masthead(
    name: "Essai 24", about: "Un fil *d’essai* : [le site](https://essai.example/).",
    contact: "redaction@essai.example",
    sections: [
      Masthead.Section(slug: "nord-actu", title: "Nord Actu"),
      Masthead.Section(slug: "societe", title: "Société"),
      Masthead.Section(slug: "culture", title: "Culture", parent: "societe"),
    ])

  /// Six articles: on À la Une, urgent, corrected, in Arabic, in Tifinagh, withdrawn.
  static func news(_ feed: MemoryFeed) throws {
    try publish(
      feed, "Le fleuve monte", section: "nord-actu", summary: "L’eau gagne le quai.",
      tags: ["fleuve", "crue & eau"], hours: 30, flags: .une,
      "Le quai est *fermé*.\n\n## Demain\n\nVoir [la carte](https://carte.example/gao?a=1&b=2).")
    try publish(
      feed, "Sécurité : la route", section: "nord-actu", summary: "Prudence.", tags: ["route"],
      hours: 20, flags: .urgent, "La sécurité de tous.")
    try publish(
      feed, "Le carnet de mots", section: "culture", summary: "Des mots.", tags: ["langues"],
      hours: 10, "| mot | sens |\n| --- | --- |\n| hari | eau |")
    try publish(
      feed, "سوق غاو", section: "nord-actu", summary: "(essai) خبر", tags: ["سوق"], hours: 8,
      language: "ar", "نص عربي.")
    try publish(
      feed, "ⴰⵎⴰⵏ ⵉⵎⴰⵏ", section: "culture", summary: "ⴰⵎⴰⵏ", tags: ["langues"], hours: 6,
      language: "tmh-Tfng", "ⴰⵎⴰⵏ")
    try publish(feed, "Deux fois", section: "societe", hours: 5, "Ce texte est retiré.")
    try correct(feed, 3, note: "Le mot était « hari »")
    try feed.append(
      .retraction(
        Retraction(
          published: signed - 5 * 3_600, time: signed - 3_600, reason: "Publié deux fois")),
      number: 6)
  }

  static func publish(
    _ feed: MemoryFeed, _ title: String, section: String, summary: String = "",
    tags: [String] = [], hours: Int, flags: Headline.Flags = [], author: String = "",
    language: String = "", _ body: String
  ) throws {
    let bytes = Array(body.utf8)
    try feed.append(
      .headline(
        Headline(
          published: signed - hours * 3_600, title: title, summary: summary, section: section,
          tags: tags, author: author, language: language, flags: flags,
          body: BodyHash(of: bytes), length: bytes.count)), number: feed.size, body: bytes)
  }

  static func correct(_ feed: MemoryFeed, _ number: Int, note: String) throws {
    var headline = try #require(feed.record(number, asOf: feed.version)?.headline)
    let bytes = (feed.body(headline.body) ?? []) + Array("\n\nCorrigé.".utf8)
    headline.updated = signed - 1_800
    headline.note = note
    headline.body = BodyHash(of: bytes)
    headline.length = bytes.count
    try feed.append(.headline(headline), number: number, body: bytes)
  }
}

/// Runs `body` with a stall of its own.
func withStall(
  _ choice: SectionChoice = .all, masthead: Masthead = Stall.masthead,
  fill: (MemoryFeed) throws -> Void = Stall.news, _ body: (Stall) throws -> Void
) throws {
  try withTemporaryFolder { folder in
    try body(try Stall(folder, choice, masthead: masthead, fill: fill))
  }
}

extension Kiosk {
  /// The answer to a GET a minute after the newsroom signed.
  func get(
    _ target: String, _ headers: Headers = [:], at now: Int = Stall.signed + 60
  ) -> Response {
    let halves = target.split(separator: "?", maxSplits: 1).map { String($0) }
    var headers = headers
    if headers["Host"] == nil { headers["Host"] = "127.0.0.1:8080" }
    return answer(
      Request(path: halves[0], query: halves.count > 1 ? halves[1] : nil, headers: headers),
      now: now)
  }

  func post(_ path: String, _ form: String, _ headers: Headers = [:]) -> Response {
    var headers = headers
    headers["Host"] = "127.0.0.1:8080"
    return answer(
      Request(method: .post, path: path, headers: headers, body: Array(form.utf8)),
      now: Stall.signed + 60)
  }
}

extension Response {
  var text: String {
    guard case .bytes(let bytes) = body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Stall {
  /// Takes away a table that every page needs.
  func damage() throws {
    try Connection(path: replica.path, mode: .readWrite).script("DROP TABLE article")
  }
}
