public import FilClient
public import HTTP

extension Metrics {
  /// Counts an answer of a kiosk by the kind of page and the status, and nothing else of it.
  public func count(kiosk answer: Served) {
    let page = Route(String(answer.path))?.kind ?? "other"
    add(to: .requests, ["page": page, "status": "\(answer.status)"])
    add(Double(answer.bytes), to: .sentBytes, ["page": page])
  }

  /// Has what `replica` holds, and what it has cost, looked up at each reading.
  public func add(_ replica: Replica) {
    beforeReading { metrics in
      guard let status = try? replica.status() else { return metrics.set(.readable, to: 0) }
      metrics.set(.readable, to: 1)
      metrics.set(.version, to: Double(status.version))
      metrics.set(.signed, to: Double(status.signed ?? 0))
      metrics.set(.synced, to: Double(status.synced ?? 0))
      metrics.set(.articles, to: Double(status.articles))
      metrics.set(.missing, to: Double(status.missingBodies))
      metrics.set(.received, to: Double(status.bytesReceived))
      metrics.set(.sent, to: Double(status.bytesSent))
      metrics.set(.forks, to: Double(status.forks))
    }
  }
}

extension Route {
  /// One of a few words: which section, article or search it was is nobody's business.
  fileprivate var kind: String {
    switch self {
    case .home: "home"
    case .section, .tag, .archives, .month, .day: "list"
    case .article: "article"
    case .search: "search"
    case .bulletin, .bulletinText: "bulletin"
    case .rss, .jsonFeed: "feed"
    case .style, .icon: "asset"
    case .state: "state"
    case .about, .display, .wish, .rest, .goodbye, .link: "other"
    }
  }
}

extension Metrics.Family {
  fileprivate static let requests = Metrics.Family(
    "fil_kiosk_requests_total", .counter, help: "Requests answered, by kind of page and status.")
  fileprivate static let sentBytes = Metrics.Family(
    "fil_kiosk_sent_bytes_total", .counter, help: "Bytes of pages that began to be sent, by kind.")
  fileprivate static let readable = Metrics.Family(
    "fil_replica_readable", .gauge, help: "1 while the replica can be read.")
  fileprivate static let version = Metrics.Family(
    "fil_replica_version", .gauge, help: "The version that the replica holds.")
  fileprivate static let signed = Metrics.Family(
    "fil_replica_signed_timestamp_seconds", .gauge,
    help: "When the newsroom signed what the replica holds: its age by the newsroom's clock.")
  fileprivate static let synced = Metrics.Family(
    "fil_replica_synced_timestamp_seconds", .gauge,
    help: "When the last sync ended well, by the clock of this machine.")
  fileprivate static let articles = Metrics.Family(
    "fil_replica_articles", .gauge, help: "Articles of which the replica has the headline.")
  fileprivate static let missing = Metrics.Family(
    "fil_replica_bodies_missing", .gauge, help: "Bodies that are wanted and not here yet.")
  fileprivate static let received = Metrics.Family(
    "fil_replica_received_bytes_total", .counter, help: "Bytes that all syncs received.")
  fileprivate static let sent = Metrics.Family(
    "fil_replica_sent_bytes_total", .counter, help: "Bytes that all syncs sent.")
  fileprivate static let forks = Metrics.Family(
    "fil_replica_forks", .gauge, help: "Versions of which two states were signed: alarm.")
}
