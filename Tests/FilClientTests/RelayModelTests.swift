import FilClient
import FilProtocol
import FilSource
import Files
import HTTP
import TestSupport
import Testing

/// A kiosk that relays, and neighbours of every kind, over random histories of a newsroom.
struct RelayModelTests {
  #if DEBUG
    static let seeds: Range<UInt64> = 0..<6
  #else
    static let seeds: Range<UInt64> = 0..<60
  #endif

  private struct Subject {
    var replica: Replica
    var choice: SectionChoice
    var days: Int?
  }

  private static let choices: [(SectionChoice, Int?)] = [
    (.all, nil), (.none, nil), (.sections(["culture", "politique"]), nil), (.all, 2),
    (.sections(["sante"]), 1),
  ]

  /// Whatever state the relay is in, no neighbour ever has reason to call it a liar.
  @Test(arguments: seeds)
  func `neighbours of a relay follow the newsroom`(seed: UInt64) throws {
    try withTemporaryFolder { folder in
      var ledger = try Ledger(seed: seed)
      let goal = [20, 33, 70, 258, 310, 530][Int(seed % 6)]
      while ledger.feed.size < goal / 2 { try ledger.publish() }
      try ledger.sign()
      let key = ledger.feed.key.verifier
      var kiosk = Subject(
        replica: try Replica(path: "\(folder)/kiosk.db", key: key), choice: .all, days: nil)
      (kiosk.choice, kiosk.days) = RelayModelTests.choices[Int(seed / 2 % 5)]
      let relay = try Relay(kiosk.replica)
      let subjects = try RelayModelTests.choices.enumerated().map { place, choice in
        Subject(
          replica: try Replica(path: "\(folder)/\(place).db", key: key), choice: choice.0,
          days: choice.1)
      }
      for round in 0..<14 {
        for _ in 0..<(ledger.feed.size < goal ? 6 : 2) { try ledger.act() }
        try ledger.sign()
        try follow(&kiosk, &ledger, "\(folder)/cache-\(round)")
        let subject = subjects[ledger.chance(subjects.count)]
        // Now and then a neighbour has asked the newsroom, and stands where the relay never stood.
        if ledger.chance(4) == 0 {
          try ledger.act()
          try ledger.sign()
          try sync(subject, [try newsroom(ledger, "\(folder)/cache-\(round)-b")], ledger)
        } else {
          try sync(subject, [neighbour(relay)], ledger)
        }
      }
      if ledger.chance(2) == 0 { kiosk.choice = .all }
      _ = outcome(
        kiosk.replica, from: try newsroom(ledger, folder + "/cache"), .still(kiosk.choice))
      for subject in subjects {
        let alone = try sync(subject, [neighbour(relay)], ledger)
        if kiosk.choice == .all, kiosk.days == nil { #expect(alone == nil) }
        #expect(
          try sync(subject, [neighbour(relay), newsroom(ledger, folder + "/cache")], ledger) == nil)
        try expectComplete(subject, ledger)
      }
    }
  }

  private func neighbour(_ relay: Relay) -> ServiceSource<MemoryFeed> {
    ServiceSource(answering: relay.respond)
  }

  private func newsroom(_ ledger: Ledger, _ cache: String) throws -> ServiceSource<MemoryFeed> {
    try ServiceSource(ledger.feed, cache: cache)
  }

  /// The kiosk syncs, and its line, its budget or its power may end at any byte.
  private func follow(_ kiosk: inout Subject, _ ledger: inout Ledger, _ cache: String) throws {
    if ledger.chance(5) == 0 {
      kiosk.choice = RelayModelTests.choices[ledger.chance(3)].0
    }
    let cut = ledger.chance(3) == 0 ? ledger.chance(6_000) : nil
    let source = try ServiceSource(ledger.feed, cache: cache) { count, _ in
      var fault = ServiceSource<MemoryFeed>.Fault()
      if let cut { if count == 0 { fault.cut = cut } else { fault.dead = true } }
      return fault
    }
    var options = SyncOptions.still(kiosk.choice, days: kiosk.days)
    options.codec = RelayTests.codecs[ledger.chance(RelayTests.codecs.count)]
    options.patience = 1
    _ = outcome(kiosk.replica, from: source, options)
  }

  @discardableResult
  private func sync(
    _ subject: Subject, _ sources: [any Source], _ ledger: Ledger
  ) throws -> FilError? {
    var failure: FilError?
    do {
      try subject.replica.sync(
        from: sources, .still(subject.choice, days: subject.days),
        onAttempt: { attempt in
          switch attempt.error {
          case nil, .notFound, .behind: break
          default: Issue.record("\(attempt.source): \(String(describing: attempt.error))")
          }
        })
    } catch { failure = error.error }
    let found = try subject.replica.verify()
    #expect(found.isSound, "\(found.damage)")
    return failure
  }

  private func expectComplete(_ subject: Subject, _ ledger: Ledger) throws {
    let status = try subject.replica.status()
    #expect(status.version == ledger.feed.head().checkpoint.version)
    #expect(status.missingBodies == 0)
    for (number, revisions) in ledger.history.enumerated() where number >= status.oldest {
      #expect(try subject.replica.record(number) == revisions.last?.bytes)
      guard let headline = revisions.last?.headline, headline.length > 0,
        ledger.wants(subject.choice, headline.section)
      else { continue }
      let text = try subject.replica.article(number)?.body.map { Array($0.utf8) }
      #expect(text == ledger.bodies[headline.body], "body \(number)")
    }
  }
}
