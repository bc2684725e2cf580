import Database
import FilClient
import FilProtocol
import FilSource
import Files
import Synchronization
import TestSupport
import Testing

/// Between a replica and a source, it answers in the source's place where a test says so.
final class Meddler<S: Source>: Source {
  /// What it says instead.
  struct Answer {
    var head: SourceHead
    var body: [UInt8] = []
    /// Then nothing more comes and the connection is gone.
    var error: SourceError?

    init(_ status: Int, type: String? = "application/octet-stream", body: [UInt8] = []) {
      head = SourceHead(status: status)
      head.type = type
      head.length = body.count
      self.body = body
    }

    static func portal() -> Answer {
      Answer(200, type: "text/html", body: Array("<html>Bienvenue".utf8))
    }

    static func gone(_ kind: SourceError.Kind) -> Answer {
      var answer = Answer(0)
      answer.error = SourceError(kind, "essai")
      return answer
    }
  }

  let name = "essai"
  private let inner: S
  private let meddle: @Sendable (Int, SourceRequest) -> Answer?
  private let asked = Mutex<[SourceRequest]>([])

  init(_ inner: S, _ meddle: @escaping @Sendable (Int, SourceRequest) -> Answer?) {
    self.inner = inner
    self.meddle = meddle
  }

  var requests: [SourceRequest] { asked.withLock { $0 } }

  func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    let count = asked.withLock { asked in
      asked.append(request)
      return asked.count - 1
    }
    // What never ends is a failure that a test can see.
    precondition(count < 2_000, "a sync that asks for ever: \(request.path)")
    guard let answer = meddle(count, request) else {
      return try inner.fetch(
        request, cancellation: cancellation, onHead: onHead, onBytes: onBytes)
    }
    if let error = answer.error { throw error }
    var traffic = Traffic(received: 200, sent: 100)
    guard onHead(answer.head) else { return traffic }
    for chunk in stride(from: 0, to: answer.body.count, by: 1_400) {
      let piece = Array(answer.body[chunk..<min(chunk + 1_400, answer.body.count)])
      traffic.received += piece.count
      guard piece.withUnsafeBytes({ onBytes($0) }) else {
        throw SourceError(.stopped, traffic: traffic)
      }
    }
    return traffic
  }
}

extension SyncOptions {
  /// Time stands still.
  static var still: SyncOptions {
    var options = SyncOptions()
    options.clock = .still
    // What these tests count was measured with deflate; codec 2 has tests of its own.
    options.codec = .deflate
    return options
  }

  static func still(_ choice: SectionChoice? = nil, days: Int? = nil, budget: Int? = nil)
    -> SyncOptions
  {
    var options = still
    options.choice = choice
    options.days = days
    options.budget = budget
    return options
  }
}

/// What a sync came to: its report, or its error.
func outcome(
  _ replica: Replica, from source: any Source, _ options: SyncOptions = .still,
  onProgress: (SyncProgress) -> Void = { _ in }
) -> (report: SyncReport, error: FilError?) {
  do { return (try replica.sync(from: source, options, onProgress: onProgress), nil) } catch {
    return (error.report, error.error)
  }
}

/// Runs `sql` on a replica's file behind its back.
func tamper(_ path: String, _ sql: String, _ values: Value...) throws {
  let connection = try Connection(path: path, mode: .readWrite)
  switch values.count {
  case 0: try connection.script(sql)
  case 1: try connection.execute(sql, values[0])
  default: try connection.execute(sql, values[0], values[1])
  }
}

func integer(_ path: String, _ sql: String) throws -> Int {
  try Connection(path: path, mode: .readOnly).first(sql) { $0.integer(0) } ?? 0
}

/// The names of a replica's files: the database, its log, its spools.
func files(of path: String) throws -> [String] {
  let folder = Files.parent(of: path)
  let name = String(path.dropFirst(folder.count + 1))
  return try Files.list(folder).map(\.name).filter {
    $0 == name || $0 == name + "-wal" || $0.hasPrefix(name + "-spool-")
  }.map { "\(folder)/\($0)" }
}

/// Whether `text` stands in one of a replica's files.
func lies(_ text: String, in path: String) throws -> Bool {
  let needle = Array(text.utf8)
  for file in try files(of: path) {
    let bytes = try Files.read(file, atMost: 1 << 30)
    var at = 0
    while let hit = bytes[at...].firstIndex(of: needle[0]) {
      if bytes[hit...].starts(with: needle) { return true }
      at = hit + 1
    }
  }
  return false
}

/// A replica's files as they are at this moment, as a kill would leave them.
func photograph(_ path: String, to copy: String) throws {
  for file in try files(of: path) {
    let bytes = try Files.read(file, atMost: 1 << 30)
    var spool = try AppendFile(copy + file.dropFirst(path.count))
    try spool.truncate(to: 0)
    try spool.append(bytes)
  }
}
