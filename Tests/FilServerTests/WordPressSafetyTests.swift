import FilProtocol
import FilServer
import HTTP
import Synchronization
import Testing

@Suite struct `A site that is broken` {
  @Test(arguments: [500, 503, 429, 401, 403, 404, 200, 302])
  func `changes nothing, and it is said why`(_ status: Int) throws {
    let follower = try Follower()
    try follower.look()
    let version = try follower.desk.open().version()
    follower.site.fault { _ in .page(status) }
    let error = try #require(follower.error())
    #expect("\(error)".contains("nothing is changed"))
    // Of where its API was, not of where it was looked for besides.
    #expect(!"\(error)".contains("rest_route"))
    #expect(try follower.desk.open().version() == version)
    follower.site.fault(nil)
    #expect(try follower.look().entries.isEmpty)
  }

  @Test func `a busy one is asked three times, later each time`() throws {
    let follower = try Follower()
    follower.site.fault { _ in .page(503) }
    let error = follower.error()
    guard case .silent(_, _, let named)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(named == nil)
    #expect(follower.site.asked().count == 3)
    // Two and four seconds, in quarters.
    #expect(follower.desk.pauses.withLock { $0 } == 24)
  }

  @Test func `the time that it names is waited, unless it is long`() throws {
    let follower = try Follower()
    follower.site.fault { _ in .page(429, ["Retry-After": "7"]) }
    _ = follower.error()
    #expect(follower.desk.pauses.withLock { $0 } == 56)
    follower.site.fault { _ in .page(503, ["Retry-After": "900"]) }
    _ = follower.site.asked()
    guard case .silent(_, _, 900)? = follower.error() else {
      Issue.record("no time named")
      return
    }
    #expect(follower.site.asked().count == 1)
  }

  @Test func `the time that it names may be a date`() throws {
    let follower = try Follower()
    follower.desk.now = 1_790_000_000
    follower.site.fault { _ in .page(503, ["Retry-After": "Mon, 21 Sep 2026 14:53:20 GMT"]) }
    guard case .silent(_, _, let named?)? = follower.error() else {
      Issue.record("no time named")
      return
    }
    #expect(named == 2_100)
    follower.site.fault { _ in .page(503, ["Retry-After": "9999999999999"]) }
    guard case .silent(_, _, 86_400)? = follower.error() else {
      Issue.record("no day at most")
      return
    }
  }

  @Test func `one that tells of pages and shows none is a person's matter`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.fault { url in
      guard url.contains("wp/v2/posts") else { return nil }
      return SiteAnswer(status: 200, headers: ["X-WP-TotalPages": "5"], body: Array("[]".utf8))
    }
    #expect(follower.error()?.code == "siteStrange")
  }

  @Test func `one that shows no articles withdraws none, unless the operator says so`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.state.withLock { state in
      for id in state.posts.keys { state.posts[id]?.status = "trash" }
    }
    guard case .strange(_, let why)? = follower.error() else {
      Issue.record("no error")
      return
    }
    #expect(why.contains("--accept-withdrawals"))
    #expect(try !follower.isRetracted(1))
    follower.options.acceptsWithdrawals = true
    #expect(try follower.look().count(.withdrawn) == 3)
  }

  @Test func `a list that is too short withdraws nothing that the site still shows`() throws {
    let follower = try Follower(posts: 30)
    try follower.look()
    // The list leaves one out; asked for by its number it is there.
    follower.site.fault { url in
      guard url.contains("_fields=id,date_gmt,modified_gmt,sticky") else { return nil }
      return .json((2...30).map { ["id": $0, "modified_gmt": "2026-09-21T00:00:00"] })
    }
    #expect(try follower.look().count(.withdrawn) == 0)
    #expect(try !follower.isRetracted(1))
  }

  @Test func `a list that leaves many out asks nobody about them`() throws {
    let follower = try Follower(posts: 60)
    try follower.look()
    follower.site.fault { url in
      guard url.contains("_fields=id,date_gmt,modified_gmt,sticky") else { return nil }
      return .json((1...10).map { ["id": $0, "modified_gmt": "2026-09-21T00:00:00"] })
    }
    _ = follower.site.asked()
    let report = try follower.look()
    #expect(report.count(.asked) == 0)
    #expect(report.count(.withdrawn) == 0)
    // All fifty were asked for at once.
    #expect(follower.site.asked().count { $0.contains("include=11,12") } == 1)
  }

  @Test func `a wall before single articles withdraws nothing`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.remove(1)
    follower.site.fault { $0.contains("wp/v2/posts/1") ? .page(403) : nil }
    #expect(follower.error() != nil)
    #expect(try !follower.isRetracted(1))
  }

  @Test func `more withdrawals than a mistake may make are asked about, and the rest goes on`()
    throws
  {
    let follower = try Follower(posts: 40)
    try follower.look()
    for post in 1...11 { follower.site.change(post) { $0.status = "draft" } }
    follower.site.change(12) { ($0.title, $0.modified) = ("Neuf", follower.desk.now) }
    let report = try follower.look()
    #expect(report.count(.asked) == 11)
    #expect(report.count(.withdrawn) == 0)
    #expect(try follower.headline(12)?.title == "Neuf")
    #expect(try !follower.isRetracted(1))
    follower.options.acceptsWithdrawals = true
    #expect(try follower.look().count(.withdrawn) == 11)
    #expect(try follower.isRetracted(1))
  }

  @Test func `what a person allowed holds for one look`() {
    var options = WordPressImport("https://journal.example")
    (options.acceptsWithdrawals, options.isFull, options.section) = (true, true, "politique")
    #expect(!options.next.acceptsWithdrawals && !options.next.isFull)
    #expect(options.next.section == "politique")
  }

  @Test func `is imported once at a time`() throws {
    let follower = try Follower()
    let other = try Follower(posts: 1)
    let inner = Mutex<ImportError?>(nil)
    let (path, surroundings) = (follower.desk.path, follower.desk.surroundings)
    let busy = FakeWordPress()
    follower.site.fault { _ in
      // A second import of this newsroom, while the first one waits for its site.
      do {
        _ = try WordPressImport("https://journal.example").run(
          path, busy, surroundings: surroundings)
      } catch {
        inner.withLock { $0 = error as? ImportError }
      }
      return nil
    }
    try follower.look()
    #expect(inner.withLock { $0?.code } == "busy")
    #expect(busy.asked().isEmpty)
    // Another newsroom is another matter.
    try other.look()
  }

  @Test func `ten withdrawals at once are believed`() throws {
    let follower = try Follower(posts: 40)
    try follower.look()
    for post in 1...10 { follower.site.change(post) { $0.status = "draft" } }
    #expect(try follower.look().count(.withdrawn) == 10)
  }

  @Test func `five of a hundred are believed of a large site`() throws {
    let follower = try Follower(posts: 300)
    try follower.look()
    for post in 201...215 { follower.site.change(post) { $0.status = "draft" } }
    #expect(try follower.look().count(.withdrawn) == 15)
  }

  @Test func `an old article that was withdrawn is found when all are compared`() throws {
    let follower = try Follower(posts: 250)
    try follower.look()
    follower.site.change(1) { $0.status = "draft" }
    #expect(try follower.look().count(.withdrawn) == 0)
    follower.desk.now += 3_600
    #expect(try follower.look().count(.withdrawn) == 1)
  }
}

@Suite struct `What changes without a modification` {
  @Test func `a renamed category renames its section, and no article leaves it`() throws {
    let follower = try Follower()
    follower.site.change(1) { $0.categories = [4] }
    follower.site.change(2) { $0.categories = [2, 4] }
    try follower.look()
    #expect(try follower.headline(1)?.section == "sante")
    #expect(try follower.headline(2)?.tags == ["Politique"])
    follower.site.state.withLock {
      $0.categories[4] = FakeWordPress.Term(name: "Santé &amp; soins", slug: "soins", parent: 3)
      $0.categories[2]?.name = "Vie politique"
    }
    let report = try follower.look()
    #expect(report.changesMasthead)
    #expect(report.count(.corrected) == 1)
    #expect(
      try follower.masthead()?.sections.first { $0.slug == "sante" }?.title == "Santé & soins")
    #expect(try follower.headline(1)?.section == "sante")
    #expect(try follower.headline(2)?.tags == ["Vie politique"])
    #expect(try follower.headline(2)?.updated == nil)
  }

  @Test func `sections have their parents, also where the site names them late`() throws {
    let follower = try Follower()
    follower.site.state.withLock {
      $0.categories[9] = FakeWordPress.Term(name: "Petits métiers", slug: "", parent: 10)
      $0.categories[10] = FakeWordPress.Term(name: "أخبار", slug: "%d8%a3", parent: 3)
      $0.categories[11] = FakeWordPress.Term(name: "Cercle", slug: "cercle", parent: 12)
      $0.categories[12] = FakeWordPress.Term(name: "Vicieux", slug: "vicieux", parent: 11)
    }
    try follower.look()
    let sections = try #require(try follower.masthead()).sections
    #expect(sections.first { $0.slug == "petits-metiers" }?.parent == "section-10")
    #expect(sections.first { $0.slug == "section-10" }?.parent == "societe")
    #expect(!sections.contains { $0.slug == "a-la-une" })
    #expect(sections.contains { $0.slug == "cercle" } && sections.contains { $0.slug == "vicieux" })
  }

  @Test func `a category that moves takes its section along`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.state.withLock { $0.categories[4]?.parent = 2 }
    #expect(try follower.look().changesMasthead)
    #expect(try follower.masthead()?.sections.first { $0.slug == "sante" }?.parent == "politique")
    follower.site.state.withLock { $0.categories[3]?.parent = 2 }
    try follower.look()
    let sections = try #require(try follower.masthead()).sections
    let slugs = sections.map(\.slug)
    #expect(
      try #require(slugs.firstIndex(of: "politique")) < #require(slugs.firstIndex(of: "societe")))
    #expect(sections.first { $0.slug == "culture" }?.parent == "societe")
  }

  @Test func `a renamed tag is found when all is compared`() throws {
    let follower = try Follower()
    follower.site.change(1) { $0.tags = [5] }
    follower.site.state.withLock { $0.tags = [5: "Gao"] }
    try follower.look()
    follower.site.state.withLock { $0.tags = [5: "Ville de Gao"] }
    #expect(try follower.look().entries.isEmpty)
    follower.desk.now += 3_600
    #expect(try follower.look().count(.corrected) == 1)
    #expect(try follower.headline(1)?.tags == ["Ville de Gao"])
  }

  @Test func `a changed caption is found by the number of its picture`() throws {
    let follower = try Follower()
    follower.site.change(1) {
      $0.content = "<figure><img class='wp-image-8'><figcaption>Un</figcaption></figure>"
    }
    try follower.look()
    follower.site.change(1) {
      $0.content = "<figure><img class='wp-image-8'><figcaption>Deux</figcaption></figure>"
    }
    follower.site.state.withLock { $0.pictures = [8: follower.desk.now] }
    follower.desk.now += 3_600
    #expect(try follower.look().count(.corrected) == 1)
    #expect(try follower.body(1) == "*Deux*")
  }
}

@Suite struct `Categories that no masthead has room for` {
  @Test func `a category that is the front page no more is a section`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.state.withLock { $0.categories[1]?.name = "Grand angle" }
    #expect(try follower.look().changesMasthead)
    #expect(
      try follower.masthead()?.sections.contains { $0.title == "Grand angle" } == true)
  }

  @Test func `a long name is cut after a word`() throws {
    let follower = try Follower()
    follower.site.state.withLock {
      $0.categories[2]?.name = String(repeating: "Étés ", count: 40)
    }
    try follower.look()
    let title = try #require(
      try follower.masthead()?.sections.first { $0.slug == "politique" }?.title)
    #expect(title.utf8.count <= 128)
    #expect(title.hasSuffix("Étés…"))
  }

  @Test func `a parent that was removed from the masthead is put back`() throws {
    let follower = try Follower()
    follower.site.state.withLock {
      $0.categories[20] = FakeWordPress.Term(name: "Arts", slug: "arts", parent: 21)
      $0.categories[21] = FakeWordPress.Term(name: "Lettres", slug: "lettres", parent: 22)
      $0.categories[22] = FakeWordPress.Term(name: "Savoirs", slug: "savoirs", parent: 23)
      $0.categories[23] = FakeWordPress.Term(name: "Monde", slug: "monde")
    }
    try follower.look()
    let family = ["monde", "savoirs", "lettres", "arts"]
    var masthead = try #require(try follower.masthead())
    masthead.sections.removeAll { family.contains($0.slug) }
    _ = try follower.desk.open().replace(masthead: masthead)
    try follower.look()
    let slugs = try #require(try follower.masthead()).sections.map(\.slug)
    #expect(slugs.filter(family.contains) == family)
  }

  @Test func `more than a masthead may have keep no article away`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.state.withLock { state in
      for category in 100..<700 {
        state.categories[category] = FakeWordPress.Term(name: "C\(category)", slug: "c\(category)")
      }
    }
    follower.site.change(1) { ($0.title, $0.modified) = ("Neuf", follower.desk.now) }
    let report = try follower.look()
    #expect(report.entries.first { $0.action == .refused }?.post == "sections")
    #expect(!report.changesMasthead)
    #expect(try follower.headline(1)?.title == "Neuf")
    #expect(try follower.masthead()?.sections.contains { $0.slug == "c100" } == false)
    follower.site.state.withLock { state in
      for category in 102..<700 { state.categories[category] = nil }
    }
    #expect(try follower.look().changesMasthead)
  }
}

@Suite struct `The ways to a site` {
  @Test func `its API is found again where its permalinks have changed`() throws {
    let follower = try Follower()
    try follower.look()
    follower.site.state.withLock { $0.hasPrettyLinks = false }
    follower.site.change(1) { ($0.title, $0.modified) = ("Neuf", follower.desk.now) }
    #expect(try follower.look().count(.corrected) == 1)
    #expect(try follower.look().requests == 3)
  }

  @Test func `a login or a key in its address is told to nobody`() throws {
    #expect(SiteLogin.isIn("https://u:secret@journal.example/"))
    #expect(!SiteLogin.isIn("https://journal.example/@redaction"))
    #expect(!SiteLogin.isIn("/tmp/a@b.xml"))
    let follower = try Follower()
    follower.options = WordPressImport("https://journal.example?key=SECRET")
    follower.site.fault { _ in .page(403) }
    #expect(!"\(try #require(follower.error()))".contains("SECRET"))
    let feed = FileImport(.feed, "https://u:SECRET@journal.example/feed?key=SECRET")
    do {
      _ = try feed.run(
        follower.desk.path, follower.site, surroundings: follower.desk.surroundings)
      Issue.record("no error")
    } catch { #expect("\(error)".contains("journal.example") && !"\(error)".contains("SECRET")) }
  }

  @Test func `its API is found where links are plain`() throws {
    let follower = try Follower(posts: 130)
    follower.site.state.withLock { $0.hasPrettyLinks = false }
    #expect(try follower.look().count(.published) == 130)
    #expect(try follower.look().requests == 3)
  }

  @Test func `all pages are read, also where their number is not told`() throws {
    let follower = try Follower(posts: 200)
    follower.site.state.withLock { $0.tellsPages = false }
    #expect(try follower.look().count(.published) == 200)
  }

  @Test func `the site is the same by another scheme and with www`() throws {
    let follower = try Follower()
    try follower.look()
    for url in [
      "http://journal.example", "https://www.journal.example/", "https://JOURNAL.example",
    ] {
      follower.options = WordPressImport(url)
      let report = try follower.look()
      #expect(report.count(.published) == 0 && report.count(.corrected) == 0)
    }
  }

  @Test func `what is no address is refused`() throws {
    let follower = try Follower()
    follower.options = WordPressImport("journal.example")
    #expect(follower.error()?.code == "siteStrange")
  }

  @Test(arguments: [Desk.Stop.committed, .witnessed])
  func `an import that died at any moment ends in the same feed`(_ stop: Desk.Stop) throws {
    let follower = try Follower()
    follower.desk.die(at: stop)
    #expect(follower.error() != nil)
    try follower.look()
    #expect(try follower.body(3) == "Texte 3.")
    #expect(try follower.headline(4) == nil)
    #expect(try follower.look().entries.isEmpty)
  }
}
