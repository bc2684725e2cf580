internal import Synchronization

/// Numbers for whoever watches over a service, in Prometheus's text format 0.0.4.
///
/// Thread-safe. They count requests and bytes, never who asked for what: give labels only values
/// from a short list that the program knows, nothing that a request brought.
public final class Metrics: Sendable {
  /// One name with its meaning; its samples differ by their labels.
  public struct Family: Sendable {
    public enum Kind: String, Sendable {
      /// Only grows, from 0 at the start of the process.
      case counter
      case gauge
    }

    public let name: String
    public let kind: Kind
    public let help: String

    /// `name`: letters, digits and `_`, with its unit, such as `fil_http_sent_bytes_total`.
    public init(_ name: String, _ kind: Kind, help: String) {
      self.name = name
      self.kind = kind
      self.help = help
    }
  }

  public typealias Labels = KeyValuePairs<String, String>

  private struct Table {
    let kind: Family.Kind
    let help: String
    /// By the labels as they are written.
    var samples: [String: Double] = [:]
  }

  private let tables = Mutex<[String: Table]>([:])
  private let readings = Mutex<[@Sendable (Metrics) -> Void]>([])

  public init() {}

  /// Adds `amount`, which is not negative, to a counter.
  public func add(_ amount: Double = 1, to family: Family, _ labels: Labels = [:]) {
    update(family, labels) { $0 += amount }
  }

  /// Sets what a number is now.
  public func set(_ family: Family, _ labels: Labels = [:], to value: Double) {
    update(family, labels) { $0 = value }
  }

  /// Has `read` called before each reading, to set what is cheaper to look up than to follow.
  public func beforeReading(_ read: @escaping @Sendable (Metrics) -> Void) {
    readings.withLock { $0.append(read) }
  }

  private func update(_ family: Family, _ labels: Labels, _ change: (inout Double) -> Void) {
    let place = Metrics.written(labels)
    tables.withLock { tables in
      var table = tables[family.name] ?? Table(kind: family.kind, help: family.help)
      change(&table.samples[place, default: 0])
      tables[family.name] = table
    }
  }

  private static func written(_ labels: Labels) -> String {
    if labels.isEmpty { return "" }
    let pairs = labels.map { name, value in
      let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n")
      return "\(name)=\"\(escaped)\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }

  /// All of it as text, families and samples by name.
  public var text: String {
    for read in readings.withLock({ $0 }) { read(self) }
    let tables = tables.withLock { $0 }
    var text = ""
    for (name, table) in tables.sorted(by: { $0.key < $1.key }) {
      text += "# HELP \(name) \(table.help)\n# TYPE \(name) \(table.kind.rawValue)\n"
      for (labels, value) in table.samples.sorted(by: { $0.key < $1.key }) {
        text += "\(name)\(labels) \(Metrics.written(value))\n"
      }
    }
    return text
  }

  private static func written(_ value: Double) -> String {
    Int(exactly: value).map { String($0) } ?? String(value)
  }

  /// The answer to a request on the listener of the metrics: `/metrics`, and nothing else.
  public func answer(_ request: Request) -> Answer {
    guard request.path == "/metrics" else { return .ready(.text(404, "only /metrics is here\n")) }
    guard request.method == .get || request.method == .head else {
      return .ready(.text(405, "only GET and HEAD are answered here\n"))
    }
    var response = Response(status: 200, body: .bytes(Array(text.utf8)))
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    response.headers["Cache-Control"] = "no-store"
    return .ready(response)
  }
}
