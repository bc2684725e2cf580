import FilProtocol
import FilServer
import Synchronization
import Testing

/// A newsroom that follows a site, some minutes after the site's articles.
final class Follower {
  let desk: Desk
  let site = FakeWordPress()
  var options = WordPressImport("https://journal.example/")

  init(posts: Int = 3) throws {
    desk = try Desk()
    try desk.found()
    for post in 1..<(posts + 1) {
      site.change(post) {
        ($0.title, $0.content) = ("Titre \(post)", "<p>Texte \(post).</p>")
        ($0.date, $0.modified) = (1_790_000_000 + post * 3_600, 1_790_000_000 + post * 3_600)
      }
    }
  }

  @discardableResult
  func look() throws -> ImportReport {
    desk.now += 300
    return try options.run(desk.path, site, surroundings: desk.surroundings)
  }

  /// What the feed says now of a number.
  func record(_ number: Int) throws -> Record.Content? {
    let archive = try desk.archive()
    return try archive.record(number, asOf: try archive.head().checkpoint.version)?.content
  }

  func headline(_ number: Int) throws -> Headline? {
    if case .headline(let headline)? = try record(number) { headline } else { nil }
  }

  func body(_ number: Int) throws -> String? {
    guard let headline = try headline(number) else { return nil }
    return try desk.archive().body(headline.body).map { String(decoding: $0, as: UTF8.self) }
  }

  func isRetracted(_ number: Int) throws -> Bool {
    if case .retraction? = try record(number) { true } else { false }
  }

  func masthead() throws -> Masthead? {
    if case .masthead(let masthead)? = try record(0) { masthead } else { nil }
  }

  func error() -> ImportError? {
    do {
      try look()
      return nil
    } catch { return error as? ImportError }
  }
}

@Suite struct `Following a WordPress site` {
  @Test func `its articles come in the order of their dates, without their authors`() throws {
    let follower = try Follower()
    follower.site.change(2) { ($0.excerpt, $0.tags) = ("<p>Ce qu&#8217;on en dit.</p>", [5]) }
    follower.site.state.withLock { $0.tags = [5: "Gao &amp; le fleuve"] }
    let report = try follower.look()
    #expect(report.count(.published) == 3)
    #expect(report.isFull)
    let headline = try #require(try follower.headline(2))
    #expect(headline.title == "Titre 2")
    #expect(headline.summary == "Ce qu’on en dit.")
    #expect(headline.tags == ["Gao & le fleuve"])
    #expect(headline.section == "politique")
    #expect(headline.author == "")
    #expect(headline.published == 1_790_007_200)
    #expect(headline.updated == nil)
    #expect(try follower.body(2) == "Texte 2.")
  }

  @Test func `an author is named where the operator says so`() throws {
    let follower = try Follower()
    follower.options.authors = ["7": "Aïssata Maïga"]
    try follower.look()
    #expect(try follower.headline(1)?.author == "Aïssata Maïga")
  }

  @Test func `nothing new costs three requests and no version`() throws {
    let follower = try Follower()
    try follower.look()
    let version = try follower.desk.open().version()
    _ = follower.site.asked()
    let report = try follower.look()
    #expect(follower.site.asked().count == 3)
    #expect(report.requests == 3)
    #expect(report.entries.isEmpty)
    #expect(try follower.desk.open().version() == version)
  }

  @Test func `all numbers are compared once an hour`() throws {
    let follower = try Follower(posts: 250)
    try follower.look()
    _ = follower.site.asked()
    #expect(try !follower.look().isFull)
    follower.desk.now += 3_600
    _ = follower.site.asked()
    #expect(try follower.look().isFull)
    // Three pages of numbers; what was modified, categories, tags, pictures.
    #expect(follower.site.asked().count == 3 + 4)
    #expect(try !follower.look().isFull)
  }

  @Test func `an edit is a correction, and what nobody sees is none`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.change(1) {
      $0.content = "<p class='x' data-nonce='1'>Texte 1.</p><script>y</script>"
      $0.modified = follower.desk.now
    }
    #expect(try follower.look().entries.isEmpty)
    follower.site.change(1) {
      ($0.content, $0.modified) = ("<p>Autre texte.</p>", follower.desk.now)
    }
    let report = try follower.look()
    #expect(report.count(.corrected) == 1)
    #expect(try follower.body(1) == "Autre texte.")
    #expect(try follower.headline(1)?.updated == follower.desk.now - 300)
  }

  @Test func `two edits within a second are both found`() throws {
    let follower = try Follower()
    try follower.look()
    let moment = follower.desk.now
    follower.site.change(1) { ($0.content, $0.modified) = ("<p>Un.</p>", moment) }
    try follower.look()
    follower.site.change(1) { $0.content = "<p>Deux.</p>" }
    try follower.look()
    #expect(try follower.body(1) == "Deux.")
  }

  @Test func `a site that went back to a backup is followed`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.change(1) { ($0.content, $0.modified) = ("<p>Neuf.</p>", $0.modified + 90_000) }
    try follower.look()
    follower.site.change(1) {
      ($0.content, $0.modified) = ("<p>Texte 1.</p>", $0.modified - 90_000)
    }
    #expect(try follower.look().count(.corrected) == 1)
    #expect(try follower.body(1) == "Texte 1.")
  }

  @Test(arguments: ["trash", "draft", "private", "future"])
  func `what leaves the site is retracted, and comes back under its number`(
    _ status: String
  ) throws {
    let follower = try Follower()
    try follower.look()
    follower.site.change(2) { $0.status = status }
    #expect(try follower.look().count(.withdrawn) == 1)
    #expect(try follower.isRetracted(2))
    #expect(try follower.look().entries.isEmpty)
    follower.site.change(2) { $0.status = "publish" }
    #expect(try follower.look().count(.published) == 1)
    #expect(try follower.body(2) == "Texte 2.")
    #expect(try follower.headline(2)?.published == 1_790_007_200)
  }

  @Test func `what is deleted, or behind a password, is retracted`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.remove(1)
    follower.site.change(2) { ($0.password, $0.modified) = ("secret", follower.desk.now) }
    #expect(try follower.look().count(.withdrawn) == 2)
    #expect(try follower.isRetracted(1))
    #expect(try follower.isRetracted(2))
    #expect(try follower.look().entries.isEmpty)
  }

  @Test func `what was closed from the start never comes`() throws {
    let follower = try Follower()
    follower.site.change(2) { $0.password = "secret" }
    follower.site.change(3) { $0.status = "future" }
    #expect(try follower.look().count(.published) == 1)
  }

  @Test func `a scheduled article is found though its modification is old`() throws {
    let follower = try Follower()
    follower.site.change(9) { ($0.status, $0.modified) = ("future", 1_700_000_000) }
    try follower.look()
    follower.site.change(9) { ($0.status, $0.date) = ("publish", follower.desk.now) }
    #expect(try follower.look().count(.published) == 1)
  }

  @Test func `an article of the future waits for our clock`() throws {
    let follower = try Follower()
    follower.site.change(3) { $0.date = follower.desk.now + 1_000 }
    #expect(try follower.look().count(.held) == 1)
    #expect(try follower.headline(3) == nil)
    #expect(try follower.look().count(.held) == 1)
    follower.desk.now += 1_000
    #expect(try follower.look().count(.published) == 1)
  }

  @Test func `sticky and the category of that name are the front page`() throws {
    let follower = try Follower()
    follower.site.change(1) { $0.categories = [1, 2] }
    try follower.look()
    #expect(try follower.headline(1)?.flags == .une)
    #expect(try follower.headline(2)?.flags == [])
    follower.site.change(2) { $0.isSticky = true }
    #expect(try follower.look().count(.corrected) == 1)
    #expect(try follower.headline(2)?.flags == .une)
    // No text has changed.
    #expect(try follower.headline(2)?.updated == nil)
  }

  @Test func `a text that was mended here stays until the site changes it`() throws {
    let follower = try Follower()
    try follower.look()
    _ = try follower.desk.open().correct(1, with: draft("Mieux"))
    follower.options.isFull = true
    #expect(try follower.look().entries.isEmpty)
    #expect(try follower.headline(1)?.title == "Mieux")
    follower.site.change(1) { ($0.title, $0.modified) = ("Encore mieux", follower.desk.now) }
    try follower.look()
    #expect(try follower.headline(1)?.title == "Encore mieux")
  }

  @Test func `an article that a person retracted stays retracted`() throws {
    let follower = try Follower()
    try follower.look()
    _ = try follower.desk.open().retract(1, reason: "Faux")
    follower.site.change(1) { ($0.title, $0.modified) = ("Autre", follower.desk.now) }
    #expect(try follower.look().count(.refused) == 1)
    #expect(try follower.isRetracted(1))
  }

  @Test func `what a person retracted after the site did stays retracted`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.change(1) { $0.status = "draft" }
    try follower.look()
    _ = try follower.desk.open().retract(1, reason: "Sur décision du juge", erase: true)
    follower.site.change(1) { $0.status = "publish" }
    #expect(try follower.look().count(.refused) == 1)
    #expect(try follower.isRetracted(1))
    #expect(try follower.look().entries.isEmpty)
  }

  @Test func `what a person retracted before the site did stays retracted`() throws {
    let follower = try Follower()
    try follower.look()
    _ = try follower.desk.open().retract(1, reason: "Faux")
    follower.site.change(1) { $0.status = "draft" }
    #expect(try follower.look().entries.isEmpty)
    follower.site.change(1) {
      ($0.status, $0.title, $0.modified) = ("publish", "Autre", follower.desk.now)
    }
    try follower.look()
    #expect(try follower.isRetracted(1))
  }

  @Test func `what a person brought back is withdrawn with the site's`() throws {
    let follower = try Follower()
    try follower.look()
    _ = try follower.desk.open().retract(1, reason: "Faux")
    follower.site.change(1) { ($0.title, $0.modified) = ("Autre", follower.desk.now) }
    try follower.look()
    _ = try follower.desk.open().correct(1, with: draft("Vrai"))
    follower.site.change(1) { $0.status = "draft" }
    #expect(try follower.look().count(.withdrawn) == 1)
  }

  @Test func `a text that became empty is no correction`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.change(1) { ($0.content, $0.modified) = ("", follower.desk.now) }
    #expect(try follower.look().count(.refused) == 1)
    #expect(try follower.body(1) == "Texte 1.")
    follower.site.change(1) { $0.content = "<p>Neuf.</p>" }
    #expect(try follower.look().count(.corrected) == 1)
  }

  @Test func `two posts that feeds call the same are two articles`() throws {
    let follower = try Follower(posts: 2)
    for post in 1...2 { follower.site.change(post) { $0.guid = "https://journal.example/?p=1" } }
    #expect(try follower.look().count(.published) == 2)
    follower.options.isFull = true
    #expect(try follower.look().entries.isEmpty)
    #expect(try follower.headline(1)?.title == "Titre 1")
    #expect(try follower.headline(2)?.title == "Titre 2")
  }

  @Test func `a modification in the future hides no other`() throws {
    let follower = try Follower(posts: 150)
    follower.site.change(150) { $0.modified = 1_990_000_000 }
    try follower.look()
    follower.site.change(1) { ($0.title, $0.modified) = ("Neuf", follower.desk.now) }
    #expect(try follower.look().count(.corrected) == 1)
  }

  @Test func `what was refused is taken once its section is there`() throws {
    let follower = try Follower()
    follower.site.change(3) { $0.categories = [99] }
    #expect(try follower.look().count(.refused) == 1)
    follower.options.section = "nord-actu"
    #expect(try follower.look().count(.published) == 1)
    _ = follower.site.asked()
    #expect(try follower.look().entries.isEmpty)
    #expect(follower.site.asked().count == 3)
  }

  @Test func `a post that cannot be taken is refused with its reason, and asked for again`()
    throws
  {
    let follower = try Follower()
    follower.site.change(2) { $0.content = String(repeating: "mot ", count: 300_000) }
    follower.site.change(3) { $0.categories = [99] }
    let report = try follower.look()
    #expect(report.count(.published) == 1)
    #expect(report.count(.refused) == 2)
    #expect(report.entries.allSatisfy { $0.action != .refused || !$0.reason.isEmpty })
    _ = follower.site.asked()
    #expect(try follower.look().count(.refused) == 2)
    // Both in one request.
    #expect(follower.site.asked().count == 4)
  }
}

@Suite struct `Summaries` {
  private static let long = String(repeating: "mot ", count: 90) + "fin."

  @Test(arguments: [
    // What an editor wrote stays.
    ("<p>Un texte.</p>", "<p>Un &laquo;&nbsp;résumé&nbsp;&raquo;.</p>", "Un «\u{a0}résumé\u{a0}»."),
    // What WordPress makes by itself is the beginning of the text, or says that it was cut.
    ("<h2>Titre</h2><p>Un texte. Un autre.</p>", "<p>Titre Un texte.</p>", "Un texte. Un autre."),
    ("<p>Un texte.</p>", "<p>Autre chose [&hellip;]</p>", "Un texte."),
    ("<p>Un texte.</p>", "", "Un texte."),
    (
      "<p><b>Première phrase, assez longue pour qu'on s'en contente tout à fait ici.</b> Et \(long)</p>",
      "",
      "Première phrase, assez longue pour qu'on s'en contente tout à fait ici."
    ),
    ("<figure><img alt='vue'></figure><p>Un texte.</p>", "", "Un texte."),
  ])
  func `are the editor's, or the first sentences`(
    _ content: String, _ excerpt: String, _ summary: String
  ) throws {
    let follower = try Follower(posts: 1)
    follower.site.change(1) { ($0.content, $0.excerpt) = (content, excerpt) }
    try follower.look()
    #expect(try follower.headline(1)?.summary == summary)
  }

  @Test func `of a long sentence end after a word`() throws {
    let follower = try Follower(posts: 1)
    follower.site.change(1) { $0.content = "<p>\(Summaries.long)</p>" }
    try follower.look()
    let summary = try #require(try follower.headline(1)).summary
    #expect(summary.hasSuffix("mot…"))
    #expect(summary.count <= 280)
  }

  @Test func `of a post without a title give it one`() throws {
    let follower = try Follower(posts: 2)
    follower.site.change(1) { $0.title = " " }
    follower.site.change(2) { ($0.title, $0.content) = ("", "<p></p>") }
    let report = try follower.look()
    #expect(report.count(.refused) == 1)
    #expect(try follower.headline(1)?.title == "Texte 1.")
  }
}
