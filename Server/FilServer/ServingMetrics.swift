internal import FilProtocol
internal import FilSource
internal import HTTP

/// An answer as it is counted and logged: what kind of object, and how it ended; not who asked.
public struct ServedAnswer: Sendable, Equatable {
  /// The object's first word in `Protocol/http.md`, such as `sync`; `other` for everything else.
  public let kind: String
  public let status: Int
  /// Of the body.
  public let bytes: Int
  public let seconds: Double

  init(_ served: Served) {
    kind = ServedAnswer.kind(served.path)
    status = served.status
    bytes = served.bytes
    seconds = served.seconds
  }

  private static let kinds: Set<Substring> = [
    "checkpoint", "sync", "delta", "state", "volume", "bodies", "body",
  ]

  private static func kind(_ path: Substring) -> String {
    guard path.hasPrefix(Resource.root) else { return "other" }
    let word = path.dropFirst(Resource.root.count).prefix { $0 != "/" }
    return kinds.contains(word) ? String(word) : "other"
  }
}

extension Metrics {
  func count(_ answer: ServedAnswer) {
    add(to: .requests, ["kind": answer.kind, "status": "\(answer.status)"])
    add(Double(answer.bytes), to: .sentBytes, ["kind": answer.kind])
  }

  /// Counts a turn of an import that runs beside the serving, at `now`.
  func count(_ turn: Result<ImportReport, ImportError>, now: Int) {
    switch turn {
    case .success(let report):
      add(to: .imports, ["result": "done"])
      set(.imported, to: Double(now))
      for action in ImportReport.Entry.Action.allCases {
        add(Double(report.count(action)), to: .importedPosts, ["action": action.rawValue])
      }
      add(Double(report.requests), to: .importRequests)
      add(Double(report.bytes), to: .importBytes)
    case .failure(let error): add(to: .imports, ["result": error.code])
    }
  }

  /// Has what `service` did, and what the newsroom at `path` has, looked up at each reading.
  func add(_ service: Service<NewsroomArchive>, _ path: String) {
    beforeReading { metrics in
      let activity = service.activity
      metrics.set(.renders, ["found": "yes"], to: Double(activity.found))
      metrics.set(.renders, ["found": "no"], to: Double(activity.rendered))
      metrics.set(.renderTime, to: activity.renderSeconds)
      metrics.set(.refused, to: Double(activity.refused))
      metrics.set(.cachedObjects, to: Double(activity.cachedObjects))
      metrics.set(.cachedBytes, to: Double(activity.cachedBytes))
    }
    beforeReading { metrics in
      guard let status = try? Status(path) else { return metrics.set(.readable, to: 0) }
      metrics.set(.readable, to: 1)
      metrics.set(.version, to: Double(status.head?.version ?? 0))
      metrics.set(.signed, to: Double(status.head?.time ?? 0))
      metrics.set(.published, to: Double(status.lastPublication ?? 0))
      metrics.set(.articles, to: Double(status.articles))
      metrics.set(.retracted, to: Double(status.retracted))
      metrics.set(.unsigned, to: Double(status.unsigned))
      metrics.set(.storeBytes, to: Double(status.size))
    }
  }
}

extension Metrics.Family {
  fileprivate static let requests = Metrics.Family(
    "fil_requests_total", .counter, help: "Requests answered, by kind of object and HTTP status.")
  fileprivate static let sentBytes = Metrics.Family(
    "fil_sent_bytes_total", .counter, help: "Bytes of bodies that began to be sent, by kind.")
  fileprivate static let renders = Metrics.Family(
    "fil_objects_total", .counter,
    help: "Objects asked for that were found in the cache, or had to be rendered.")
  fileprivate static let renderTime = Metrics.Family(
    "fil_render_seconds_total", .counter, help: "Time that rendering took, of all threads.")
  fileprivate static let refused = Metrics.Family(
    "fil_renders_refused_total", .counter,
    help: "Requests answered with 503, because too many objects waited to be rendered.")
  fileprivate static let cachedObjects = Metrics.Family(
    "fil_cache_objects", .gauge, help: "Rendered objects in the cache.")
  fileprivate static let cachedBytes = Metrics.Family(
    "fil_cache_bytes", .gauge, help: "Size of the cache of rendered objects.")
  fileprivate static let imports = Metrics.Family(
    "fil_imports_total", .counter,
    help: "Turns of the import beside the serving, by how they ended.")
  fileprivate static let imported = Metrics.Family(
    "fil_import_timestamp_seconds", .gauge, help: "When an import came to its end last.")
  fileprivate static let importedPosts = Metrics.Family(
    "fil_import_posts_total", .counter, help: "Posts that an import did something about, by what.")
  fileprivate static let importRequests = Metrics.Family(
    "fil_import_requests_total", .counter, help: "Requests that imports have cost their site.")
  fileprivate static let importBytes = Metrics.Family(
    "fil_import_received_bytes_total", .counter, help: "Bytes that imports have received.")
  fileprivate static let readable = Metrics.Family(
    "fil_store_readable", .gauge, help: "1 while the newsroom's store can be read.")
  fileprivate static let version = Metrics.Family(
    "fil_head_version", .gauge, help: "The newest version that was signed.")
  fileprivate static let signed = Metrics.Family(
    "fil_head_signed_timestamp_seconds", .gauge,
    help: "When the head was signed last; serving signs it again every hour.")
  fileprivate static let published = Metrics.Family(
    "fil_head_published_timestamp_seconds", .gauge,
    help: "When the newest version was signed first: the last publication.")
  fileprivate static let articles = Metrics.Family(
    "fil_articles", .gauge, help: "Articles published, retracted ones included.")
  fileprivate static let retracted = Metrics.Family(
    "fil_articles_retracted", .gauge, help: "Articles that are retracted now.")
  fileprivate static let unsigned = Metrics.Family(
    "fil_changes_unsigned", .gauge, help: "Changes on disk that nobody has signed yet.")
  fileprivate static let storeBytes = Metrics.Family(
    "fil_store_bytes", .gauge, help: "Size of the newsroom's database.")
}
