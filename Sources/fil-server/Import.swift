internal import FilServer
internal import HTTP
internal import Terminal

let importing = [
  Command.Option("every", "TIME", help: "go on looking, such as 5m, until SIGTERM"),
  Command.Option("full", help: "wordpress: read every article again, once"),
  Command.Option("accept-withdrawals", help: "wordpress: withdraw also many at once, once"),
  Command.Option("section", "SLUG", help: "the section of articles that have none"),
  Command.Option("authors", "FILE", help: "names to show (default: DIR/authors.json, or none)"),
  Command.Option("user", "NAME", help: "wordpress: who asks; needs --password-file"),
  Command.Option("password-file", "FILE", help: "an application password; mode 0600"),
]

let importCommand = Command(
  "import", "DIR KIND PLACE",
  summary: "publishes what a site shows: wordpress URL, rss URL|FILE, wxr FILE, folder PATH",
  options: importing + [
    Command.Option("watch", help: "folder: go on looking, every 2 s where --every says nothing"),
    Command.Option("json", help: "print one JSON value a run, errors too"),
  ],
  example: """
    fil-server import newsroom wordpress https://askia24.net --every 5m
             fil-server import newsroom wxr export.xml
             fil-server import newsroom rss https://askia24.net/feed/ --section nord-actu
             fil-server import newsroom folder /srv/articles --watch
    """
) { (arguments) throws(Failure) in
  let path = arguments.operands[0]
  let period = try ImportTask.period(arguments)
  let task = try ImportTask(
    arguments, kind: arguments.operands[1], place: arguments.operands[2], path,
    isRepeated: period != nil)
  guard let period else {
    let report = try attemptImport { () throws(ImportError) in try task.run(Cancellation()) }
    report.tell(json: arguments.has("json"))
    return report.status
  }
  let signals = Signals()
  let loop = ImportLoop(path, task: task, period: period, json: arguments.has("json"))
  try loop.start()
  while !signals.wait(seconds: 3600) {}
  loop.stop()
  return .done
}

/// What is imported, as the command line says.
struct ImportTask: Sendable {
  private enum Work: Sendable {
    case wordPress(WordPressImport)
    case file(FileImport)
    case folder(FolderImport)
  }

  private let path: String
  private var work: Work
  private let authorization: String?

  init(
    _ arguments: Arguments, kind: String, place: String, _ path: String, isRepeated: Bool
  ) throws(Failure) {
    guard !SiteLogin.isIn(place) else {
      throw .usage(
        "no login in an address, it is stored and printed; give --user and --password-file")
    }
    self.path = path
    let authors = try ImportTask.authors(arguments, path)
    authorization = try ImportTask.authorization(arguments, place)
    switch kind {
    case "wordpress":
      var work = WordPressImport(place)
      work.isFull = arguments.has("full")
      work.acceptsWithdrawals = arguments.has("accept-withdrawals")
      work.authors = authors
      work.section = arguments["section"]
      self.work = .wordPress(work)
    case "rss", "wxr":
      var work = FileImport(kind == "rss" ? .feed : .export, place)
      work.authors = authors
      work.section = arguments["section"]
      self.work = .file(work)
    case "folder": work = .folder(FolderImport(place, isWatching: isRepeated))
    default:
      throw .usage("\(kind) cannot be imported; name one of wordpress, rss, wxr, folder")
    }
  }

  /// Seconds between two looks; nil: there is only one.
  static func period(_ arguments: Arguments) throws(Failure) -> Int? {
    if let text = arguments["every"] { return try Period.parse(text) }
    return arguments.has("watch") ? 2 : nil
  }

  /// The same for the looks that follow: `--full` and `--accept-withdrawals` hold for one.
  var next: ImportTask {
    var next = self
    if case .wordPress(let work) = work { next.work = .wordPress(work.next) }
    return next
  }

  func run(_ cancellation: Cancellation) throws(ImportError) -> ImportReport {
    let fetcher = WebFetcher(authorization: authorization, cancellation: cancellation)
    switch work {
    case .wordPress(let work): return try work.run(path, fetcher)
    case .file(let work): return try work.run(path, fetcher)
    case .folder(let work): return try work.run(path)
    }
  }

  private static func authors(
    _ arguments: Arguments, _ path: String
  ) throws(Failure) -> [String: String] {
    if let file = arguments["authors"] {
      return try reading { () throws(InputError) in try AuthorsFile.read(file) }
    }
    let file = "\(path)/authors.json"
    guard AuthorsFile.isThere(file) else { return [:] }
    return try reading { () throws(InputError) in try AuthorsFile.read(file) }
  }

  /// The field of a request that says who asks.
  private static func authorization(
    _ arguments: Arguments, _ place: String
  ) throws(Failure) -> String? {
    switch (arguments["user"], arguments["password-file"]) {
    case (nil, nil): return nil
    case (let user?, let file?):
      guard SiteLogin.isSafe(place) else {
        throw .usage("a password is not sent over plain HTTP; give an address that begins https://")
      }
      return try reading { () throws(InputError) in
        try SiteLogin.authorization(user: user, passwordFile: file)
      }
    default: throw .usage("--user and --password-file go together")
    }
  }
}

/// Times as people write them on a command line.
enum Period {
  /// Seconds, of `30s`, `5m`, `1h` or `2d`; at least 1, at most 30 days.
  static func parse(_ text: String) throws(Failure) -> Int {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()),
      (1...2_592_000).contains(number), (1...2_592_000).contains(number * unit)
    else { throw .usage("--every \(text): write a time such as 30s, 5m or 1h") }
    return number * unit
  }
}

extension Failure {
  /// What an import's error means for the one who gave the command.
  init(_ error: ImportError) {
    switch error {
    case .newsroom(let error): self.init(error)
    case .input(let error): self.init(error)
    case .silent: self.init(.offline, error.code, error.description)
    case .strange: self.init(.untrusted, error.code, error.description)
    case .cancelled: self.init(.failed, error.code, error.description)
    }
  }
}

/// Runs `work`; an import's error becomes the command's.
func attemptImport<R>(_ work: () throws(ImportError) -> R) throws(Failure) -> R {
  do throws(ImportError) { return try work() } catch { throw Failure(error) }
}

extension ImportReport {
  /// A person is asked where too much would go, or something could not be taken.
  var status: ExitStatus {
    count(.asked) > 0 ? .untrusted : count(.refused) > 0 ? .usage : .done
  }

  func tell(json: Bool) {
    if json {
      Output.line(self.json.text)
      return
    }
    Output.line("\(place): \(summary)")
    for entry in entries where entry.action == .refused {
      let what = entry.post == Entry.sections ? entry.post : "post \(entry.post)"
      Output.error("fil-server: \(place) \(what): \(entry.reason)")
    }
    if count(.asked) > 0 {
      Output.error(
        "fil-server: \(place): \(count(.asked)) articles are gone from the site at once, more than a "
          + "mistake may withdraw; none of them is withdrawn. If it is no mistake, run the import "
          + "with --accept-withdrawals")
    }
  }

  private var summary: String {
    let counts = [Entry.Action.published, .corrected, .withdrawn].map { "\(count($0)) \($0)" }
    let rare = [Entry.Action.refused, .held].filter { count($0) > 0 }.map { "\(count($0)) \($0)" }
    return (counts + ["\(unchanged) unchanged"] + rare).joined(separator: ", ")
      + (changesMasthead ? ", sections changed" : "") + " (\(requests) requests)"
  }

  private var json: JSON {
    [
      "place": .string(place), "published": .integer(count(.published)),
      "corrected": .integer(count(.corrected)), "withdrawn": .integer(count(.withdrawn)),
      "unchanged": .integer(unchanged), "refused": .integer(count(.refused)),
      "asked": .integer(count(.asked)), "held": .integer(count(.held)),
      "masthead": .bool(changesMasthead), "full": .bool(isFull), "requests": .integer(requests),
      "bytes": .integer(bytes),
      "posts": JSON(
        entries.map { entry in
          [
            "post": .string(entry.post), "number": JSON(entry.number),
            "action": .string(entry.action.rawValue),
            "reason": entry.reason.isEmpty ? nil : .string(entry.reason),
          ]
        }),
    ]
  }
}
