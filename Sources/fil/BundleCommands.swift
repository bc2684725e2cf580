internal import FilClient
internal import FilProtocol
internal import Terminal

let exportCommand = Command(
  "export", "REPLICA", summary: "écrit les nouvelles dans un fichier, pour une clé USB",
  options: [
    Command.Option("to", "FICHIER", help: "le fichier à écrire, comme news.fil"),
    Command.Option(
      "since", "VERSION", help: "seulement ce qui est venu après cette version (voir fil status)"),
    jsonOption,
  ],
  example: "fil export gao.db --to /media/usb/news.fil"
) { (arguments) throws(Failure) in
  guard let path = arguments["to"] else {
    throw .usage("--to manque : dites quel fichier écrire, comme news.fil")
  }
  let replica = try open(arguments)
  let since = try arguments.integer("since", in: 0...Limits.versions)
  let held = try attempt(replica.path) { () throws(FilError) in try replica.status().version }
  if let since, since > held {
    throw .usage("--since : la réplique en est à la version \(held)")
  }
  let report: BundleReport
  do throws(FilError) { report = try replica.export(to: path, since: since) } catch {
    guard case .notFound = error else { throw Failure(error, path: replica.path) }
    throw Failure(
      .notFound, error.code,
      "\(replica.path) n'a pas de version entière : terminez d'abord la synchronisation (fil sync \(replica.path))."
    )
  }
  if arguments.has("json") {
    Output.line(
      JSON.object([
        "version": .integer(report.version), "volumes": .integer(report.volumes),
        "bodies": .integer(report.bodies), "missingBodies": .integer(report.missingBodies),
        "bytes": .integer(report.bytes),
      ]).text)
    return .done
  }
  Output.line(
    "\(path) : version \(report.version), \(report.bodies) textes, \(report.bytes) octets.")
  if report.missingBodies > 0 {
    Output.line("\(report.missingBodies) textes manquent : la réplique ne les a pas.")
  }
  return .done
}

let importCommand = Command(
  "import", "REPLICA FICHIER", summary: "prend les nouvelles d'un fichier et les vérifie",
  options: [
    Command.Option("key", "CLÉ", help: "la clé de la rédaction, la première fois"), jsonOption,
  ],
  example: "fil import gao.db /media/usb/news.fil"
) { (arguments) throws(Failure) in
  let source = BundleSource(arguments.operands[1])
  let contents = try attempt(source.name) { () throws(FilError) in try source.contents() }
  let replica = try open(arguments, key: try key(arguments))
  let json = arguments.has("json")
  if let fault = contents.fault, !json {
    Output.error(
      "fil: \(source.name) est incomplet ou abîmé (\(fault)) : ce qui est entier est repris.")
  }
  // Whoever reads JSON is not told on standard error.
  let more: [String: JSON] = ["incomplete": .bool(contents.fault != nil)]
  do throws(SyncFailure) {
    tell(try replica.importBundle(source), arguments, more)
    return .done
  } catch {
    let failure = importFailure(error.error, source.name, replica.path)
    if json {
      tell(failure, error.report, more)
      return failure.status
    }
    tell(error.report, arguments)
    throw failure
  }
}

private func importFailure(_ error: FilError, _ name: String, _ path: String) -> Failure {
  switch error {
  case .notFound:
    Failure(
      .notFound, error.code,
      "\(name) n'a pas tout ce qu'il faut ici : ce qu'il a est repris, le reste viendra avec la prochaine synchronisation."
    )
  case .behind:
    Failure(.behind, error.code, "\(name) est plus ancien que ce que vous avez déjà.")
  default: Failure(error, path: path)
  }
}
