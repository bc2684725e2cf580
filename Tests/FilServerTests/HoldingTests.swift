import FilProtocol
import FilServer
import Files
import Synchronization
import Testing

@Suite struct `Articles of the future` {
  private func future(_ desk: Desk, _ title: String = "Prévu", in seconds: Int = 100) -> Draft {
    var draft = draft(title, id: "7")
    draft.published = desk.now + seconds
    return draft
  }

  @Test func `are held, and published when their time comes`() throws {
    let desk = try Desk()
    let version = try desk.found()
    #expect(try desk.publish(future(desk)) == [Outcome(0, .held)])
    #expect(try desk.open().version() == version)
    #expect(try Status(desk.path).held == 1)
    #expect(try Newsroom.publishHeld(desk.path, surroundings: desk.surroundings).outcomes.isEmpty)
    desk.now += 100
    let release = try Newsroom.publishHeld(desk.path, surroundings: desk.surroundings)
    #expect(release.outcomes == [Outcome(1, .published)])
    #expect(try Newsroom.nextHeld(desk.path) == nil)
    #expect(try desk.open().version() == version + 1)
  }

  @Test func `replace what was held under their name, and go when it is published`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(future(desk))
    try desk.publish(future(desk, "Autre", in: 200))
    #expect(try Newsroom.nextHeld(desk.path) == desk.now + 200)
    try desk.publish(draft("Déjà", id: "7"))
    #expect(try Newsroom.nextHeld(desk.path) == nil)
  }

  @Test func `correct an article only then`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Avant", id: "7"))
    try desk.publish(future(desk, "Après"))
    desk.now += 100
    let release = try Newsroom.publishHeld(desk.path, surroundings: desk.surroundings)
    #expect(release.outcomes == [Outcome(1, .corrected)])
  }

  @Test func `are refused at once where they would be then`() throws {
    let desk = try Desk()
    try desk.found()
    var wrong = future(desk)
    wrong.section = "sport"
    #expect(throws: InputError.self) { try desk.publish(wrong) }
    #expect(try Newsroom.nextHeld(desk.path) == nil)
  }

  @Test func `whose section went meanwhile stop no other`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(future(desk))
    var other = draft("Autre", id: "8")
    (other.section, other.published) = ("politique", desk.now + 100)
    try desk.publish(other)
    _ = try desk.open().replace(
      masthead: Masthead(
        name: "Test", sections: [Masthead.Section(slug: "politique", title: "Politique")]))
    desk.now += 100
    let release = try Newsroom.publishHeld(desk.path, surroundings: desk.surroundings)
    #expect(release.outcomes == [Outcome(1, .published)])
    #expect(release.refused.count == 1)
    #expect(try Newsroom.nextHeld(desk.path) == desk.now + 3_600)
  }

  @Test func `cannot correct by number`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Avant"))
    let late = future(desk)
    #expect(throws: NewsroomError.self) { try desk.open().correct(1, with: late) }
  }
}

@Suite struct `A folder of articles` {
  private func drop(_ desk: Desk, _ name: String, _ text: String) throws {
    try Files.ensureDirectory("\(desk.folder)/in")
    try Files.writeDurably("\(desk.folder)/in/\(name)", Array(text.utf8))
  }

  private func look(_ desk: Desk) throws -> ImportReport {
    try FolderImport("\(desk.folder)/in").run(desk.path, surroundings: desk.surroundings)
  }

  @Test func `is published file by file, and corrected by the file's name`() throws {
    let desk = try Desk()
    try desk.found()
    try drop(desk, "un.md", "---\ntitle: Un\nsection: politique\n---\nTexte.\n")
    try drop(desk, "deux.md", "---\ntitle: Deux\n---\n")
    try drop(desk, ".cache.md", "rien")
    try drop(desk, "lisez.txt", "rien")
    let report = try look(desk)
    #expect(report.count(.published) == 1)
    #expect(report.count(.refused) == 1)
    try drop(desk, "un.md", "---\ntitle: Un\nsection: politique\n---\nAutre.\n")
    #expect(try look(desk).count(.corrected) == 1)
    #expect(try look(desk).unchanged == 1)
  }

  @Test func `that is watched gives each file once, when it is whole`() throws {
    let desk = try Desk()
    try desk.found()
    try drop(desk, "un.md", "---\ntitle: Un\nsection: politique\n---\nTexte.\n")
    let folder = FolderImport("\(desk.folder)/in", isWatching: true)
    func look() throws -> ImportReport {
      try folder.run(desk.path, surroundings: desk.surroundings)
    }
    let written = try #require(try Files.list("\(desk.folder)/in").first).modified
    desk.now = written + 1
    #expect(try look().isEmpty)
    // It grows: what was seen was a part.
    try drop(desk, "un.md", "---\ntitle: Un\nsection: politique\n---\nTexte entier.\n")
    #expect(try look().isEmpty)
    #expect(try look().count(.published) == 1)
    // With nothing new the newsroom is not even opened.
    _ = try desk.open().retract(1, reason: "Faux")
    let held = try desk.open()
    #expect(try look().isEmpty)
    extendLifetime(held)
  }

  @Test func `that is watched tries what was refused again`() throws {
    let desk = try Desk()
    try desk.found()
    try drop(desk, "un.md", "---\ntitle: Un\nsection: arts\n---\nTexte.\n")
    let folder = FolderImport("\(desk.folder)/in", isWatching: true)
    func look() throws -> ImportReport {
      try folder.run(desk.path, surroundings: desk.surroundings)
    }
    #expect(try look().count(.refused) == 1)
    #expect(try look().isEmpty)
    var masthead = Masthead.standard(name: "Test")
    masthead.sections.append(Masthead.Section(slug: "arts", title: "Arts"))
    _ = try desk.open().replace(masthead: masthead)
    desk.now += 60
    #expect(try look().count(.published) == 1)
  }

  @Test func `that is not there is refused by name`() throws {
    let desk = try Desk()
    try desk.found()
    #expect(throws: ImportError.self) { try look(desk) }
  }

  @Test func `holds what has a date in the future`() throws {
    let desk = try Desk()
    try desk.found()
    try drop(desk, "un.md", "---\ntitle: Un\nsection: politique\ndate: 2099-01-01\n---\nTexte.\n")
    #expect(try look(desk).count(.held) == 1)
  }
}

@Suite struct `Who asks a site` {
  @Test(arguments: [
    ("https://a.example", true), ("http://127.0.0.1:80/", true), ("http://localhost", true),
    ("http://a.example", false), ("http://127.0.0.1.a.example", false), ("ftp://127.0.0.1", false),
    ("http://localhost@a.example/", false), ("http://127.0.0.1:1@a.example", false),
  ])
  func `tells a password only over TLS, or to this machine`(_ url: String, _ isSafe: Bool) {
    #expect(SiteLogin.isSafe(url) == isSafe)
  }

  @Test func `has it in a file that nobody else reads`() throws {
    let desk = try Desk()
    let file = "\(desk.folder)/password"
    try Files.writeDurably(file, Array("a b\n".utf8), mode: 0o600)
    #expect(try SiteLogin.authorization(user: "x", passwordFile: file) == "Basic eDphIGI=")
    try Files.writeDurably(file, Array("a b\n".utf8), mode: 0o640)
    #expect(throws: InputError.self) { try SiteLogin.authorization(user: "x", passwordFile: file) }
    try Files.writeDurably(file, [], mode: 0o600)
    #expect(throws: InputError.self) { try SiteLogin.authorization(user: "x", passwordFile: file) }
  }

  @Test func `authors are named by a list`() throws {
    let desk = try Desk()
    let file = "\(desk.folder)/authors.json"
    try Files.writeDurably(file, Array(#"{"3": "Aïssata"}"#.utf8))
    #expect(try AuthorsFile.read(file) == ["3": "Aïssata"])
    try Files.writeDurably(file, Array("[]".utf8))
    #expect(throws: InputError.self) { try AuthorsFile.read(file) }
  }
}
