internal import FilServer
internal import Terminal

let exportCommand = Command(
  "export", "DIR FOLDER",
  summary: "writes a mirror: plain files for any web server, bucket or stick",
  options: [
    Command.Option("versions", "N", help: "deltas from the last N signed versions (64)"),
    Command.Option("json", help: "print one JSON value, errors too"),
  ],
  example: "fil-server export newsroom /srv/mirror"
) { (arguments) throws(Failure) in
  let versions = try arguments.integer("versions", in: 1...100_000) ?? 64
  let report = try attempt { () throws(NewsroomError) in
    var export = try Export(
      arguments.operands[0], to: arguments.operands[1], versions: versions)
    return try export.run()
  }
  if arguments.has("json") {
    Output.line(
      JSON.object([
        "version": .integer(report.version), "files": .integer(report.files),
        "bytes": .integer(report.bytes), "kept": .integer(report.kept),
      ]).text)
  } else {
    Output.line(
      "version \(report.version): \(report.files) files written (\(report.bytes) bytes), "
        + "\(report.kept) kept")
  }
  return .done
}
