public import FilProtocol

/// What became of something that was handed in.
public struct Outcome: Sendable, Equatable {
  public enum Action: String, Sendable {
    case published, corrected, retracted, unchanged
    /// Its date is in the future: it is published then, while `serve` or `import --every` runs.
    case held
  }

  /// 0 of what is held: it has no number yet.
  public let number: Int
  public let action: Action

  public init(_ number: Int, _ action: Action) {
    self.number = number
    self.action = action
  }
}

/// One file that is handed in: all of it is published, or nothing.
public struct Submission: Sendable {
  public let file: String
  public let drafts: Result<[Draft], InputError>

  public init(_ file: String, _ drafts: Result<[Draft], InputError>) {
    self.file = file
    self.drafts = drafts
  }
}

/// What became of a file: one outcome a draft, or what is wrong with it.
public struct Reception: Sendable, Equatable {
  public let file: String
  public let outcome: Result<[Outcome], InputError>
}

extension Newsroom {
  /// Publishes files, in order, under one signature; a bad one is refused and the others go on.
  ///
  /// A draft with a name that is known corrects that article, or brings it back where it was
  /// retracted; an identical one is nothing. One with a date in the future is held until then.
  public func publish(
    _ files: [Submission], restored: Bool = false
  ) throws(NewsroomError) -> [Reception] {
    try settle(restored: restored)
    return try append { (batch) throws(NewsroomError) in
      var receptions: [Reception] = []
      for file in files { receptions.append(try receive(file, &batch)) }
      return receptions
    }
  }

  private func receive(
    _ file: Submission, _ batch: inout Batch
  ) throws(NewsroomError) -> Reception {
    let drafts: [Draft]
    switch file.drafts {
    case .success(let found): drafts = found
    case .failure(let error): return Reception(file: file.file, outcome: .failure(error))
    }
    let before = batch
    try batch.mark()
    do throws(NewsroomError) {
      for draft in drafts {
        try draft.check(
          masthead: batch.masthead, now: max(batch.time, draft.published ?? batch.time))
      }
      var outcomes: [Outcome] = []
      for draft in drafts { outcomes.append(try publish(draft, &batch)) }
      try batch.unmark()
      return Reception(file: file.file, outcome: .success(outcomes))
    } catch {
      guard case .input(let problem) = error else { throw error }
      try batch.rollBack()
      batch = before
      return Reception(file: file.file, outcome: .failure(problem))
    }
  }

  func publish(_ draft: Draft, _ batch: inout Batch) throws(NewsroomError) -> Outcome {
    if let due = draft.published, due > batch.time {
      try batch.hold(draft, until: due)
      return Outcome(0, .held)
    }
    try batch.forgetHeld(like: draft)
    if let number = try known(draft, batch) {
      return try correct(number, draft, erase: false, &batch)
    }
    try batch.store(draft.body)
    let number = try batch.append(.headline(draft.headline(published: batch.time)))
    for name in draft.names { try batch.name(number, name) }
    return Outcome(number, .published)
  }

  /// The article that has one of the draft's names; they must not be two.
  private func known(_ draft: Draft, _ batch: Batch) throws(NewsroomError) -> Int? {
    var found: (name: String, number: Int)?
    for name in draft.names {
      guard let number = try batch.number(named: name) else { continue }
      if let found, found.number != number {
        throw .input(
          InputError(
            draft.file, draft.line,
            "\(found.name) is article \(found.number) and \(name) is article \(number); give the "
              + "names of one article"))
      }
      found = (name, number)
    }
    return found?.number
  }
}

extension Newsroom {
  /// Replaces an article, or brings a retracted one back.
  ///
  /// With `erase` the bytes of its earlier revisions are removed too, everywhere and for good.
  public func correct(
    _ number: Int, with draft: Draft, erase: Bool = false, restored: Bool = false
  ) throws(NewsroomError) -> Outcome {
    try settle(restored: restored)
    return try append { (batch) throws(NewsroomError) in
      guard number > 0, number < batch.size else { throw .unknownNumber(number) }
      try draft.check(masthead: batch.masthead, now: batch.time)
      if let other = try known(draft, batch), other != number {
        throw .input(
          InputError(
            draft.file, draft.lines["id"] ?? draft.lines["slug"] ?? draft.line,
            "its id or slug is that of article \(other); correct that one, or remove the line"))
      }
      return try correct(number, draft, erase: erase, &batch)
    }
  }

  private func correct(
    _ number: Int, _ draft: Draft, erase: Bool, _ batch: inout Batch
  ) throws(NewsroomError) -> Outcome {
    guard let current = try batch.current(number) else { throw .unknownNumber(number) }
    for name in draft.names { try batch.name(number, name) }
    let published: Int
    switch current.content {
    case .headline(let old):
      published = old.published
      if !erase, draft.says(old) { return Outcome(number, .unchanged) }
    case .retraction(let old): published = old.published
    case .masthead, .unreadable:
      throw .damaged("article \(number) was written by a newer fil-server")
    }
    var headline = draft.headline(published: published)
    headline.updated = draft.updated ?? batch.time
    headline.erased = erase ? batch.version + 1 : current.erased
    try batch.store(draft.body)
    try batch.append(.headline(headline), number: number)
    if erase { try batch.eraseOlder(number) }
    return Outcome(number, .corrected)
  }

  /// Withdraws an article; its number, the time and the reason stay.
  ///
  /// The `reason` is for readers. With `erase` the bytes are removed too, everywhere and for good.
  public func retract(
    _ number: Int, reason: String, erase: Bool = false, restored: Bool = false
  ) throws(NewsroomError) -> Outcome {
    let reason = try checked(reason: reason)
    try settle(restored: restored)
    return try append { (batch) throws(NewsroomError) in
      guard number > 0, let current = try batch.current(number) else {
        throw .unknownNumber(number)
      }
      let published: Int
      switch current.content {
      case .headline(let old): published = old.published
      case .retraction(let old):
        published = old.published
        if !erase, old.reason == reason { return Outcome(number, .unchanged) }
      case .masthead, .unreadable:
        throw .damaged("article \(number) was written by a newer fil-server")
      }
      let retraction = Retraction(
        published: published, time: batch.time, reason: reason,
        erased: erase ? batch.version + 1 : current.erased)
      try batch.append(.retraction(retraction), number: number)
      if erase { try batch.eraseOlder(number) }
      return Outcome(number, .retracted)
    }
  }

  private func checked(reason: String) throws(NewsroomError) -> String {
    let text: String
    do { text = try clean(reason, "--reason", nil) } catch { throw .input(error) }
    guard !text.isEmpty, text.utf8.count <= Limits.proseBytes else {
      throw .input(
        InputError("--reason", nil, "say why, for readers, in at most \(Limits.proseBytes) bytes"))
    }
    return text
  }

  /// Replaces the masthead; an identical one is nothing.
  ///
  /// - Returns: whether it changed.
  public func replace(
    masthead: Masthead, restored: Bool = false
  ) throws(NewsroomError) -> Bool {
    try settle(restored: restored)
    return try append { (batch) throws(NewsroomError) in
      guard batch.masthead != masthead else { return false }
      try batch.append(.masthead(masthead), number: 0)
      return true
    }
  }
}

extension Draft {
  /// Whether `old` says all that this draft does; what the draft leaves open is not compared.
  func says(_ old: Headline) -> Bool {
    var new = headline(published: old.published)
    new.updated = updated ?? old.updated
    new.note = note ?? old.note
    new.erased = old.erased
    return new == old
  }
}
