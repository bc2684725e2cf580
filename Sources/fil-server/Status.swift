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
      "published": JSON(lastPublication.map(RFC3339.format)),
      "articles": .integer(articles), "retracted": .integer(retracted),
      "today": [
        "published": .integer(today.published), "corrected": .integer(today.corrected),
        "retracted": .integer(today.retracted),
      ],
      "unsigned": .integer(unsigned), "held": .integer(held),
      "erasurePending": .bool(isErasurePending),
      "url": JSON(url), "witness": .string(witness), "bytes": .integer(size),
      "folderBytes": .integer(folderSize),
      "upkeep": JSON(
        upkeep.deeds.map { deed -> JSON in
          [
            "what": .string(deed.kind.rawValue), "place": .string(deed.place),
            "version": .integer(deed.version), "time": .string(RFC3339.format(deed.time)),
          ]
        }),
    ]
  }

  fileprivate var text: String {
    var lines = [("newsroom", "\(name), \(key.name)")]
    if let head, let lastPublication {
      lines.append(("version", "\(head.version), published \(moment(lastPublication))"))
      lines.append(("signed", moment(head.time)))
    } else {
      lines.append(("version", "nothing is signed yet"))
    }
    lines += [
      ("articles", "\(articles), of which \(retracted) retracted"),
      (
        "today",
        "\(today.published) published, \(today.corrected) corrected, \(today.retracted) retracted"
      ),
      ("disk", "\(words(folderSize)), of which \(words(size)) database"),
      ("key", "\(key)"), ("url", url ?? "none"), ("witness", witness),
    ]
    for deed in upkeep.deeds {
      let behind =
        deed.version < head?.version ?? 0 ? "version \(deed.version), behind" : "up to date"
      lines.append((deed.kind.rawValue, "\(deed.place), \(behind), \(moment(deed.time))"))
    }
    if !upkeep.deeds.contains(where: { $0.kind == .backup }) {
      lines.append(("backup", "never; `fil-server backup` makes one"))
    }
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

  /// A time, and how long ago that is by this machine's clock.
  private func moment(_ time: Int) -> String { "\(RFC3339.format(time)) (\(age(now - time)))" }
}

/// How long ago, in one unit.
private func age(_ seconds: Int) -> String {
  if seconds < 0 { return "in the future: a clock is wrong" }
  if seconds < 60 { return "just now" }
  for (unit, length) in [("day", 86400), ("hour", 3600), ("minute", 60)] {
    let count = seconds / length
    if count > 0 { return "\(count) \(unit)\(count > 1 ? "s" : "") ago" }
  }
  return "just now"
}

/// A size with its unit, in thousands.
private func words(_ bytes: Int) -> String {
  for (unit, size) in [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)] where bytes >= size
  {
    return "\(bytes / size).\(bytes % size * 10 / size) \(unit)"
  }
  return "\(bytes) bytes"
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
