internal import FilProtocol
internal import FilServer
internal import Terminal

let publishCommand = Command(
  "publish", "DIR [FILE.md…]", summary: "publishes articles, corrects those that it knows",
  options: [
    Command.Option("jsonl", "FILE", help: "one article a line; - reads the input")
  ] + writing,
  example: "fil-server publish newsroom Server/Samples/[0-9]*.md"
) { (arguments) throws(Failure) in
  var files: [Submission] = []
  if let file = arguments["jsonl"] {
    files.append(
      Submission(
        file,
        result { () throws(InputError) in
          guard file == "-" else { return try ArticleLines.read(file) }
          guard let bytes = Input.read(atMost: ArticleLines.fileBytes) else {
            throw InputError(file, nil, "cannot be read to its end; name a file instead")
          }
          return try ArticleLines.parse(file, bytes)
        }))
  }
  for file in arguments.operands.dropFirst() {
    files.append(
      Submission(file, result { () throws(InputError) in [try ArticleFile.read(file)] }))
  }
  guard !files.isEmpty else { throw .usage("publish what? name files, or --jsonl FILE") }
  let newsroom = try open(arguments, "publish")
  let receptions = try attempt { () throws(NewsroomError) in
    try newsroom.publish(files, restored: arguments.has("restored"))
  }
  if arguments.has("json") {
    Output.line(JSON(receptions.flatMap(json)).text)
  } else {
    for reception in receptions { tell(reception) }
  }
  let refused = receptions.contains { if case .failure = $0.outcome { true } else { false } }
  return refused ? .usage : .done
}

private func result(_ read: () throws(InputError) -> [Draft]) -> Result<[Draft], InputError> {
  do throws(InputError) { return .success(try read()) } catch { return .failure(error) }
}

private func json(_ reception: Reception) -> [JSON] {
  switch reception.outcome {
  case .success(let outcomes):
    return outcomes.map { $0.json(file: reception.file) }
  case .failure(let error):
    return [
      [
        "file": .string(reception.file), "number": nil, "action": "refused",
        "error": ["code": "input", "message": .string(error.description)],
      ]
    ]
  }
}

private func tell(_ reception: Reception) {
  switch reception.outcome {
  case .success(let outcomes) where outcomes.count == 1:
    Output.line("\(reception.file): \(outcomes[0].text)")
  case .success(let outcomes):
    let counts = [Outcome.Action.published, .corrected, .unchanged, .held].map { action in
      "\(outcomes.count { $0.action == action }) \(action)"
    }
    Output.line("\(reception.file): \(counts.joined(separator: ", "))")
  case .failure(let error):
    Output.error("fil-server: \(error); nothing of this file is published")
  }
}

extension Outcome {
  var text: String {
    action == .held
      ? "held until its date, while `serve` or `import --every` runs"
      : "\(action) as article \(number)"
  }

  func json(file: String?) -> JSON {
    var fields: [String: JSON] = [
      "number": action == .held ? nil : .integer(number), "action": .string(action.rawValue),
    ]
    if let file { fields["file"] = .string(file) }
    return .object(fields)
  }
}

/// The number in the second operand.
private func number(_ arguments: Arguments) throws(Failure) -> Int {
  guard let number = Int(arguments.operands[1]), number > 0 else {
    throw .usage("\(arguments.operands[1]) is no article number; it is a number from 1")
  }
  return number
}

private func tell(_ outcome: Outcome, _ arguments: Arguments, file: String?) {
  if arguments.has("json") {
    Output.line(outcome.json(file: file).text)
  } else {
    Output.line("article \(outcome.number): \(outcome.action)")
  }
}

let correctCommand = Command(
  "correct", "DIR NUMBER FILE.md", summary: "replaces an article, or brings a retracted one back",
  options: [
    Command.Option("note", "TEXT", help: "what was corrected, for readers"),
    Command.Option("erase", help: "remove the bytes of earlier revisions, everywhere, for good"),
  ] + writing,
  example: #"fil-server correct newsroom 12 article.md --note "A figure was wrong""#
) { (arguments) throws(Failure) in
  let number = try number(arguments)
  let file = arguments.operands[2]
  let draft = try reading { () throws(InputError) in
    let draft = try ArticleFile.read(file)
    return try arguments["note"].map { (note) throws(InputError) in try draft.noting(note) }
      ?? draft
  }
  let newsroom = try open(arguments, "correct")
  let outcome = try attempt { () throws(NewsroomError) in
    try newsroom.correct(
      number, with: draft, erase: arguments.has("erase"), restored: arguments.has("restored"))
  }
  tell(outcome, arguments, file: file)
  return .done
}

let retractCommand = Command(
  "retract", "DIR NUMBER", summary: "withdraws an article; number, time and reason stay",
  options: [
    Command.Option("reason", "TEXT", help: "why, for readers"),
    Command.Option("erase", help: "remove its bytes, everywhere, for good"),
  ] + writing,
  example: #"fil-server retract newsroom 7 --reason "Published twice""#
) { (arguments) throws(Failure) in
  let number = try number(arguments)
  let reason = try arguments.required("reason")
  let newsroom = try open(arguments, "retract")
  let outcome = try attempt { () throws(NewsroomError) in
    try newsroom.retract(
      number, reason: reason, erase: arguments.has("erase"), restored: arguments.has("restored"))
  }
  tell(outcome, arguments, file: nil)
  return .done
}

let mastheadCommand = Command(
  "masthead", "DIR FILE", summary: "replaces the feed's name, contact, about text and sections",
  options: writing, example: "fil-server masthead newsroom Server/Samples/masthead.md"
) { (arguments) throws(Failure) in
  let masthead = try reading { () throws(InputError) in
    try MastheadFile.read(arguments.operands[1])
  }
  let newsroom = try open(arguments, "masthead")
  let changed = try attempt { () throws(NewsroomError) in
    try newsroom.replace(masthead: masthead, restored: arguments.has("restored"))
  }
  if arguments.has("json") {
    Output.line(JSON.object(["changed": .bool(changed)]).text)
  } else {
    Output.line(changed ? "the masthead is changed" : "the masthead is the same: nothing to do")
  }
  return .done
}
