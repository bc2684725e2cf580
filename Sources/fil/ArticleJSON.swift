internal import FilClient
internal import Terminal
internal import Text

extension JSON {
  /// A time as people and programs read it; absent is null.
  static func time(_ seconds: Int?) -> JSON { JSON(seconds.map(RFC3339.format)) }

  /// The shape of an article: `Client/JSON.md`.
  init(_ article: Article, withBody: Bool = false) {
    var fields: [String: JSON] = [
      "number": .integer(article.number), "title": .string(article.title),
      "summary": .string(article.summary), "section": .string(article.section),
      "tags": JSON(article.tags.map(JSON.string)), "published": .time(article.published),
      "updated": .time(article.updated), "author": .string(article.author),
      "language": .string(article.language), "urgent": .bool(article.isUrgent),
      "une": .bool(article.isUne), "note": .string(article.note),
      "retracted": .time(article.retracted), "reason": JSON(article.reason),
      "readable": .bool(article.isReadable), "length": .integer(article.length),
      "bodyState": .string(article.bodyState.rawValue),
    ]
    if withBody { fields["body"] = JSON(article.body) }
    self = .object(fields)
  }

  /// An object with further fields.
  func adding(_ more: [String: JSON]) -> JSON {
    guard case .object(let fields) = self else { return self }
    return .object(fields.merging(more) { _, new in new })
  }

  init(_ report: SyncReport) {
    self = [
      "from": .integer(report.from), "to": .integer(report.to),
      "requests": .integer(report.requests), "bytesReceived": .integer(report.bytesReceived),
      "bytesSent": .integer(report.bytesSent), "headlines": .integer(report.headlines),
      "bodies": .integer(report.bodies), "missingBodies": .integer(report.missingBodies),
      "openWishes": .integer(report.openWishes),
      "seconds": .number(report.seconds), "complete": .bool(report.complete),
      "signed": .time(report.signed),
    ]
  }
}
