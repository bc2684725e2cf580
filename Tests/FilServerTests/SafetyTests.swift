import Database
import FilProtocol
import FilServer
import Files
import Synchronization
import Testing

@Suite struct `Signing, once` {
  @Test func `a crash before the signature is finished by the next command`() throws {
    let desk = try Desk()
    try desk.found()
    desk.die(at: .committed)
    #expect(failure { try desk.publish(draft("Un")) } != nil)
    #expect(try desk.archive().head().checkpoint.version == 1)
    #expect(try Status(desk.path).unsigned == 1)
    #expect(try Inspection(desk.path).unsigned == 1)
    try desk.publish(draft("Deux"))
    #expect(try desk.archive().checkpoint(of: 2) != nil)
    #expect(try desk.archive().head().checkpoint.version == 3)
    #expect(try Inspection(desk.path).damage == [])
  }

  @Test func `what does not decode is neither kept nor signed`() throws {
    let desk = try Desk()
    try desk.found()
    desk.spoils.withLock { $0 = true }
    #expect(failure { try desk.publish(draft("Un")) }?.code == "rehearsal")
    #expect(try Status(desk.path).unsigned == 0)
    #expect(try desk.archive().head().checkpoint.version == 1)
    desk.spoils.withLock { $0 = false }
    #expect(try desk.publish(draft("Un")) == [Outcome(1, .published)])
  }

  @Test func `what a crash left is rehearsed before it is signed`() throws {
    let desk = try Desk()
    try desk.found()
    desk.die(at: .committed)
    #expect(failure { try desk.publish(draft("Un")) } != nil)
    desk.spoils.withLock { $0 = true }
    #expect(failure { try desk.open().renew() }?.code == "rehearsal")
    #expect(try desk.archive().head().checkpoint.version == 1)
    desk.spoils.withLock { $0 = false }
    try desk.open().renew()
    #expect(try desk.archive().head().checkpoint.version == 2)
  }

  @Test func `a crash after the witness was told signs the same roots`() throws {
    let desk = try Desk()
    let witness = "\(desk.folder)/witness"
    try desk.found(witness: witness)
    desk.die(at: .witnessed)
    #expect(failure { try desk.publish(draft("Un")) } != nil)
    let told = try SignedCheckpoint(note: try Files.read(witness, atMost: 10_000)).checkpoint
    #expect(told.version == 2)
    desk.now += 100
    try desk.open().renew()
    let head = try desk.archive().head().checkpoint
    #expect(head.sameHead(as: told))
    #expect(head.time > told.time)
  }

  @Test func `a fresh time changes neither the version nor its first checkpoint`() throws {
    let desk = try Desk()
    try desk.found()
    let first = try desk.archive().head()
    desk.now += 3600
    try desk.open().renew()
    let newer = try desk.archive().head()
    #expect(newer.checkpoint.sameHead(as: first.checkpoint))
    #expect(newer.checkpoint.time == desk.now)
    #expect(try desk.archive().checkpoint(of: 1) == first)
    desk.now -= 7200
    try desk.open().renew()
    #expect(try desk.archive().head() == newer)
  }

  @Test func `two writers: the second waits a bounded time, then says who is busy`() throws {
    let desk = try Desk()
    try desk.found()
    let first = try Newsroom(desk.path, surroundings: desk.surroundings, purpose: "the first")
    let error = failure { try desk.publish(draft("Un")) }
    #expect(error?.code == "busy")
    #expect(error?.description.contains("the first") == true)
    #expect(desk.pauses.withLock { $0 } == 200)
    withExtendedLifetime(first) {}
  }

  @Test func `a restored backup is noticed, and goes on past what the witness saw`() throws {
    let desk = try Desk()
    let witness = "\(desk.folder)/witness"
    try desk.found(witness: witness)
    try desk.copy(to: "backup")
    try desk.publish(draft("Un"), draft("Deux"), draft("Trois"))
    try desk.restore("backup")
    #expect(failure { try desk.publish(draft("Autre")) }?.code == "restored")
    #expect(try desk.open().version() == 1)
    #expect(try desk.publish(draft("Autre"), restored: true) == [Outcome(1, .published)])
    #expect(try desk.archive().head().checkpoint.version == 6)
    #expect(try desk.archive().checkpoint(of: 4) == nil)
    #expect(try desk.publish(draft("Encore")).count == 1)
    #expect(try Inspection(desk.path).damage == [])
  }

  @Test func `after a restore, never another root for a version that the witness saw`() throws {
    let desk = try Desk()
    let witness = "\(desk.folder)/witness"
    try desk.found(witness: witness)
    try desk.copy(to: "backup")
    try desk.publish(draft("Un"))
    let seen = try desk.archive().head().checkpoint
    try desk.restore("backup")
    // The forged order: the witness is hidden while the other version 2 is committed.
    desk.die(at: .committed)
    let note = try Files.read(witness, atMost: 10_000)
    try Files.writeDurably(witness, try desk.archive().head().note)
    #expect(failure { try desk.publish(draft("Autre")) } != nil)
    try Files.writeDurably(witness, note)
    #expect(failure { try desk.publish(draft("Encore")) }?.code == "forked")
    #expect(try desk.archive().checkpoint(of: 2) == nil)
    try desk.publish(draft("Encore"), restored: true)
    #expect(try desk.archive().checkpoint(of: 2) == nil)
    #expect(try desk.archive().head().checkpoint.version > seen.version)
  }

  @Test func `a witness that is gone, or of another key, stops publishing`() throws {
    let desk = try Desk()
    let witness = "\(desk.folder)/witness"
    try desk.found(witness: witness)
    let own = try Files.read(witness, atMost: 10_000)
    try Files.removeTree(witness)
    #expect(failure { try desk.publish(draft("Un")) }?.code == "witnessSilent")
    let other = try SigningKey(name: "example.org/fil", seed: [UInt8](repeating: 9, count: 32))
    let head = try desk.archive().head().checkpoint
    try Files.writeDurably(witness, SignedCheckpoint(signing: head, with: [other]).note)
    #expect(failure { try desk.publish(draft("Un")) }?.code == "witnessForeign")
    try Files.writeDurably(witness, own)
    #expect(try desk.publish(draft("Un")).count == 1)
    let newsroom = try desk.open()
    #expect(failure { try newsroom.use(witness: "\(desk.path)/w") }?.code == "input")
    try newsroom.use(witness: "\(desk.folder)/new")
    _ = try newsroom.retract(1, reason: "Faux.")
    let seen = try SignedCheckpoint(note: Files.read("\(desk.folder)/new", atMost: 10_000))
    #expect(seen.checkpoint.version == 3)
  }

  @Test func `the public URL is the witness where no other is named`() throws {
    let desk = try Desk()
    try desk.found(url: "https://example.org/")
    #expect(failure { try desk.publish(draft("Un")) }?.code == "witnessSilent")
    let url = "https://example.org/fil/v1/checkpoint"
    let note = try desk.archive().head().note
    desk.web.withLock { $0[url] = note }
    try desk.copy(to: "backup")
    #expect(try desk.publish(draft("Un")).count == 1)
    let later = try desk.archive().head().note
    desk.web.withLock { $0[url] = later }
    try desk.restore("backup")
    #expect(failure { try desk.publish(draft("Autre")) }?.code == "restored")
    try desk.publish(draft("Autre"), restored: true)
    // The old head is still there until this newsroom is served: that is known by now.
    #expect(try desk.publish(draft("Encore")).count == 1)
    #expect(failure { try desk.found(url: "https://example.org") }?.code == "exists")
  }

  @Test func `a key that others can read, or of another feed, is refused`() throws {
    let desk = try Desk()
    try desk.found()
    let key = try Files.read("\(desk.path)/key", atMost: 1000)
    try Files.writeDurably("\(desk.path)/key", key, mode: 0o644)
    #expect(failure { try desk.open() }?.code == "key")
    let other = Array(
      "fil-key-1 example.org/fil \(Base64.encode([UInt8](repeating: 1, count: 32)))\n".utf8)
    try Files.writeDurably("\(desk.path)/key", other, mode: 0o600)
    #expect(failure { try desk.open() }?.code == "key")
    #expect(try Inspection(desk.path).damage.count == 1)
    try Files.removeTree("\(desk.path)/key")
    #expect(failure { try desk.open() }?.code == "key")
    #expect(failure { try desk.open("/tmp") }?.code == "noNewsroom")
  }
}

@Suite struct `Erasure` {
  @Test func `a retraction with erasure removes every byte`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("TITRE-SECRET", "CORPS-SECRET du texte.", id: "SLUG-SECRET"))
    try desk.publish(draft("Autre"))
    try desk.open().use(witness: "none")
    #expect(try desk.holds("CORPS-SECRET"))
    try Files.ensureDirectory("\(desk.path)/cache")
    try Files.writeDurably("\(desk.path)/cache/object", Array("CORPS-SECRET".utf8))
    _ = try desk.open().retract(1, reason: "Danger.", erase: true)
    for secret in ["TITRE-SECRET", "CORPS-SECRET", "SLUG-SECRET"] {
      #expect(try !desk.holds(secret))
    }
    #expect(try Files.list("\(desk.path)/cache").isEmpty)
    #expect(try desk.archive().record(1, asOf: 2) == nil)
    #expect(try desk.archive().record(1, asOf: 4)?.erased == 4)
    #expect(try desk.archive().lastErasure() == 4)
    #expect(try Status(desk.path).isErasurePending == false)
    #expect(try Inspection(desk.path).damage == [])
  }

  @Test func `a correction with erasure keeps the new text only, and later records carry it on`()
    throws
  {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", "NOM-SECRET dans le texte."))
    #expect(
      try desk.open().correct(1, with: draft("Un", "Sans nom."), erase: true)
        == Outcome(1, .corrected))
    #expect(try !desk.holds("NOM-SECRET"))
    #expect(try desk.archive().record(1, asOf: 3)?.erased == 3)
    _ = try desk.open().retract(1, reason: "Faux.")
    _ = try desk.open().correct(1, with: draft("Un", "De retour."))
    #expect(try desk.archive().record(1, asOf: 5)?.erased == 3)
    #expect(try desk.archive().record(1, asOf: 3)?.headline?.title == "Un")
    #expect(try Inspection(desk.path).damage == [])
  }

  @Test func `a body that another article has stays`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", "Le même texte."), draft("Deux", "Le même texte."))
    _ = try desk.open().retract(1, reason: "Double.", erase: true)
    #expect(try desk.holds("Le même texte."))
    #expect(try Inspection(desk.path).damage == [])
  }

  @Test
  func `while a reader is in the way the erasure is pending, and the next command finishes it`()
    throws
  {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", "CORPS-SECRET du texte."))
    let reader = try desk.database()
    try reader.script("BEGIN; SELECT count(*) FROM change")
    let newsroom = try desk.open()
    _ = try newsroom.retract(1, reason: "Danger.", erase: true)
    #expect(try Status(desk.path).isErasurePending)
    try reader.script("COMMIT")
    try newsroom.settle()
    #expect(try !Status(desk.path).isErasurePending)
    #expect(try !desk.holds("CORPS-SECRET"))
  }
}

@Suite struct `Inspection, of a store` {
  @Test(arguments: [
    "UPDATE body SET text = replace(text, 'Un', 'Vn')",
    "UPDATE change SET record = CAST(replace(record, 'Un', 'Vn') AS BLOB) WHERE version = 2",
    "UPDATE change SET record = NULL WHERE version = 2",
    "UPDATE change SET leaf = zeroblob(32) WHERE version = 2",
    "UPDATE change SET body = NULL WHERE version = 2",
    "DELETE FROM change WHERE version = 3",
    "DELETE FROM body",
    "INSERT INTO body VALUES (zeroblob(16), 'x')",
    "UPDATE volume_digest SET digest = zeroblob(32) WHERE version = 3",
    "DELETE FROM volume_digest WHERE version = 3",
    "INSERT INTO volume_digest VALUES (0, 2, zeroblob(32))",
    "UPDATE signed SET note = replace(note, 'time 1', 'time 2') WHERE version = 3",
    "UPDATE head SET note = (SELECT note FROM signed WHERE version = 1)",
    "DELETE FROM head",
    "INSERT INTO identity VALUES (zeroblob(16), 99)",
  ])
  func `finds what was changed behind the newsroom's back`(_ sql: String) throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", "Un texte."), draft("Deux", "Deux."))
    #expect(try Inspection(desk.path).damage == [])
    try desk.database().script(sql)
    #expect(try !Inspection(desk.path).damage.isEmpty)
  }

  @Test func `the archive names a damaged record or body, and gives out neither`() throws {
    let desk = try Desk()
    try desk.found()
    try desk.publish(draft("Un", "Un texte."))
    let hash = try #require(try desk.archive().record(1, asOf: 2)?.headline).body
    try desk.database().script("UPDATE body SET text = replace(text, 'Un', 'Vn')")
    #expect(failure { try desk.archive().body(hash) }?.code == "damaged")
    try desk.database().script("UPDATE change SET record = x'00' WHERE version = 2")
    #expect(failure { try desk.archive().record(1, asOf: 2) }?.code == "damaged")
    #expect(failure { try desk.publish(draft("Deux")) }?.code == "damaged")
  }
}
