internal import FilProtocol

extension SyncRun {
  /// How many bodies in a row a source may lack before no more of a volume are asked for.
  private static let patienceWithHoles = 8

  /// Brings the text that a reader asked for first; false when there is none to bring.
  func grantWish() throws(FilError) -> Bool {
    guard let wish = try replica.openWishes().first(where: { !lacking.contains($0.number) })
    else { return false }
    try fetch([wish])
    return true
  }

  /// The bodies that are wanted, not held, and not known to be missing from this source.
  func obtainable() throws(FilError) -> [MissingBody] {
    try replica.missingBodies().filter { !lacking.contains($0.number) }
  }

  /// Fetches the missing bodies of `volume` one by one: together the source does not have them.
  ///
  /// A relay may lack some, and have the others.
  func fillAlone(_ volume: Int) throws(FilError) {
    let here = try obtainable().filter { $0.number / Limits.volume == volume }
    var holes = 0
    for (place, body) in here.enumerated() {
      try fetch([body])
      holes = lacking.contains(body.number) ? holes + 1 : 0
      guard holes == SyncRun.patienceWithHoles else { continue }
      lacking.formUnion(here[place...].map(\.number))
      return
    }
  }

  /// - Throws: `notFound` when this source lacks what is wanted: another may have it.
  func nameHoles() throws(FilError) {
    guard !lacking.isEmpty else { return }
    let hole = try replica.missingBodies().first { lacking.contains($0.number) }
    if let hole { throw .notFound("\(source.name): body \(hole.number)") }
  }

  /// Asks for headlines alone, from a source that does not have them together with bodies.
  ///
  /// Where old volumes are not held a relay may be unable to give the masthead any other way.
  func openHeadlines(from version: Int, _ floor: Resource.Floor) throws(FilError) {
    let path = Resource.sync(from: version, Selection.none.coded(codec), floor).path
    try open(SourceRequest(path: path), base: version)
  }

  /// A small object of a source on this machine: without a spool, since nothing can be cut.
  func read(_ resource: Resource) throws(FilError) -> [UInt8] {
    var bytes: [UInt8] = []
    var status = 0
    report.requests += 1
    do throws(SourceError) {
      _ = try source.fetch(
        SourceRequest(path: resource.path), cancellation: cancellation,
        onHead: { head in
          status = head.status
          return status == 200 && head.length ?? 0 <= SyncRun.wholeBytes
        },
        onBytes: { piece in
          bytes += piece
          return bytes.count <= SyncRun.wholeBytes
        })
    } catch {
      if error.kind == .cancelled { throw .cancelled }
      throw .offline("\(source.name): \(error.detail)")
    }
    guard status == 200 else { throw .notFound("\(source.name): \(resource.path)") }
    return bytes
  }
}
