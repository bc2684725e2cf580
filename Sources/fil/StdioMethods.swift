internal import FilClient
internal import FilProtocol
internal import Synchronization
internal import Terminal

/// What a host can ask for: `Client/stdio.md`.
struct StdioMethod: Sendable {
  let name: String
  let parameters: [String]
  let run: @Sendable (StdioCall) throws(Failure) -> JSON

  init(
    _ name: String, _ parameters: String...,
    run: @escaping @Sendable (StdioCall) throws(Failure) -> JSON
  ) {
    self.name = name
    self.parameters = parameters
    self.run = run
  }

  static let all: [StdioMethod] = [
    StdioMethod("version") { _ in ["version": .string(FilVersion.current)] },
    StdioMethod("status") { (call) throws(Failure) in
      JSON(try call.ask { (replica) throws(FilError) in try replica.status() })
    },
    StdioMethod("masthead") { (call) throws(Failure) in
      let masthead = try call.ask { (replica) throws(FilError) in
        guard let masthead = try replica.masthead() else { throw .notFound("masthead") }
        return masthead
      }
      return JSON(masthead)
    },
    StdioMethod("list", "section", "tag", "une", "retracted", "limit", "offset") {
      (call) throws(Failure) in
      let given = call.parameters
      var filter = Replica.Filter()
      filter.section = try given.text("section")
      filter.tag = try given.text("tag")
      filter.une = try given.flag("une") ?? filter.une
      filter.retracted = try given.flag("retracted") ?? filter.retracted
      filter.limit = try given.integer("limit", in: 1...1_000) ?? filter.limit
      filter.offset = try given.integer("offset", in: 0...1_000_000_000) ?? 0
      let wanted = filter
      let found = try call.ask { (replica) throws(FilError) in try replica.articles(wanted) }
      return JSON(found.map { JSON($0) })
    },
    StdioMethod("read", "number") { (call) throws(Failure) in
      let given = call.parameters
      let number = try given.required(
        "number", try given.integer("number", in: 1...1_000_000_000))
      let article = try call.ask { (replica) throws(FilError) in
        guard let article = try replica.article(number) else {
          throw .notFound("article \(number)")
        }
        return article
      }
      return JSON(article, withBody: true)
    },
    StdioMethod("search", "words", "limit", "offset") { (call) throws(Failure) in
      let given = call.parameters
      let words = try given.required("words", try given.text("words"))
      let limit = try given.integer("limit", in: 1...1_000) ?? 20
      let offset = try given.integer("offset", in: 0...1_000_000_000) ?? 0
      let hits = try call.ask { (replica) throws(FilError) in
        try replica.search(words, limit: limit, offset: offset)
      }
      return JSON(hits.map { JSON($0) })
    },
    StdioMethod("sync", "from", "sections", "first", "days", "budget", "headlines") {
      (call) throws(Failure) in
      try call.sync()
    },
    StdioMethod("cost", "from", "sections") { (call) throws(Failure) in try call.cost() },
    StdioMethod("budget", "day", "month") { (call) throws(Failure) in try call.budget() },
    StdioMethod("verify", "repair") { (call) throws(Failure) in
      let repair = try call.parameters.flag("repair") ?? false
      let found = try call.ask { (replica) throws(FilError) in try replica.verify(repair: repair) }
      return [
        "version": .integer(found.version), "records": .integer(found.records),
        "bodies": .integer(found.bodies), "sound": .bool(found.isSound),
        "damage": JSON(found.damage.map(JSON.string)),
      ]
    },
    StdioMethod("want", "number") { (call) throws(Failure) in
      let given = call.parameters
      let number = try given.required(
        "number", try given.integer("number", in: 1...1_000_000_000))
      let wish = try call.ask { (replica) throws(FilError) in try replica.want(number) }
      return ["wish": .string(wish.rawValue)]
    },
    StdioMethod("export", "to", "since") { (call) throws(Failure) in
      let given = call.parameters
      let path = try given.required("to", try given.text("to"))
      let since = try given.integer("since", in: 0...1_000_000_000)
      let report = try call.ask { (replica) throws(FilError) in
        try replica.export(to: path, since: since)
      }
      return [
        "version": .integer(report.version), "volumes": .integer(report.volumes),
        "bodies": .integer(report.bodies), "missingBodies": .integer(report.missingBodies),
        "bytes": .integer(report.bytes),
      ]
    },
    StdioMethod("import", "file") { (call) throws(Failure) in try call.importBundle() },
    StdioMethod("observe") { (call) throws(Failure) in try call.observe() },
  ]
}

extension StdioCall {
  fileprivate func sync() throws(Failure) -> JSON {
    var options = SyncOptions()
    options.choice = try choice()
    options.first = try parameters.texts("first")
    options.days = try parameters.integer("days", in: 1...3_650)
    options.budget = try parameters.integer("budget", in: 1...1_000_000_000_000)
    options.headlinesOnly = try parameters.flag("headlines") ?? false
    let list = try lendSources()
    defer { replica.giveBack(list) }
    var last = -1
    do throws(SyncFailure) {
      let report = try replica.sync(
        from: list, options, cancellation: cancellation,
        onAttempt: { attempt in
          tell("attempt", ["source": .string(attempt.source), "error": JSON(attempt.error?.code)])
        },
        onProgress: { progress in
          // As often as a person would see a difference.
          let percent = progress.done * 100 / max(progress.total, 1) + progress.total
          guard percent != last else { return }
          last = percent
          tell("progress", JSON(progress))
        })
      return JSON(report)
    } catch {
      report.withLock { $0 = JSON(error.report) }
      throw Failure(error.error, path: replica.path)
    }
  }

  fileprivate func importBundle() throws(Failure) -> JSON {
    let bundle = BundleSource(try parameters.required("file", try parameters.text("file")))
    do throws(SyncFailure) {
      return JSON(try replica.importBundle(bundle, cancellation: cancellation))
    } catch {
      report.withLock { $0 = JSON(error.report) }
      throw Failure(error.error, path: replica.path)
    }
  }

  fileprivate func cost() throws(Failure) -> JSON {
    let choice = try choice()
    let list = try lendSources()
    defer { replica.giveBack(list) }
    let cost: SyncCost
    if let choice {
      cost = try ask { (replica) throws(FilError) in
        try replica.cost(of: choice, from: list[0], cancellation: cancellation)
      }
    } else {
      do throws(SyncFailure) {
        cost = try replica.cost(from: list[0], cancellation: cancellation)
      } catch { throw Failure(error.error, path: replica.path) }
    }
    return [
      "bytes": .integer(cost.bytes), "headlines": JSON(cost.headlines),
      "bodies": JSON(cost.bodies), "seconds": cost.seconds.map(JSON.number) ?? .null,
      "bytesSpent": .integer(cost.bytesSpent),
    ]
  }

  fileprivate func budget() throws(Failure) -> JSON {
    let range = 0...1_000_000_000_000
    let day = try parameters.integer("day", in: range)
    let month = try parameters.integer("month", in: range)
    let now = SyncClock.system.now()
    let spending = try ask { (replica) throws(FilError) in
      let held = try replica.spending(now: now)
      guard day != nil || month != nil else { return held }
      let new = held.bounded(day: day, month: month)
      try replica.setBudget(day: new.day, month: new.month)
      return try replica.spending(now: now)
    }
    return [
      "day": JSON(spending.day), "month": JSON(spending.month),
      "spentToday": .integer(spending.spentToday),
      "spentThisMonth": .integer(spending.spentThisMonth), "left": JSON(spending.left),
    ]
  }

  /// Tells of changes until it is cancelled, or the input ends.
  fileprivate func observe() throws(Failure) -> JSON {
    let path = replica.path
    let watch = try attempt(path) { () throws(FilError) in
      try ChangeWatch(replica) { self.tell("changed", nil) }
    }
    tell("observing", nil)
    waitForCancellation()
    watch.finish()
    throw Failure(.cancelled, path: path)
  }

  private func lendSources() throws(Failure) -> [any Source] {
    let named = try parameters.texts("from") ?? []
    return try ask { (replica) throws(FilError) in try replica.lendSources(named) }
  }

  private func choice() throws(Failure) -> SectionChoice? {
    try parameters.texts("sections").map {
      $0.count == 1 ? SectionChoice(text: $0[0]) : .sections($0)
    }
  }
}

extension JSON {
  init(_ hit: SearchHit) {
    guard case .object(var fields) = JSON(hit.article) else {
      self = .null
      return
    }
    fields["snippet"] = JSON(
      hit.snippet.map { ["text": .string($0.text), "match": .bool($0.isMatch)] })
    self = .object(fields)
  }

  fileprivate init(_ progress: SyncProgress) {
    self = [
      "done": .integer(progress.done), "total": .integer(progress.total),
      "headlines": .integer(progress.headlines), "bodies": .integer(progress.bodies),
      "rate": .number(progress.rate),
    ]
  }

  fileprivate init(_ masthead: Masthead) {
    self = [
      "name": .string(masthead.name), "about": .string(masthead.about),
      "contact": .string(masthead.contact), "language": .string(masthead.language),
      "sections": JSON(
        masthead.sections.map {
          ["slug": .string($0.slug), "title": .string($0.title), "parent": .string($0.parent)]
        }),
    ]
  }
}
