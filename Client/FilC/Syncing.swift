// The names are those of fil.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CFil
internal import FilClient

@c @implementation public func fil_cancellation_new() -> OpaquePointer? {
  Handle.make(Cancellation())
}

@c @implementation public func fil_cancel(_ cancellation: OpaquePointer?) {
  (try? Handle.object(cancellation, as: Cancellation.self, "cancellation"))?.cancel()
}

@c @implementation public func fil_cancellation_free(_ cancellation: OpaquePointer?) {
  Handle.release(cancellation, as: Cancellation.self)
}

@c @implementation public func fil_sync(
  _ pointer: OpaquePointer?, _ sources: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ options: UnsafePointer<fil_sync_options>?, _ report: UnsafeMutablePointer<fil_report>?
) -> fil_result {
  answer { () throws(FilError) in
    let replica = try replica(pointer)
    var asked = fil_sync_options()
    if let options { try Sized.read(options, into: &asked, "options") }
    let wanted = try SyncOptions(asked)
    // What cannot be told is found out before anything is paid for.
    if let report { try Sized.write(fil_report(SyncReport()), to: report, "report") }
    let list = try replica.lendSources(try addresses(sources, count))
    defer { replica.giveBack(list) }
    let stop = try cancellation(asked.cancellation)
    do throws(SyncFailure) {
      let done = try replica.sync(
        from: list, wanted, cancellation: stop, onAttempt: { tell($0, asked) },
        onProgress: { tell($0, asked, stop) })
      if let report { try? Sized.write(fil_report(done), to: report, "report") }
    } catch {
      if let report { try? Sized.write(fil_report(error.report), to: report, "report") }
      throw error.error
    }
  }
}

private func tell(_ attempt: SourceAttempt, _ asked: fil_sync_options) {
  attempt.source.withCString { source in
    guard let error = attempt.error else {
      asked.on_attempt?(asked.context, source, nil)
      return
    }
    error.code.withCString { asked.on_attempt?(asked.context, source, $0) }
  }
}

private func tell(_ progress: SyncProgress, _ asked: fil_sync_options, _ stop: Cancellation) {
  guard let function = asked.on_progress else { return }
  var held = fil_progress(
    done: Int64(progress.done), total: Int64(progress.total),
    headlines: Int64(progress.headlines), bodies: Int64(progress.bodies), rate: progress.rate)
  if function(asked.context, &held) != 0 { stop.cancel() }
}

/// The flag behind the pointer; a new one for NULL.
func cancellation(_ pointer: OpaquePointer?) throws(FilError) -> Cancellation {
  pointer == nil ? Cancellation() : try Handle.object(pointer, "cancellation")
}

private func addresses(
  _ sources: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int
) throws(FilError) -> [String] {
  guard count > 0 else { return [] }
  let sources = try given(sources, "sources")
  var addresses: [String] = []
  for place in 0..<count { addresses.append(try text(sources[place], "sources[\(place)]")) }
  return addresses
}

extension SyncOptions {
  fileprivate init(_ asked: fil_sync_options) throws(FilError) {
    self.init()
    choice = try optionalText(asked.sections, "options.sections").map(SectionChoice.init(text:))
    first = try optionalText(asked.first, "options.first").map {
      $0.split(separator: ",").map(String.init)
    }
    days = try FilC.count(asked.days, "options.days")
    budget = try FilC.count(asked.budget, "options.budget")
    headlinesOnly = asked.headlines_only != 0
  }
}

extension fil_report {
  init(_ report: SyncReport) {
    self.init()
    from = Int64(report.from)
    to = Int64(report.to)
    requests = Int64(report.requests)
    bytes_received = Int64(report.bytesReceived)
    bytes_sent = Int64(report.bytesSent)
    headlines = Int64(report.headlines)
    bodies = Int64(report.bodies)
    missing_bodies = Int64(report.missingBodies)
    open_wishes = Int64(report.openWishes)
    seconds = report.seconds
    signed_at = time(report.signed)
    complete = report.complete ? 1 : 0
  }
}

@c @implementation public func fil_get_cost(
  _ pointer: OpaquePointer?, _ sources: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ cancellation: OpaquePointer?, _ cost: UnsafeMutablePointer<fil_cost>?
) -> fil_result {
  tellCost(pointer, sources, count, cancellation, cost) {
    (replica, source, stop) throws(FilError) in
    do throws(SyncFailure) { return try replica.cost(from: source, cancellation: stop) } catch {
      throw error.error
    }
  }
}

@c @implementation public func fil_get_cost_of(
  _ pointer: OpaquePointer?, _ sections: UnsafePointer<CChar>?,
  _ sources: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ cancellation: OpaquePointer?, _ cost: UnsafeMutablePointer<fil_cost>?
) -> fil_result {
  tellCost(pointer, sources, count, cancellation, cost) {
    (replica, source, stop) throws(FilError) in
    let choice = SectionChoice(text: try text(sections, "sections"))
    return try replica.cost(of: choice, from: source, cancellation: stop)
  }
}

private func tellCost(
  _ pointer: OpaquePointer?, _ sources: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ cancellation: OpaquePointer?, _ cost: UnsafeMutablePointer<fil_cost>?,
  _ ask: (Replica, any Source, Cancellation) throws(FilError) -> SyncCost
) -> fil_result {
  answer { () throws(FilError) in
    let replica = try replica(pointer)
    let cost = try given(cost, "cost")
    var held = fil_cost()
    try Sized.check(cost, "cost")
    let list = try replica.lendSources(try addresses(sources, count))
    defer { replica.giveBack(list) }
    let found = try ask(replica, list[0], try FilC.cancellation(cancellation))
    held.bytes = Int64(found.bytes)
    held.headlines = time(found.headlines)
    held.bodies = time(found.bodies)
    held.seconds = found.seconds ?? -1
    held.bytes_spent = Int64(found.bytesSpent)
    try Sized.write(held, to: cost, "cost")
  }
}

@c @implementation public func fil_get_spending(
  _ pointer: OpaquePointer?, _ spending: UnsafeMutablePointer<fil_spending>?
) -> fil_result {
  answer { () throws(FilError) in
    let found = try replica(pointer).spending(now: SyncClock.system.now())
    var held = fil_spending()
    held.day = time(found.day)
    held.month = time(found.month)
    held.today = Int64(found.spentToday)
    held.this_month = Int64(found.spentThisMonth)
    held.left = time(found.left)
    try Sized.write(held, to: try given(spending, "spending"), "spending")
  }
}

@c @implementation public func fil_set_budget(
  _ pointer: OpaquePointer?, _ day: Int64, _ month: Int64
) -> fil_result {
  answer { () throws(FilError) in
    for (bytes, name) in [(day, "day"), (month, "month")] where bytes < -1 {
      throw .usage("\(name) is neither bytes nor FIL_NONE")
    }
    try replica(pointer).setBudget(
      day: day < 0 ? nil : Int(day), month: month < 0 ? nil : Int(month))
  }
}
