internal import Terminal
internal import TestSupport

let program = Program(
  "fil-weaklink", summary: "fil-weaklink puts a bad line in front of a server.",
  commands: [runCommand])

/// The words of the command line; a line that begins with an option means the only command.
func words() -> [String] {
  let words = Array(CommandLine.arguments.dropFirst())
  guard let first = words.first, first.hasPrefix("-"), first != "--help", first != "-h" else {
    return words
  }
  return ["run"] + words
}

private let runCommand = Command(
  "run", "", summary: "passes connections on, badly, until SIGTERM; then prints what passed",
  options: [
    Command.Option("to", "HOST:PORT", help: "the server, as 127.0.0.1:8024"),
    Command.Option("listen", "HOST:PORT", help: "where to listen (127.0.0.1:0, a free port)"),
    Command.Option(
      "profile", "NAME",
      help: WeakLine.profiles.keys.sorted().joined(separator: ", ") + " (clear)"),
    Command.Option("faster", "N", help: "makes the line N times as fast (1)"),
    Command.Option("fault", "A,B", help: WeakFault.names.joined(separator: ", ")),
    Command.Option("seed", "N", help: "of what is left to chance (1)"),
    Command.Option("log", help: "also prints each request at the end"),
  ],
  example: "fil-weaklink --profile 2g --to 127.0.0.1:8024 --fault cut:5000*2,flip:20000"
) { (arguments) throws(Failure) in
  let signals = Signals()
  let name = arguments["profile"] ?? "clear"
  guard let profile = WeakLine.profiles[name] else { throw .usage("no profile is called \(name)") }
  let factor = try arguments.integer("faster", in: 1...100_000) ?? 1
  let seed = try arguments.integer("seed", in: 0...Int.max) ?? 1
  var rules: [WeakRule] = []
  for text in (arguments["fault"] ?? "").split(separator: ",") {
    guard let rule = WeakRule(text) else {
      throw .usage("no fault is called \(text); write one of the names, or name:number*times")
    }
    rules.append(rule)
  }
  let target = try arguments.required("to")
  let link: WeakLink
  do {
    link = try WeakLink(
      to: target, profile.faster(Double(factor)), rules: rules, seed: UInt64(seed),
      listen: arguments["listen"] ?? "127.0.0.1:0")
  } catch { throw .usage("\(error)") }
  Output.line("listening on \(link.url)")
  while !signals.wait(seconds: 3_600) {}
  link.stop()
  let log = link.log
  if arguments.has("log") { for row in log.requests { Output.line(row.line) } }
  Output.line(log.summary)
  return .done
}

extension WeakLog.Request {
  /// One line: what was asked, what came, and how much of it arrived.
  fileprivate var line: String {
    let part = range.map { " [\($0)]" } ?? ""
    let marks = faults.isEmpty ? "" : " " + faults.map { "\($0)" }.joined(separator: ",")
    return "\(method) \(path)\(part): \(status), \(delivered) of \(length ?? 0) bytes\(marks)"
  }
}
