internal import FilProtocol
internal import Files

/// What is here already of an object.
extension SyncRun {
  /// Opens the spool of `transfer` and reads what is in it.
  func resume(_ transfer: Transfer, _ exchange: Exchange) throws(FilError) {
    exchange.transfer = transfer
    exchange.assembly = try assembly(transfer)
    do {
      exchange.spool = try AppendFile(replica.spoolPath(transfer.id), mode: 0o600)
      var at = 0
      while let bytes = try exchange.spool?.read(at: at, count: 65_536), !bytes.isEmpty {
        at += bytes.count
        exchange.assembly?.push(bytes)
        process(exchange)
        if exchange.failure != nil || exchange.ended { break }
      }
    } catch { throw .file(error) }
    if let failure = exchange.failure { throw failure }
    try finishWhole(exchange)
  }

  private func assembly(_ transfer: Transfer) throws(FilError) -> Assembly {
    let holdings = ReplicaHoldings(replica: replica)
    let state = try replica.state()
    switch transfer.resource {
    case .delta(let from, _, let selection, let floor):
      return Assembly(
        delta: try request(transfer, from, selection, floor, state), holdings)
    case .sync(let from, let selection, let floor):
      let volume: Int? = if case .volume(let volume) = floor { volume } else { nil }
      return Assembly(delta: try request(transfer, from, selection, volume, state), holdings)
    case .bodies(let volume, let digest, let selection):
      return Assembly(
        bodiesOf: volume, digest, selection, version: transfer.target, origin: replica.key.name,
        holdings)
    default: return Assembly()
    }
  }

  private func request(
    _ transfer: Transfer, _ from: Int, _ selection: Selection, _ floor: Int?, _ state: ReplicaState
  ) throws(FilError) -> DeltaRequest {
    // Without it an older head could not be told from a newer one.
    guard (state.highest == nil) == (state.highestHead == nil) else { throw .damaged("checkpoint") }
    return DeltaRequest(
      origin: replica.key.name, keys: try replica.keys(), from: from, selection: selection,
      floor: floor, highest: state.highestHead,
      headlinesHeld: transfer.headlinesHeld)
  }

  /// Cuts the spool back to `offset`, and reads what is left of it again.
  ///
  /// The spool first: bytes of one object are never found under the tag of another.
  func restart(
    _ transfer: Transfer, at offset: Int, _ exchange: Exchange
  ) throws(FilError) {
    do {
      var spool = try AppendFile(replica.spoolPath(transfer.id), mode: 0o600)
      try spool.truncate(to: offset)
    } catch { throw .file(error) }
    try replica.update(transfer)
    exchange.skip = 0
    try resume(transfer, exchange)
  }
}
