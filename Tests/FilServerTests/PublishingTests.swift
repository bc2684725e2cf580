import Database
import FilProtocol
import FilServer
import FilSource
import Files
import Testing

@Suite struct `Publishing` {
  @Test func `init gives version 1 and a state of one record`() throws {
    let desk = try Desk()
    #expect(try desk.found() == 1)
    let head = try desk.archive().head().checkpoint
    #expect(head.stateSize == 1)
    guard case .masthead(let masthead)? = try desk.archive().record(0, asOf: 1)?.content else {
      Issue.record("no masthead")
      return
    }
    #expect(masthead.sections.count == 12)
    #expect(failure { try desk.found() }?.code == "exists")
  }

  @Test func `an init that was cut short is finished by another, with the same key`() throws {
    let desk = try Desk()
    desk.die(at: .committed)
    #expect(failure { try desk.found() } != nil)
    try Files.removeTree("\(desk.path)/newsroom.db")
    try Files.removeTree("\(desk.path)/newsroom.db-wal")
    let key = try Files.read("\(desk.path)/key", atMost: 1000)
    let other = failure {
      try Newsroom.found(
        desk.path, origin: "other.example/fil", masthead: .standard(name: "Test"),
        surroundings: desk.surroundings)
    }
    #expect(other?.code == "exists")
    try desk.found()
    #expect(try Files.read("\(desk.path)/key", atMost: 1000) == key)
  }

  @Test
  func `each change is one version, a batch one signature, and the roots are those of the log`()
    throws
  {
    let desk = try Desk()
    try desk.found()
    #expect(try desk.publish(draft("Un"), draft("Deux")).map(\.number) == [1, 2])
    let archive = try desk.archive()
    let head = try archive.head().checkpoint
    #expect(head.version == 3)
    #expect(try archive.checkpoint(of: 2) == nil)
    let leaves = try (0...2).map { try #require(try archive.record($0, asOf: 3)).leaf }
    #expect(head.stateRoot == Merkle.root(leaves))
    #expect(head.logRoot == Merkle.root(leaves))
    #expect(try archive.digests(asOf: 3) == [Merkle.root(leaves)])
    #expect(try archive.version(ofVolume: 0, digest: Merkle.root(leaves)) == 3)
    #expect(try archive.numbersChanged(after: 1, through: 3) == [1, 2])
    #expect(try archive.numbersChanged(after: 1, through: 4) == nil)
  }

  @Test func `an identical article is nothing, another text under the same name a correction`()
    throws
  {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", id: "7"))
    desk.now += 60
    #expect(try desk.publish(draft("Un", id: "7")) == [Outcome(1, .unchanged)])
    #expect(try desk.open().version() == 2)
    #expect(try desk.publish(draft("Un, corrigé", id: "7")) == [Outcome(1, .corrected)])
    let headline = try desk.archive().record(1, asOf: 3)?.headline
    #expect(headline?.updated == desk.now)
    #expect(headline?.published == desk.now - 60)
    #expect(try desk.archive().record(1, asOf: 2)?.headline?.title == "Un")
  }

  @Test func `a name twice in one batch is handled in order`() throws {
    let desk = try Desk()
    try desk.found()
    let outcomes = try desk.publish(
      draft("Un", id: "7"), draft("Un bis", id: "7"), draft("Un bis", id: "7"))
    #expect(outcomes.map(\.action) == [.published, .corrected, .unchanged])
  }

  @Test func `names of two articles are refused`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", id: "1"), draft("Deux", id: "2"))
    var both = draft("Lequel", id: "1")
    both.names.append("id:2")
    #expect(throws: InputError.self) { try desk.publish(both) }
    #expect(throws: NewsroomError.self) { try desk.open().correct(1, with: draft("x", id: "2")) }
  }

  @Test func `of a bad file nothing is published, the others are`() throws {
    let desk = try Desk()
    try desk.found()
    var lost = draft("Perdu")
    lost.section = "sport"
    let receptions = try desk.open().publish([
      Submission("a", .success([draft("Un", id: "1"), lost])),
      Submission("b", .success([draft("Deux")])),
      Submission("c", .failure(InputError("c", 3, "is bad"))),
    ])
    #expect(receptions[1].outcome == .success([Outcome(1, .published)]))
    #expect(receptions[2].outcome == .failure(InputError("c", 3, "is bad")))
    #expect(try desk.open().version() == 2)
    #expect(try desk.publish(draft("Un", id: "1")) == [Outcome(2, .published)])
  }

  @Test func `a file whose second article clashes leaves no trace of its first`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", id: "1"), draft("Deux", id: "2"))
    var both = draft("Lequel", id: "1")
    both.names.append("id:2")
    let receptions = try desk.open().publish([
      Submission("a", .success([draft("Trois", "Texte perdu.", id: "3"), both])),
      Submission("b", .success([draft("Quatre", id: "4")])),
    ])
    #expect(throws: InputError.self) { try receptions[0].outcome.get() }
    #expect(try receptions[1].outcome.get() == [Outcome(3, .published)])
    #expect(try Inspection(desk.path).damage == [])
  }

  @Test func `what is to be corrected in the future is refused`() throws {
    let desk = try Desk()
    try desk.found()
    var later = draft("Demain")
    later.updated = desk.now + 1
    #expect(throws: InputError.self) { try desk.publish(later) }
    later.updated = desk.now
    #expect(try desk.publish(later).count == 1)
  }

  @Test func `what is over a limit is refused by the name of its field`() throws {
    let desk = try Desk()
    try desk.found()
    let error = #expect(throws: InputError.self) {
      try desk.publish(draft(String(repeating: "x", count: 1025)))
    }
    #expect(error?.message.hasPrefix("title:") == true)
    let long = String(repeating: "x", count: Limits.bodyBytes + 1)
    let body = #expect(throws: InputError.self) { try desk.publish(draft("Long", long)) }
    #expect(body?.message.hasPrefix("body:") == true)
  }

  @Test func `a correction keeps the date, and its note is for readers`() throws {
    let desk = try Desk()
    try desk.found()
    var old = draft("Un")
    old.published = 1_790_000_000
    try desk.publish(old)
    var new = draft("Un", "Un autre texte.")
    new.note = "Un chiffre."
    #expect(try desk.open().correct(1, with: new) == Outcome(1, .corrected))
    let headline = try #require(try desk.archive().record(1, asOf: 3)?.headline)
    #expect(headline.published == 1_790_000_000)
    #expect(headline.note == "Un chiffre.")
    #expect(failure { try desk.open().correct(2, with: new) }?.code == "unknownNumber")
    #expect(failure { try desk.open().correct(0, with: new) }?.code == "unknownNumber")
  }

  @Test func `a retraction replaces the headline, and the article may come back`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", id: "1"))
    let first = desk.now
    desk.now += 10
    #expect(try desk.open().retract(1, reason: "Faux.") == Outcome(1, .retracted))
    #expect(try desk.open().retract(1, reason: "Faux.") == Outcome(1, .unchanged))
    guard case .retraction(let retraction)? = try desk.archive().record(1, asOf: 3)?.content else {
      Issue.record("no retraction")
      return
    }
    #expect(retraction == Retraction(published: first, time: first + 10, reason: "Faux."))
    #expect(try Status(desk.path).retracted == 1)
    #expect(try desk.publish(draft("Un", id: "1")) == [Outcome(1, .corrected)])
    #expect(try desk.archive().record(1, asOf: 4)?.headline?.published == first)
    #expect(failure { try desk.open().retract(9, reason: "x") }?.code == "unknownNumber")
    #expect(failure { try desk.open().retract(1, reason: "") }?.code == "input")
  }

  @Test func `an identical masthead is nothing`() throws {
    let desk = try Desk()
    try desk.found()
    #expect(try desk.open().replace(masthead: .standard(name: "Test")) == false)
    #expect(try desk.open().replace(masthead: .standard(name: "Autre")))
    #expect(try desk.open().version() == 2)
    #expect(try Status(desk.path).name == "Autre")
  }

  @Test func `a state of three volumes keeps its digests`() throws {
    let desk = try Desk()
    try desk.found()
    let drafts = (1...600).map { draft("Article \($0)", $0 % 9 == 0 ? "Texte \($0)." : "") }
    _ = try desk.open().publish([Submission("f", .success(drafts))])
    _ = try desk.open().retract(300, reason: "Faux.")
    #expect(try desk.archive().digests(asOf: 602).count == 3)
    #expect(try Inspection(desk.path).damage == [])
    #expect(try desk.archive().records(ofVolume: 1, asOf: 601).count == 256)
    #expect(try desk.archive().leaves(ofVolume: 2, asOf: 601).count == 89)
  }

  @Test func `days begin at the oldest article of the last days`() throws {
    let desk = try Desk()
    try desk.found()
    let drafts = (1...600).map { number in
      var draft = draft("Article \(number)", "")
      draft.published = 1_700_000_000 + number * 86_400
      return draft
    }
    _ = try desk.open().publish([Submission("f", .success(drafts))])
    #expect(try desk.archive().floor(days: 30) == 2)
    #expect(try desk.archive().floor(days: 88) == 2)
    #expect(try desk.archive().floor(days: 89) == 1)
    #expect(try desk.archive().floor(days: 3650) == 0)
  }
}
