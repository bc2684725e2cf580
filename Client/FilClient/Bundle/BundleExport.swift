internal import Database
internal import FilProtocol
internal import FilSource
internal import Files

/// What a bundle that was written holds.
public struct BundleReport: Sendable, Equatable {
  /// Of the state that it holds.
  public var version = 0
  public var volumes = 0
  public var bodies = 0
  /// Bodies that the replica itself does not have.
  public var missingBodies = 0
  /// Of the file.
  public var bytes = 0
}

extension Replica {
  /// Writes what the replica holds into one file, for a stick or a message: `Protocol/bundle.md`.
  ///
  /// It is of one moment, while a sync may go on. The same state gives the same bytes. Until it is
  /// complete and on the disk, whatever was at `path` stays there.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - version: only volumes and bodies that came after it, for whoever stands there or later; nil:
  ///     everything.
  /// - Returns: what the file holds.
  /// - Throws: `notFound` before the first sync, and while one is unfinished that has erased what the
  ///   replica stood at, `damaged` when what is held is not what was signed,
  ///   `usage` for a version that is not reached yet, `file`.
  @discardableResult
  public func export(
    to path: String, since version: Int? = nil
  ) throws(FilError) -> BundleReport {
    do {
      return try ReplicaArchive(self).frozen { (archive) throws(RenderError<FilError>) in
        do throws(FilError) { return try archive.export(to: path, since: version ?? 0) } catch {
          throw .archive(error)
        }
      }
    } catch {
      throw FilError(error)
    }
  }
}

extension ReplicaArchive {
  fileprivate func export(to path: String, since: Int) throws(FilError) -> BundleReport {
    let moment = try current()
    let head = moment.head
    guard (0...head.version).contains(since) else {
      throw .usage("version \(since): the replica stands at \(head.version)")
    }
    guard try !lacksErased() else { throw .notFound("version \(head.version)") }
    var report = BundleReport(version: head.version)
    do {
      var writer = try BundleWriter(path)
      try writer.append(.checkpoint, moment.signed.note)
      let renderer = VolumeRenderer(self)
      if moment.floor > 0, since == 0 {
        // Below the floor there are no volumes: only a delta has the masthead with its path.
        let delta = Resource.delta(from: 0, to: head.version, .none, floor: moment.floor)
        try writer.append(
          delta,
          try DeltaRenderer(
            self, from: 0, to: head.version, selection: .none, floor: moment.floor
          ).render())
      }
      try writer.append(.state(head.version), try renderer.state(head.version))
      let volumes = try changed(since: since, moment)
      for volume in volumes {
        let digest = moment.digests[volume]
        try writer.append(.volume(volume, digest), try renderer.records(volume, digest))
      }
      report.volumes = volumes.count
      for volume in volumes { try write(bodiesOf: volume, since, head, &writer, &report) }
      report.bytes = try writer.finish()
    } catch let error as FilError { throw error } catch let error as FileError {
      throw .file(error)
    } catch let error as RenderError<FilError> {
      throw FilError(error)
    } catch { throw .damaged(path) }
    return report
  }

  /// Whether an unfinished sync has erased records of the state that is held.
  private func lacksErased() throws(FilError) -> Bool {
    try look { (connection, moment, _) throws(FilError) in
      do throws(DatabaseError) {
        return try connection.first(
          "SELECT 1 FROM article WHERE erased > ? AND number < ?", Value(moment.head.version),
          Value(moment.head.stateSize)
        ) { _ in true } ?? false
      } catch { throw .database(error) }
    }
  }

  /// The volumes that are held and that changed after `version`, newest first.
  private func changed(since version: Int, _ moment: ReplicaMoment) throws(FilError) -> [Int] {
    let numbers = try numbersChanged(after: version, through: moment.head.version) ?? []
    let volumes = NumberRanges(numbers.map { $0 / Limits.volume }.filter { $0 >= moment.floor })
    return volumes.numbers.reversed()
  }

  private func write(
    bodiesOf volume: Int, _ since: Int, _ head: Checkpoint, _ writer: inout BundleWriter,
    _ report: inout BundleReport
  ) throws(FilError) {
    for record in try records(ofVolume: volume, asOf: head.version).reversed()
    where record.version > since {
      guard let headline = Selection.all.wants(record) else { continue }
      guard let text = try body(headline.body) else {
        report.missingBodies += 1
        continue
      }
      do { try writer.append(.body(headline.body), Deflate.compress(text)) } catch {
        throw .file(error)
      }
      report.bodies += 1
    }
  }
}

extension FilError {
  /// What cannot be rendered from a replica's own state is damaged there.
  fileprivate init(_ error: RenderError<FilError>) {
    switch error {
    case .archive(let error): self = error
    case .notHere, .gone: self = .damaged("volume")
    }
  }
}
