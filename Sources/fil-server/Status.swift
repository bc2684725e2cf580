internal import FilProtocol
internal import FilServer
internal import Terminal
internal import Text

let statusCommand = Command(
  "status", "DIR", summary: "says what the newsroom has, and what was signed last",
  options: [Command.Option("json", help: "print one JSON value, errors too")],
  example: "fil-server status newsroom --json"
) { (arguments) throws(Failure) in
  let status = try attempt { () throws(NewsroomError) in try Status(arguments.operands[0]) }
  if arguments.has("json") {
    Output.line(status.json.text)
  } else {
    Output.write(status.text)
  }
  return .done
}

extension Status {
  fileprivate var json: JSON {
    [
      "origin": .string(key.name), "name": .string(name), "key": .string("\(key)"),
      "version": JSON(head?.version), "signed": JSON(head.map { RFC3339.format($0.time) }),
      "articles": .integer(articles), "retracted": .integer(retracted),
      "unsigned": .integer(unsigned), "held": .integer(held),
      "erasurePending": .bool(isErasurePending),
      "url": JSON(url), "witness": .string(witness), "bytes": .integer(size),
    ]
  }

  fileprivate var text: String {
    let signed = head.map { "\($0.version), signed \(RFC3339.format($0.time))" } ?? "nothing signed"
    var lines = [
      ("origin", key.name), ("name", name), ("version", signed),
      ("articles", "\(articles), of which \(retracted) retracted"),
      ("witness", witness), ("url", url ?? "none"), ("database", "\(size) bytes"),
      ("key", "\(key)"),
    ]
    if held > 0 {
      lines.append(
        ("held", "\(held) articles until their date, while `serve` or `import --every` runs"))
    }
    if unsigned > 0 {
      lines.append(("unsigned", "\(unsigned) changes; the next command that writes signs them"))
    }
    if isErasurePending {
      lines.append(("erasure", "pending: a reader is in the way; the next command tries again"))
    }
    return lines.map { name, value in
      name + String(repeating: " ", count: 10 - name.count) + value + "\n"
    }.joined()
  }
}

let fsckCommand = Command(
  "fsck", "DIR",
  summary: "hashes and verifies everything; exit status 6 where something is damaged",
  options: [Command.Option("json", help: "print one JSON value, errors too")],
  example: "fil-server fsck newsroom"
) { (arguments) throws(Failure) in
  let found = try attempt { () throws(NewsroomError) in try Inspection(arguments.operands[0]) }
  if arguments.has("json") {
    Output.line(
      JSON.object([
        "changes": .integer(found.changes), "bodies": .integer(found.bodies),
        "unsigned": .integer(found.unsigned), "damage": JSON(found.damage.map(JSON.string)),
      ]).text)
  } else {
    for line in found.damage { Output.error("damaged: \(line)") }
    Output.line(
      "\(found.changes) changes, \(found.bodies) bodies: "
        + (found.damage.isEmpty ? "all as signed" : "\(found.damage.count) damaged"))
    if found.unsigned > 0 {
      Output.line("\(found.unsigned) changes are not signed yet; the next publication signs them")
    }
    if !found.damage.isEmpty { Output.error("Restore a backup, then publish again.") }
  }
  return found.damage.isEmpty ? .done : .damaged
}

let backupCommand = Command(
  "backup", "DIR FILE", summary: "writes a copy of the database, while others publish",
  options: [Command.Option("json", help: "print one JSON value, errors too")],
  example: "fil-server backup newsroom /media/usb/newsroom.db"
) { (arguments) throws(Failure) in
  let (path, file) = (arguments.operands[0], arguments.operands[1])
  try attempt { () throws(NewsroomError) in try Newsroom.backup(path, to: file) }
  if arguments.has("json") {
    Output.line(JSON.object(["file": .string(file)]).text)
  } else {
    Output.line("\(file): the database. The key is not in it: keep \(path)/key by itself.")
    Output.line("To restore: put it into a folder as newsroom.db, with the key, then publish.")
  }
  return .done
}
