internal import Dispatch
internal import FilClient
internal import FilProtocol
internal import Terminal
internal import Text

let syncCommand = Command(
  "sync", "REPLICA", summary: "va chercher les nouvelles et les vérifie",
  options: [
    fromOption,
    Command.Option("key", "CLÉ", help: "la clé de la rédaction, la première fois"),
    Command.Option(
      "sections", "A,B", help: "les textes de ces rubriques et de leurs sous-rubriques"),
    Command.Option(
      "first", "A,B", help: "les textes de ces rubriques d'abord ; « aucune » : plus d'ordre"),
    Command.Option("headlines", help: "les titres seulement"),
    Command.Option("all", help: "les textes de toutes les rubriques"),
    Command.Option("days", "N", help: "au moins les N derniers jours"),
    Command.Option("budget", "OCTETS", help: "ne pas dépenser plus, comme 50k (k = 1 000)"),
    jsonOption,
  ],
  example: "fil sync gao.db --from https://fil.askia24.net --key askia24.net/fil+…"
) { (arguments) throws(Failure) in
  let path = arguments.operands[0]
  // Before any thread: Ctrl-C then asks for an orderly end.
  let signals = Signals()
  let replica = try open(arguments, key: try key(arguments))
  var options = SyncOptions()
  options.choice = try choice(arguments)
  options.first = arguments["first"].map {
    $0 == "aucune" ? [] : $0.split(separator: ",").map(String.init)
  }
  options.days = try arguments.integer("days", in: 1...3_650)
  options.budget = try arguments.size("budget")
  let list = try sources(arguments, replica)
  let cancellation = Cancellation()
  DispatchQueue.global().async { if signals.wait(seconds: 1 << 30) { cancellation.cancel() } }
  let line = ProgressLine(shown: Output.isTerminal(.error) && !arguments.has("json"))
  do throws(SyncFailure) {
    let report = try replica.sync(
      from: list, options, cancellation: cancellation,
      onAttempt: { attempt in
        // Of several sources the person should know which one did not help.
        guard let error = attempt.error, list.count > 1 else { return }
        line.clear()
        Output.error("\(attempt.source) : \(Failure(error, path: path).message)")
      }, onProgress: line.show)
    line.clear()
    tell(report, arguments)
    return .done
  } catch {
    line.clear()
    let failure = Failure(error.error, path: path)
    guard arguments.has("json") else {
      tell(error.report, arguments)
      throw failure
    }
    tell(failure, error.report)
    return failure.status
  }
}

/// The key that was given.
func key(_ arguments: Arguments) throws(Failure) -> VerifierKey? {
  guard let text = arguments["key"] else { return nil }
  do { return try VerifierKey(parsing: text) } catch {
    throw .usage("--key : ce n'est pas une clé de rédaction (\(error)) ; copiez la ligne entière")
  }
}

private func choice(_ arguments: Arguments) throws(Failure) -> SectionChoice? {
  let given = [arguments["sections"] != nil, arguments.has("headlines"), arguments.has("all")]
  guard given.filter({ $0 }).count < 2 else {
    throw .usage("--sections, --headlines et --all s'excluent")
  }
  if arguments.has("headlines") { return SectionChoice.none }
  if arguments.has("all") { return .all }
  return arguments["sections"].map { .sections($0.split(separator: ",").map(String.init)) }
}

/// One value: the error, what was done until then, and `more`.
func tell(_ failure: Failure, _ report: SyncReport, _ more: [String: JSON] = [:]) {
  let error: JSON = [
    "error": ["code": .string(failure.code), "message": .string(failure.message)],
    "report": JSON(report),
  ]
  Output.line(error.adding(more).text)
}

/// What a sync did, as a sentence or a JSON value with `more`.
func tell(_ report: SyncReport, _ arguments: Arguments, _ more: [String: JSON] = [:]) {
  if arguments.has("json") { return Output.line(JSON(report).adding(more).text) }
  let bytes = "\(report.bytesReceived) octets reçus, \(report.bytesSent) envoyés"
  let requests = "\(report.requests) requête\(report.requests > 1 ? "s" : "")"
  if report.from == report.to, report.bodies == 0, report.complete {
    Output.line("Rien de nouveau (version \(report.to)) : \(bytes), \(requests).")
  } else {
    Output.line(
      "Version \(report.from) → \(report.to) : \(report.headlines) titres, \(report.bodies) textes ; "
        + "\(bytes), \(requests).")
  }
  if report.missingBodies > 0 {
    Output.line("\(report.missingBodies) textes ne sont pas encore là.")
  }
  if let signed = report.signed {
    Output.line("Mis à jour le \(FrenchDate.dateAndTime(signed)) (UTC).")
  }
}

/// One line on the terminal that says how far the sync is.
private final class ProgressLine {
  private let shown: Bool
  private var width = 0

  init(shown: Bool) { self.shown = shown }

  func show(_ progress: SyncProgress) {
    guard shown else { return }
    var text = "\(progress.done / 1_000) / \(progress.total / 1_000) ko"
    if progress.rate >= 1 {
      let left = Int(Double(progress.total - progress.done) / progress.rate)
      text += ", \(Int(progress.rate * 8 / 1_000)) kbit/s, encore \(left / 60) min \(left % 60) s"
    }
    text += " ; \(progress.headlines) titres, \(progress.bodies) textes"
    Output.write(
      "\r" + text + String(repeating: " ", count: max(0, width - text.count)), to: .error)
    width = text.count
  }

  func clear() {
    guard width > 0 else { return }
    Output.write("\r" + String(repeating: " ", count: width) + "\r", to: .error)
    width = 0
  }
}
