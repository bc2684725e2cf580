internal import Database
internal import FilProtocol

extension SyncRun {
  /// What to do after a source has said no.
  func refused(
    status: Int, path: String, transfer: Transfer?
  ) throws(FilError) {
    switch (status, transfer) {
    case (404, let transfer?), (410, let transfer?), (416, let transfer?):
      try replica.abandon(transfer)
      if transfer.isDelta, !transfer.headlinesHeld { try pollAgain() }
    case (404, nil), (410, nil):
      let resource = Resource(path: path)
      // A source without this order, or with deflate only, does not know this path.
      if status == 404, resource?.selection?.levels.isEmpty == false {
        asksForOrder = false
        if case .sync = resource { try pollAgain() }
        return
      }
      if status == 404, codec != .deflate, resource?.selection?.codec == codec {
        codec = .deflate
        if case .sync = resource { try pollAgain() }
        return
      }
      switch resource {
      case .sync(let from, let selection, let floor):
        if selection.wanted != .none, floor != .volume(0) {
          try openHeadlines(from: from, floor)
        } else {
          try compareDigests()
        }
      case .delta: try replica.digHoles()
      case .bodies(let volume, _, let selection): try fill(volume, without: selection)
      default: throw .notFound("\(source.name): \(path)")
      }
    default: throw .offline("\(source.name): HTTP \(status)")
    }
  }

  /// Without a delta: compares the digests of all volumes, and fetches those that differ [REP-7].
  private func compareDigests() throws(FilError) {
    let state = try replica.state()
    let offered = try fetchCheckpoint()
    do { try state.highestHead?.accept(offered.checkpoint) } catch {
      guard error.code == .forked, let held = state.highest else { throw .behind }
      try keepFork(held, offered.note)
      throw .untrusted(error)
    }
    if let held = state.signed, held.checkpoint.sameHead(as: offered.checkpoint) {
      if let volume = try replica.damagedVolumes().first {
        throw .notFound("\(source.name): volume \(volume)")
      }
      return try replica.accept(offered, over: held)
    }
    let path = Resource.state(offered.checkpoint.version)
    let listed: (head: SignedCheckpoint, digests: [Digest])
    do {
      listed = try VolumeReader.digests(
        try fetchWhole(path), origin: replica.key.name, keys: try replica.keys())
    } catch let error as ReadError<Never> { throw FilError(error) } catch let error as FilError {
      throw error
    } catch { throw .damaged("state") }
    guard listed.head.checkpoint.sameHead(as: offered.checkpoint) else {
      throw .untrusted(TrustError(.wrongObject, "state"))
    }
    // A first sync of some days begins with the newest volume; older ones follow as they are needed.
    let newest = state.version == 0 && options.days != nil ? listed.digests.count - 1 : 0
    try take(listed.digests, of: listed.head, floor: max(state.floor, newest))
  }

  private func take(
    _ digests: [Digest], of signed: SignedCheckpoint, floor: Int
  ) throws(FilError) {
    let head = signed.checkpoint
    var path: [Digest]?
    for volume in digests.indices.reversed() where volume >= floor || volume == 0 {
      // Records that a sync before this one has brought already need not come again.
      let held = try replica.leaves(ofVolume: volume)
      if volume >= floor, held.count == head.size(ofVolume: volume),
        Merkle.root(held) == digests[volume]
      {
        continue
      }
      if volume < floor, try replica.holdsMasthead(under: digests[0]) { continue }
      let records = try fetchRecords(volume, digests[volume], version: head.version)
      if volume == 0, floor > 0 { path = Merkle.firstPath(records.map(\.leaf)) }
      try commit(volume < floor ? Array(records.prefix(1)) : records, of: signed)
    }
    let masthead = path
    try replica.commit { (connection) throws(DatabaseError) in
      try connection.forgetHeads()
      try connection.move(to: signed, digests: digests, floor: floor, path: masthead)
      try connection.execute("UPDATE replica SET bodies_at = NULL")
      // All volumes were compared; what began elsewhere leads nowhere.
      try connection.execute("DELETE FROM damaged")
      try connection.execute("DELETE FROM transfer WHERE headlines = 0")
    }
    try replica.removeStraySpools()
  }

  private func commit(_ records: [Record], of signed: SignedCheckpoint) throws(FilError) {
    let highest = try replica.state().highestHead?.version ?? 0
    try replica.commit { (connection) throws(DatabaseError) in
      let erased = try ReplicaWriter(connection: connection).commit(records, replacing: true)
      if signed.checkpoint.version > highest {
        try connection.execute("UPDATE replica SET highest = ?", Value(signed.note))
      }
      if erased { try connection.execute("DELETE FROM transfer") }
    }
    report.headlines += records.count
    try replica.removeStraySpools()
  }

  /// The records of `volume`, verified against `digest`.
  func fetchRecords(
    _ volume: Int, _ digest: Digest, version: Int
  ) throws(FilError) -> [Record] {
    let bytes = try fetchWhole(.volume(volume, digest))
    do {
      return try VolumeReader.records(
        bytes, volume: volume, digest: digest, version: version, origin: replica.key.name)
    } catch { throw FilError(error) }
  }

  /// Fetches the volumes that a verification found damaged.
  func mend() throws(FilError) {
    let state = try replica.state()
    for volume in try replica.damagedVolumes() {
      do throws(FilError) { try mend(volume, state) } catch {
        // The volume is gone from the source, or was erased from: its head has another one.
        guard case .notFound = error else { throw error }
        skipPoll()
        return try compareDigests()
      }
    }
  }

  private func mend(_ volume: Int, _ state: ReplicaState) throws(FilError) {
    let digests = try ReplicaHoldings(replica: replica).digests(asOf: state.version)
    var records: [Record] = []
    var path: [Digest]?
    if digests.indices.contains(volume) {
      records = try fetchRecords(volume, digests[volume], version: state.version)
      if volume < state.floor {
        path = Merkle.firstPath(records.map(\.leaf))
        records = Array(records.prefix(1))
      }
    }
    let (mended, masthead) = (records, path)
    try replica.commit { (connection) throws(DatabaseError) in
      _ = try ReplicaWriter(connection: connection).commit(mended)
      try connection.execute("DELETE FROM damaged WHERE volume = ?", Value(volume))
      try connection.execute(
        "UPDATE replica SET bodies_at = NULL, path = coalesce(?, path)",
        Value(masthead.map { $0.flatMap(\.bytes) }))
    }
    report.headlines += mended.count
  }

  /// Makes the replica hold one more, older volume.
  func lowerFloor() throws(FilError) {
    let state = try replica.state()
    let volume = state.floor - 1
    let digests = try ReplicaHoldings(replica: replica).digests(asOf: state.version)
    let records = try fetchRecords(volume, digests[volume], version: state.version)
    try replica.commit { (connection) throws(DatabaseError) in
      _ = try ReplicaWriter(connection: connection).commit(records)
      try connection.execute(
        "UPDATE replica SET floor = ?, bodies_at = NULL", Value(volume))
    }
    report.headlines += records.count
  }

  /// Fetches the bodies that no object on its way will bring, the most important first, of those the
  /// newest volume [REP-8].
  func fill(_ all: [MissingBody], _ state: ReplicaState) throws(FilError) {
    let wanted = try replica.wanted()
    // Without an order of the reader's, what is fetched singly would come again with its volume.
    func rank(_ body: MissingBody) -> Int {
      body.isPressing && !wanted.levels.isEmpty ? -1 : wanted.level(of: body.section)
    }
    let foremost = all.map(rank).min()
    let missing = all.filter { rank($0) == foremost }
    guard let newest = missing.map({ $0.number / Limits.volume }).max() else { return }
    let here = missing.filter { $0.number / Limits.volume == newest }
    if try areFew(here) { return try fetch(here) }
    let digests = try ReplicaHoldings(replica: replica).digests(asOf: state.version)
    var selection = wanted.preferring([])
    if wanted.isByName || !wanted.levels.isEmpty || missing.count < all.count {
      do { selection = try Selection(sections: here.map(\.section)) } catch {
        throw .malformed(error)
      }
    }
    let path = Resource.bodies(newest, digests[newest], selection).path
    // It came, to its end, and they were not in it: asking again would not bring them.
    guard !finished.contains(path) else {
      throw .untrusted(TrustError(.wrongObject, "volume \(newest)"))
    }
    try open(SourceRequest(path: path), base: 0)
  }

  /// Whether `bodies`, all missing of one volume, cost less one by one.
  ///
  /// Alone each takes a request and is packed without the others; together those come again that
  /// are held.
  private func areFew(_ bodies: [MissingBody]) throws(FilError) -> Bool {
    guard bodies.count > 3, let number = bodies.first?.number else { return true }
    let first = number / Limits.volume * Limits.volume
    let sections = JSONText.array(bodies.map(\.section))
    let lengths = try replica.look { (connection) throws(DatabaseError) in
      try connection.first(
        """
        SELECT sum(length) FROM article WHERE number BETWEEN ?1 AND ?2 AND kind = 1
          AND section IN (SELECT value FROM json_each(?3))
        """, Value(first), Value(first + Limits.volume - 1), Value(sections)
      ) { $0.integer(0) } ?? 0
    }
    let alone = bodies.reduce(0) { $0 + $1.length / 2 + 600 }
    return bodies.count <= 16 && alone < lengths * 2 / 5
  }

  /// Fetches `bodies` one by one.
  func fetch(_ bodies: [MissingBody]) throws(FilError) {
    for body in bodies {
      let unit: [UInt8]
      do throws(FilError) { unit = try fetchWhole(.body(body.hash)) } catch {
        guard case .notFound = error else { throw error }
        lacking.insert(body.number)
        continue
      }
      let text: [UInt8]
      do { text = try Deflate.decompress(unit, size: body.length) } catch {
        throw .malformed(error)
      }
      guard BodyHash(of: text) == body.hash else {
        throw .untrusted(TrustError(.wrongDigest, "body \(body.number)"))
      }
      try replica.commit { (connection) throws(DatabaseError) in
        try ReplicaWriter(connection: connection).commit(text, body.hash)
      }
      report.bodies += 1
    }
  }

  /// A small object, through a spool of its own, so that a cut costs nothing.
  private func fetchWhole(_ resource: Resource) throws(FilError) -> [UInt8] {
    if source.isLocal { return try read(resource) }
    whole = nil
    if let begun = try replica.transfers().first(where: { $0.path == resource.path }) {
      try download(begun)
    }
    // Not begun, or what was here of it was refused; twice, for one that is cut and then refused.
    for _ in 0..<2 where whole == nil { try open(SourceRequest(path: resource.path), base: 0) }
    for transfer in try replica.transfers() where transfer.path == resource.path {
      try replica.end(transfer.id)
    }
    guard let whole else { throw .notFound("\(source.name): \(resource.path)") }
    return whole
  }

  /// The newest checkpoint of the source, verified.
  private func fetchCheckpoint() throws(FilError) -> SignedCheckpoint {
    var note: [UInt8] = []
    var status = 0
    report.requests += 1
    var isNote = false
    do {
      let traffic = try source.fetch(
        SourceRequest(path: Resource.checkpoint.path), cancellation: cancellation,
        onHead: { head in
          status = head.status
          isNote = head.type?.hasPrefix("text/plain") ?? false
          return head.status == 200 && isNote
        },
        onBytes: { bytes in
          note += bytes
          return note.count <= Limits.noteBytes
        })
      report.add(traffic)
    } catch {
      report.add(error.traffic)
      if error.kind == .cancelled { throw .cancelled }
      if status == 0 || status == 200 { throw .offline("\(source.name): \(error.detail)") }
    }
    guard status == 200 else {
      throw status == 404 ? .behind : .offline("\(source.name): HTTP \(status)")
    }
    guard isNote else {
      throw .offline("\(source.name): a portal or a proxy answers in its place")
    }
    do {
      let signed = try SignedCheckpoint(note: note)
      _ = try signed.verified(origin: replica.key.name, keys: try replica.keys())
      return signed
    } catch let error as FormatError { throw .malformed(error) } catch let error as TrustError {
      throw .untrusted(error)
    } catch { throw .damaged("checkpoint") }
  }
}
