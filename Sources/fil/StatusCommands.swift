internal import FilClient
internal import Terminal
internal import Text

let statusCommand = Command(
  "status", "REPLICA", summary: "dit où en est la réplique", options: [jsonOption],
  example: "fil status gao.db"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  let status = try attempt(replica.path) { () throws(FilError) in try replica.status() }
  if arguments.has("json") {
    Output.line(JSON(status).text)
    return .done
  }
  Output.line("Fil         \(status.origin)")
  guard status.version > 0 else {
    Output.line("Rien n'a encore été reçu : lancez fil sync.")
    return .done
  }
  let signed = status.signed.map { " signée le \(FrenchDate.dateAndTime($0)) (UTC)" } ?? ""
  Output.line("Version     \(status.version),\(signed)")
  Output.line("Articles    \(status.articles), depuis le numéro \(status.oldest)")
  Output.line("Textes      \(status.bodies) ici, \(status.missingBodies) à venir")
  if status.openWishes > 0 { Output.line("Demandés    \(status.openWishes) textes à venir") }
  Output.line("Rubriques   \(status.choice.words)")
  if status.spoolTotal > 0 {
    Output.line("En cours    \(status.spooled) octets reçus sur \(status.spoolTotal)")
  }
  Output.line("Dépensé     \(status.bytesReceived) octets reçus, \(status.bytesSent) envoyés")
  if let source = status.source { Output.line("Source      \(source)") }
  if status.pendingErasures > 0 {
    Output.line(
      "Effacement  \(status.pendingErasures) en attente : il se fera à la prochaine synchronisation"
    )
  }
  if status.forks > 0 {
    Output.line("ATTENTION   deux versions signées se contredisent : prévenez la rédaction")
  }
  return .done
}

let verifyCommand = Command(
  "verify", "REPLICA", summary: "recalcule toutes les preuves de ce qui est ici",
  options: [
    Command.Option("repair", help: "oublie ce qui est abîmé et va le rechercher"), jsonOption,
  ],
  example: "fil verify gao.db --repair"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  let path = replica.path
  let repair = arguments.has("repair")
  var found = try attempt(path) { () throws(FilError) in try replica.verify(repair: repair) }
  let damage = found.damage
  if repair, !found.isSound {
    let list = try sources(arguments, replica)
    do throws(SyncFailure) { try replica.sync(from: list) } catch {
      throw Failure(error.error, path: path)
    }
    found = try attempt(path) { () throws(FilError) in try replica.verify() }
  }
  if arguments.has("json") {
    Output.line(
      JSON.object([
        "version": .integer(found.version), "records": .integer(found.records),
        "bodies": .integer(found.bodies), "sound": .bool(found.isSound),
        "damage": JSON(damage.map(JSON.string)), "repaired": .bool(repair && found.isSound),
      ]).text)
  } else {
    for place in damage { Output.line("abîmé : \(place)") }
    if repair, !damage.isEmpty, found.isSound { Output.line("Réparé.") }
    if found.isSound {
      Output.line(
        "Tout est conforme à ce que la rédaction a signé : version \(found.version), "
          + "\(found.records) notices, \(found.bodies) textes.")
    }
  }
  return found.isSound ? .done : .damaged
}

extension SectionChoice {
  fileprivate var words: String {
    switch self {
    case .all: "toutes"
    case .none: "titres seulement"
    case .sections(let slugs): slugs.joined(separator: ", ")
    }
  }
}

extension JSON {
  init(_ status: ReplicaStatus) {
    let sections: JSON
    switch status.choice {
    case .all: sections = "all"
    case .none: sections = "none"
    case .sections(let slugs): sections = JSON(slugs.map(JSON.string))
    }
    self = [
      "origin": .string(status.origin), "key": .string(status.key),
      "version": .integer(status.version), "signed": .time(status.signed),
      "articles": .integer(status.articles), "bodies": .integer(status.bodies),
      "missingBodies": .integer(status.missingBodies), "openWishes": .integer(status.openWishes),
      "sections": sections,
      "oldest": .integer(status.oldest), "spooled": .integer(status.spooled),
      "spoolTotal": .integer(status.spoolTotal), "bytesReceived": .integer(status.bytesReceived),
      "bytesSent": .integer(status.bytesSent), "synced": .time(status.synced),
      "source": JSON(status.source), "pendingErasures": .integer(status.pendingErasures),
      "forks": .integer(status.forks), "complete": .bool(status.isComplete),
    ]
  }
}
