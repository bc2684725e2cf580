internal import Dispatch
internal import FilProtocol
public import HTTP
internal import Synchronization

/// How an object may be kept [HTTP-3]: in few words, since each piece of it pays for them.
private let weekLong = "max-age=604800, no-transform"

/// Answers `/fil/v1` requests from an archive: `Protocol/http.md`.
///
/// Thread-safe. Requests are not trusted: paths have one spelling, bodies are ignored, what is costly
/// is rendered once, a few at a time, and kept.
public final class Service<A: Archive>: Sendable {
  private let archive: A
  private let cache: RenderCache
  private let queue: RenderQueue
  private let waiting: Waiting
  /// The last erasure that the cache knows of, and the moment at which it was looked up.
  private let erasure = Mutex<(moment: Int, erased: Int)?>(nil)
  private let counts = Mutex(ServiceActivity())

  /// Answers from `archive`.
  ///
  /// - Parameters:
  ///   - archive: what is asked about.
  ///   - cache: where what was rendered is kept.
  ///   - renders: how many objects may wait to be rendered; one more is asked to come later.
  ///   - places: how many requests may wait for news; one more is answered at once.
  public init(_ archive: A, cache: RenderCache, renders: Int = 64, places: Int = 4_096) {
    self.archive = archive
    self.cache = cache
    queue = RenderQueue(limit: renders)
    waiting = Waiting(limit: places) { try? archive.head().checkpoint.version }
  }

  /// What it did since it was made.
  public var activity: ServiceActivity {
    var activity = counts.withLock { $0 }
    (activity.cachedObjects, activity.cachedBytes) = cache.size
    return activity
  }

  /// The answer to `request`.
  public func answer(_ request: Request) -> Answer { answer(request, now: false) }

  private func answer(_ request: Request, now: Bool) -> Answer {
    guard request.method == .get || request.method == .head else {
      var response = Response.text(405, "only GET and HEAD are answered here")
      response.headers["Allow"] = "GET, HEAD"
      return .ready(response)
    }
    guard let resource = Resource(path: request.path),
      let wait = Service.wait(request.query, resource)
    else {
      return .ready(.text(404, "no such object; paths have one spelling, see Protocol/http.md"))
    }
    do {
      let head = try archive.head()
      try forgetErased()
      // Who has nothing to wait for, or no place, is answered at once.
      if wait > 0, !now, request.headers["If-None-Match"] == head.checkpoint.tag {
        return .later { [self] reply in
          let version = head.checkpoint.version
          let wake: @Sendable () -> Void = { [self] in hand(answerAtOnce(request), reply) }
          if !waiting.wait(from: version, seconds: wait, wake: wake) { wake() }
        }
      }
      return try answer(resource, head, request, now)
    } catch { return .ready(Service.failure) }
  }

  private func answerAtOnce(_ request: Request) -> Answer {
    var request = request
    request.query = nil
    return answer(request, now: false)
  }

  private func hand(_ answer: Answer, _ reply: Reply) {
    switch answer {
    case .ready(let response): reply.send(response)
    case .later(let body): body(reply)
    }
  }

  /// How many seconds a request may be held back [HTTP-10]; nil for a query that is none of ours.
  private static func wait(_ query: String?, _ resource: Resource) -> Int? {
    guard let query else { return 0 }
    guard case .sync = resource, query.hasPrefix("wait="),
      let seconds = Decimal.parse(query.dropFirst(5)), (1...60).contains(seconds)
    else { return nil }
    return seconds
  }

  /// The answer to `request`, rendered on this thread where it has to be.
  public func respond(to request: Request) -> Response {
    switch answer(request, now: true) {
    case .ready(let response): response
    case .later: Service.failure
    }
  }

  private static func busy(_ why: String, seconds: Int = 1) -> Response {
    var response = Response.text(503, why)
    response.headers["Retry-After"] = "\(seconds)"
    return response
  }

  private static var failure: Response {
    .text(500, "the archive cannot be read; its operator finds the reason with fsck")
  }

  private func answer(
    _ resource: Resource, _ head: SignedCheckpoint, _ request: Request, _ now: Bool
  ) throws(A.Failure) -> Answer {
    switch resource {
    case .checkpoint:
      var response = Response(status: 200, body: .bytes(head.note))
      response.headers["Content-Type"] = "text/plain; charset=utf-8"
      response.headers["Cache-Control"] = "no-cache, no-transform"
      response.headers["ETag"] = EntityTag.of(head.note)
      return .ready(response.conditioned(by: request))
    case .sync(let from, let selection, let floor):
      let version = head.checkpoint.version
      guard from <= version else {
        return .ready(.text(404, "this source is behind: its head is version \(version)"))
      }
      let volume: Int
      switch floor {
      case .volume(let number): volume = number
      case .days(let days): volume = try archive.floor(days: days)
      }
      guard from < version else { return nothingNew(head, selection, volume, request) }
      let delta = Resource.delta(from: from, to: version, selection, floor: volume)
      return object(delta, request, name: delta.path, now)
    case .delta, .state, .volume, .bodies, .body: return object(resource, request, name: nil, now)
    }
  }

  /// The answer to a replica that stands at the head [HTTP-6].
  private func nothingNew(
    _ head: SignedCheckpoint, _ selection: Selection, _ floor: Int, _ request: Request
  ) -> Answer {
    var response = Response(status: 304)
    response.headers["ETag"] = head.checkpoint.tag
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["Fil-Time"] = head.timeField
    if request.headers["If-None-Match"] == head.checkpoint.tag { return .ready(response) }
    guard floor < head.checkpoint.volumes else {
      return .ready(.text(404, "no volume \(floor) here"))
    }
    let version = head.checkpoint.version
    let bytes = try? archive.frozen { (archive) throws(RenderError<A.Failure>) in
      try DeltaRenderer(
        archive, from: version, signed: head, selection: selection, floor: floor
      ).render()
    }
    guard let bytes else { return .ready(Service.busy("the head moved meanwhile")) }
    response.status = 200
    response.headers["Content-Type"] = "application/octet-stream"
    response.body = .bytes(bytes)
    return .ready(response.conditioned(by: request))
  }

  /// `name`: the object's own path, when it was asked for by another.
  private func object(
    _ resource: Resource, _ request: Request, name: String?, _ now: Bool
  ) -> Answer {
    if let entry = cache.find(resource), let response = Service.response(entry, name) {
      counts.withLock { $0.found += 1 }
      return .ready(response.conditioned(by: request))
    }
    let finished: @Sendable (Response) -> Response = { [self] response in
      var response = response
      // A relay renders deltas to the head that it holds: there may be a newer one by now.
      if response.status == 404, name != nil, case .delta(_, let head, _, _) = resource,
        let newest = try? archive.head().checkpoint.version, newest != head
      {
        return Service.busy("the head moved meanwhile")
      }
      if response.status == 200, let name {
        response.headers["Content-Location"] = name
        response.headers["Cache-Control"] = "no-cache, no-transform"
      }
      return response.conditioned(by: request)
    }
    if now { return .ready(finished(render(resource))) }
    return .later { [self] reply in
      let finish: @Sendable (Response) -> Void = { reply.send(finished($0)) }
      if !queue.render(resource.path, work: { [self] in render(resource) }, then: finish) {
        counts.withLock { $0.refused += 1 }
        reply.send(Service.busy("too many objects are being rendered", seconds: 5))
      }
    }
  }

  private static func response(_ entry: RenderCache.Entry, _ name: String?) -> Response? {
    var response = Response(status: 200)
    if let bytes = entry.bytes {
      response.body = .bytes(bytes)
    } else {
      guard let file = try? FileBody(entry.path) else { return nil }
      response.body = .file(file)
    }
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["ETag"] = entry.tag
    response.headers["Cache-Control"] = name == nil ? weekLong : "no-cache, no-transform"
    response.headers["Content-Location"] = name
    return response
  }

  /// Renders `resource` and keeps it.
  private func render(_ resource: Resource) -> Response {
    let start = ContinuousClock.now
    defer {
      let time = (ContinuousClock.now - start) / .seconds(1)
      counts.withLock { counts in
        counts.rendered += 1
        counts.renderSeconds += time
      }
    }
    do {
      let erased = try archive.lastErasure()
      let bytes = try archive.frozen { (archive) throws(RenderError<A.Failure>) in
        try Service.bytes(resource, archive)
      }
      // What was erased while we rendered may be in these bytes.
      guard try archive.lastErasure() == erased else { return Service.busy("come again") }
      // Small and cheap ones are not worth a file.
      if case .body = resource { return Service.direct(bytes) }
      guard let entry = try? cache.store(bytes, for: resource) else {
        return Service.direct(bytes)
      }
      return Service.response(entry, nil) ?? Service.direct(bytes)
    } catch let error as RenderError<A.Failure> {
      switch error {
      case .notHere: return .text(404, "not here: never signed, or of another volume")
      case .gone: return .text(410, "something that belongs to it was erased")
      case .archive: return Service.failure
      }
    } catch { return Service.failure }
  }

  private static func direct(_ bytes: [UInt8]) -> Response {
    var response = Response(status: 200, body: .bytes(bytes))
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["ETag"] = EntityTag.of(bytes)
    response.headers["Cache-Control"] = weekLong
    return response
  }

  private static func bytes(
    _ resource: Resource, _ archive: A
  ) throws(RenderError<A.Failure>) -> [UInt8] {
    let volumes = VolumeRenderer(archive)
    switch resource {
    case .delta(let from, let to, let selection, let floor):
      return try DeltaRenderer(
        archive, from: from, to: to, selection: selection, floor: floor
      ).render()
    case .state(let version): return try volumes.state(version)
    case .volume(let volume, let digest): return try volumes.records(volume, digest)
    case .bodies(let volume, let digest, let selection):
      return try volumes.bodies(volume, digest, selection)
    case .body(let hash): return try volumes.body(hash)
    case .checkpoint, .sync: throw .notHere
    }
  }

  /// Empties the cache when something was erased since it was filled.
  private func forgetErased() throws(A.Failure) {
    let moment = try archive.moment()
    let known = erasure.withLock { $0 }
    guard known?.moment != moment else { return }
    let erased = try archive.lastErasure()
    if let known, erased != known.erased { try? cache.purge() }
    erasure.withLock { $0 = (moment, erased) }
  }
}

/// Runs renders, each once however many ask for it, two at a time.
final class RenderQueue: Sendable {
  private struct State {
    var waiting: [String: [@Sendable (Response) -> Void]] = [:]
    var queued: [(String, @Sendable () -> Response)] = []
    var running = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  /// Has `work` done under `name`, and its response given to `then`; false when too much is waiting.
  func render(
    _ name: String, work: @escaping @Sendable () -> Response,
    then: @escaping @Sendable (Response) -> Void
  ) -> Bool {
    let start = state.withLock { state -> Bool? in
      if state.waiting[name] != nil {
        state.waiting[name]?.append(then)
        return false
      }
      guard state.waiting.count < limit else { return nil }
      state.waiting[name] = [then]
      state.queued.append((name, work))
      guard state.running < 2 else { return false }
      state.running += 1
      return true
    }
    if start == true { DispatchQueue.global().async { self.run() } }
    return start != nil
  }

  private func run() {
    while let (name, work) = state.withLock({ state -> (String, @Sendable () -> Response)? in
      if state.queued.isEmpty {
        state.running -= 1
        return nil
      }
      return state.queued.removeFirst()
    }) {
      let response = work()
      let waiting = state.withLock { $0.waiting.removeValue(forKey: name) } ?? []
      for then in waiting { then(response) }
    }
  }
}
