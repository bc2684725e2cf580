internal import Dispatch
internal import FilClient
internal import FilProtocol
internal import Synchronization
internal import Terminal

let serveStdioCommand = Command(
  "serve-stdio", "REPLICA", summary: "répond à un autre programme, une ligne JSON par question",
  options: [Command.Option("key", "CLÉ", help: "la clé de la rédaction, la première fois")],
  example: #"echo '{"id":1,"method":"status"}' | fil serve-stdio gao.db"#
) { (arguments) throws(Failure) in
  let signals = Signals()
  let replica = try open(arguments, key: try key(arguments))
  let session = StdioSession(replica)
  DispatchQueue.global().async {
    guard signals.wait(seconds: 1 << 30) else { return }
    session.stop()
    exit(.failed)
  }
  session.run()
  return .done
}

/// Requests of a host, one JSON object a line, and what they come to: `Client/stdio.md`.
///
/// Thread-safe: each request runs on a thread of its own, and lines are written whole.
final class StdioSession: Sendable {
  /// Bytes of a line of the input.
  static let lineBytes = 65_536
  /// Requests that may be open at once.
  static let openRequests = 64

  private struct Open {
    let cancellation: Cancellation
    let end: DispatchSemaphore
    /// It has no end of its own.
    let isEndless: Bool
  }

  private let replica: Replica
  private let open = Mutex<[JSON.ID: Open]>([:])
  private let output = Mutex(())
  private let isStopping = Atomic(false)
  private let group = DispatchGroup()

  init(_ replica: Replica) { self.replica = replica }

  /// Answers until the input ends and everything that was asked is answered.
  func run() {
    var number = 0
    Input.forEachLine(atMost: Self.lineBytes) { line in
      number += 1
      switch line {
      case .tooLong:
        refuse("longer than \(Self.lineBytes) bytes", line: number)
      case .line(let bytes):
        guard bytes.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return }
        do throws(JSON.Malformed) { take(try JSON(parsing: bytes), line: number) } catch {
          refuse("\(error)", line: number, offset: error.offset)
        }
      }
    }
    // Nobody can cancel these any more.
    cancel { $0.isEndless }
    group.wait()
  }

  /// Cancels everything, and waits until it is answered, or until the host does not read the answers.
  func stop() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    cancel { _ in true }
    _ = group.wait(timeout: .now() + 5)
  }

  private func cancel(where isMeant: (Open) -> Bool) {
    open.withLock { open in
      for request in open.values where isMeant(request) {
        request.cancellation.cancel()
        request.end.signal()
      }
    }
  }

  /// Begins what a line asks for.
  private func take(_ json: JSON, line: Int) {
    let request: StdioRequest
    do throws(StdioRequest.Refusal) { request = try StdioRequest(json) } catch {
      return refuse(error.what, line: line, id: error.id)
    }
    guard let method = request.method else { return cancel(request) }
    let entry = Open(
      cancellation: Cancellation(), end: DispatchSemaphore(value: 0),
      isEndless: method.name == "observe")
    let refusal = open.withLock { open -> String? in
      if isStopping.load(ordering: .sequentiallyConsistent) { return "the program is ending" }
      if open[request.id] != nil { return "id: a request with this id is open" }
      if open.count >= Self.openRequests { return "\(Self.openRequests) requests are open" }
      open[request.id] = entry
      return nil
    }
    if let refusal { return refuse(refusal, line: line, id: request.id) }
    let call = StdioCall(
      id: request.id, replica: replica, parameters: request.parameters,
      cancellation: entry.cancellation, end: entry.end, session: self)
    group.enter()
    do throws(FilError) {
      try OwnThread.startDetached {
        self.answer(call) { () throws(Failure) in try method.run(call) }
        self.group.leave()
      }
    } catch {
      answer(call) { () throws(Failure) in throw Failure(error, path: replica.path) }
      group.leave()
    }
  }

  private func answer(_ call: StdioCall, _ work: () throws(Failure) -> JSON) {
    let line: JSON
    do throws(Failure) {
      line = ["id": call.id.json, "result": try work()]
    } catch {
      var fields: [String: JSON] = ["id": call.id.json]
      fields["error"] = [
        "code": .string(error.code), "status": .integer(Int(error.status.rawValue)),
        "message": .string(error.message),
      ]
      if let report = call.report.withLock({ $0 }) { fields["report"] = report }
      line = .object(fields)
    }
    // First it is not open any more: its id may be used again by who reads the answer.
    open.withLock { $0[call.id] = nil }
    write(line)
  }

  /// Cancels the request that `params.id` names.
  private func cancel(_ request: StdioRequest) {
    let found = request.meant.flatMap { meant in open.withLock { $0[meant] } }
    found?.cancellation.cancel()
    found?.end.signal()
    write(["id": request.id.json, "result": ["cancelled": .bool(found != nil)]])
  }

  private func refuse(_ what: String, line: Int, offset: Int? = nil, id: JSON.ID? = nil) {
    var error: [String: JSON] = [
      "code": "usage", "status": .integer(Int(ExitStatus.usage.rawValue)),
      "message": .string("line \(line): \(what)"), "line": .integer(line),
    ]
    if let offset { error["byte"] = .integer(offset) }
    write(["id": id?.json ?? .null, "error": .object(error)])
  }

  /// Writes one line; when nobody reads any more, everything is cancelled.
  func write(_ line: JSON) {
    let text = line.text + "\n"
    let isRead = output.withLock { _ in Output.write(text) }
    if !isRead { cancel { _ in true } }
  }
}
