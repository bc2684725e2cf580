internal import FilProtocol
internal import FilServer
internal import Terminal

let initCommand = Command(
  "init", "DIR", summary: "makes a newsroom: its key, and the masthead as version 1",
  options: [
    Command.Option("origin", "NAME", help: "the feed's name for ever, such as askia24.net/fil"),
    Command.Option("name", "TEXT", help: "the newspaper's name (or in --masthead)"),
    Command.Option("masthead", "FILE", help: "sections and about text; else those of Askia 24"),
    Command.Option("url", "URL", help: "where readers will find the feed"),
    Command.Option(
      "witness", "FILE|URL|none",
      help: "where the last checkpoint is remembered outside DIR (default: --url)"),
    Command.Option("json", help: "print one JSON value, errors too"),
  ],
  example: #"fil-server init newsroom --origin askia24.net/fil --name "Askia 24""#
) { (arguments) throws(Failure) in
  let path = arguments.operands[0]
  let origin = try arguments.required("origin")
  let masthead: Masthead
  if let file = arguments["masthead"] {
    var read = try reading { () throws(InputError) in try MastheadFile.read(file) }
    if let name = arguments["name"] { read.name = name }
    masthead = read
  } else {
    masthead = .standard(name: try arguments.required("name"))
  }
  let newsroom = try attempt { () throws(NewsroomError) in
    try Newsroom.found(
      path, origin: origin, masthead: masthead, url: arguments["url"],
      witness: arguments["witness"])
  }
  if arguments.has("json") {
    Output.line(
      JSON.object(["key": .string("\(newsroom.key)"), "origin": .string(origin), "version": 1]).text
    )
  } else {
    Output.line("\(path): the newsroom of \(origin), version 1")
    Output.line("The secret key is \(path)/key: keep a copy of it where nobody else can read it.")
    Output.line("Readers need this line:")
    Output.line("\(newsroom.key)")
  }
  return .done
}

let keyCommand = Command(
  "key", "DIR", summary: "prints the verifier key that readers need",
  options: [Command.Option("json", help: "print one JSON value, errors too")],
  example: "fil-server key newsroom | tail -n 1"
) { (arguments) throws(Failure) in
  let archive = try attempt { () throws(NewsroomError) in
    try NewsroomArchive(arguments.operands[0])
  }
  if arguments.has("json") {
    Output.line(JSON.object(["key": .string("\(archive.key)")]).text)
  } else {
    Output.line("\(archive.key)")
  }
  return .done
}
