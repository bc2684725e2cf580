internal import FilServer
internal import Terminal

let serveCommand = Command(
  "serve", "DIR [PLACE]", summary: "answers readers over HTTP until SIGTERM",
  options: [
    Command.Option("listen", "ADDRESS", help: "such as 127.0.0.1:8024; port 0 takes a free one"),
    Command.Option("behind-proxy", help: "all come from one address: do not limit it"),
    Command.Option("threads", "N", help: "that answer (1)"),
    Command.Option(
      "metrics", "ADDRESS", help: "numbers for Prometheus at /metrics there; none: nowhere"),
    .log(help: "what is logged: error, warning, info (that), debug"),
    Command.Option("import", "KIND", help: "also import PLACE, as `fil-server import` does"),
  ] + importing + [
    Command.Option("json", help: "errors as one JSON value")
  ],
  example: """
    fil-server serve newsroom --listen 127.0.0.1:8024
             fil-server serve newsroom --listen 127.0.0.1:8024 --import wordpress https://askia24.net --every 5m
    """
) { (arguments) throws(Failure) in
  let (task, period) = try servedImport(arguments)
  let signals = Signals()
  let address = try arguments.required("listen")
  let threads = try arguments.integer("threads", in: 1...64) ?? 1
  let log = try arguments.log()
  let metrics = arguments["metrics"].flatMap { $0 == "none" ? nil : $0 }
  let serving: Serving
  do throws(ServingError) {
    serving = try Serving(
      arguments.operands[0], address: address, behindProxy: arguments.has("behind-proxy"),
      threads: threads, metrics: metrics
    ) { answer in
      log(
        answer.status >= 500 ? .warning : .debug, "answered",
        [
          "kind": answer.kind, "status": answer.status, "bytes": answer.bytes,
          "ms": Int(answer.seconds * 1000),
        ])
    }
  } catch { throw Failure(error) }
  let end = address.lastIndex(of: ":") ?? address.endIndex
  Output.line("listening on http://\(address[..<end]):\(serving.port)")
  if let port = serving.metricsPort { log(.info, "metrics", ["port": port]) }
  ServiceManager.ready()
  let imports = ImportLoop(
    arguments.operands[0], task: task, period: period, json: arguments.has("json"),
    onTurn: { serving.count($0) })
  try imports.start()
  repeat {
    do throws(NewsroomError) {
      if try serving.renew() { log(.debug, "renewed") }
    } catch {
      // Readers go on being served; the operator reads why they will see an older time.
      log(.error, "renewal-failed", ["code": error.code, "message": error.description])
    }
  } while !signals.wait(seconds: 3600)
  ServiceManager.stopping()
  log(.info, "stopping")
  imports.stop()
  serving.stop()
  return .done
}

/// What is imported beside the serving, and how often in seconds; nil: what is held is published, and no more.
private func servedImport(
  _ arguments: Arguments
) throws(Failure) -> (task: ImportTask?, period: Int) {
  let path = arguments.operands[0]
  guard let kind = arguments["import"] else {
    guard arguments.operands.count == 1 else {
      throw .usage("\(arguments.operands[1]): what for? say --import KIND before it")
    }
    return (nil, 30)
  }
  guard arguments.operands.count == 2 else { throw .usage("--import \(kind): of which place?") }
  let task = try ImportTask(
    arguments, kind: kind, place: arguments.operands[1], path, isRepeated: true)
  return (task, try ImportTask.period(arguments) ?? 300)
}
