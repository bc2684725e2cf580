internal import FilProtocol
internal import FilSource
internal import Files

/// Writes the feed as plain files, one for each path of the protocol: any web server, bucket or stick
/// that holds the folder is a mirror.
///
/// Who can write to the folder can make downloads fail, and can do no more. The checkpoint is written
/// last, by rename: a reader of the folder sees the old head or the new one, complete.
public struct Export: Sendable {
  /// What was written.
  public struct Report: Sendable, Equatable {
    public var version = 0
    public var files = 0
    public var bytes = 0
    /// Files that were there already, and could not have changed.
    public var kept = 0
  }

  private let archive: NewsroomArchive
  private let path: String
  private let surroundings: Surroundings
  private let folder: String
  private let versions: Int
  /// The paths of this export.
  private var named: Set<String> = []

  /// Prepares an export of the newsroom at `path`.
  ///
  /// `versions`: from how many of the last signed versions a delta to the head is written.
  public init(
    _ path: String, to folder: String, versions: Int = 64,
    surroundings: Surroundings = Surroundings()
  ) throws(NewsroomError) {
    self.path = path
    self.surroundings = surroundings
    archive = try NewsroomArchive(path)
    self.folder = folder
    self.versions = versions
  }

  /// Writes what is new since the last export into the folder, and removes what is of no more use.
  public mutating func run() throws(NewsroomError) -> Report {
    let signed = try archive.head()
    let head = signed.checkpoint
    var report = Report(version: head.version)
    // Something erased must not lie on in a mirror: its older objects go first.
    let erased = try archive.lastErasure()
    let before = try previous()
    if before.map({ $0 < erased && erased <= head.version }) ?? false { try removeObjects() }
    let renderer = VolumeRenderer(archive)
    let digests = try archive.digests(asOf: head.version)
    try write(.state(head.version), &report) { () throws(RenderError<NewsroomError>) in
      try renderer.state(head.version)
    }
    for (volume, digest) in digests.enumerated() {
      try write(.volume(volume, digest), &report) { () throws(RenderError<NewsroomError>) in
        try renderer.records(volume, digest)
      }
      try write(.bodies(volume, digest, .all), &report) {
        () throws(RenderError<NewsroomError>) in try renderer.bodies(volume, digest, .all)
      }
    }
    try writeDeltas(to: head.version, &report)
    try put(signed.note, .checkpoint, &report)
    // The objects of the head before stay once more: somebody may be downloading them.
    for name in ["delta", "sync", "volume", "bodies", "state"] {
      try prune(Resource.root + name, before: before)
    }
    do throws(FileError) {
      try Upkeep.note(
        .export, folder, version: head.version, time: surroundings.now(), in: path)
    } catch { throw .file(error) }
    return report
  }

  /// The deltas to the head from the last versions and from nothing, under both of their names.
  private mutating func writeDeltas(
    to head: Int, _ report: inout Report
  ) throws(NewsroomError) {
    let archive = archive
    for version in [0] + (try archive.signedVersions(last: versions)) where version < head {
      let both = [Selection.all, .none].flatMap { [$0, $0.coded(.text)] }
      for selection in both {
        let delta = Resource.delta(from: version, to: head, selection, floor: 0)
        try write(delta, &report) { () throws(RenderError<NewsroomError>) in
          try DeltaRenderer(
            archive, from: version, to: head, selection: selection, floor: 0
          ).render()
        }
        let bytes: [UInt8]
        do { bytes = try Files.read(folder + delta.path, atMost: Export.largest) } catch {
          throw .file(error)
        }
        try put(bytes, .sync(from: version, selection, .volume(0)), &report)
      }
    }
  }

  private static let largest = 1 << 31

  /// Writes an object that never changes, unless it is there.
  private mutating func write(
    _ resource: Resource, _ report: inout Report,
    _ render: () throws(RenderError<NewsroomError>) -> [UInt8]
  ) throws(NewsroomError) {
    if Files.exists(folder + resource.path) {
      named.insert(resource.path)
      report.kept += 1
      return
    }
    do { try put(try render(), resource, &report) } catch let error as RenderError<NewsroomError> {
      if case .archive(let error) = error { throw error }
      throw .damaged(resource.path)
    } catch let error as NewsroomError { throw error } catch { throw .damaged(resource.path) }
  }

  private mutating func put(
    _ bytes: [UInt8], _ resource: Resource, _ report: inout Report
  ) throws(NewsroomError) {
    let path = folder + resource.path
    named.insert(resource.path)
    do {
      try Files.ensureDirectory(Files.parent(of: path))
      try Files.writeDurably(path, bytes)
    } catch { throw .file(error) }
    report.files += 1
    report.bytes += bytes.count
  }

  /// The version of the checkpoint that the folder has.
  private func previous() throws(NewsroomError) -> Int? {
    let path = folder + Resource.checkpoint.path
    guard Files.exists(path) else { return nil }
    do {
      let note = try Files.read(path, atMost: Limits.noteBytes)
      return (try? SignedCheckpoint(note: note))?.checkpoint.version
    } catch { throw .file(error) }
  }

  /// Removes the files below `path` that this export did not name; of `version`, deltas stay.
  private func prune(_ path: String, before version: Int?) throws(NewsroomError) {
    guard Files.exists(folder + path) else { return }
    do {
      for entry in try Files.list(folder + path) {
        let name = "\(path)/\(entry.name)"
        if entry.isDirectory {
          if let version, entry.name.hasSuffix("-\(version)") { continue }
          try prune(name, before: version)
          if try Files.list(folder + name).isEmpty { try Files.removeTree(folder + name) }
        } else if !named.contains(name) {
          try Files.removeTree(folder + name)
        }
      }
    } catch let error as NewsroomError { throw error } catch let error as FileError {
      throw .file(error)
    } catch { throw .damaged(path) }
  }

  private func removeObjects() throws(NewsroomError) {
    for name in ["delta", "sync", "volume", "bodies", "state", "body"] {
      do { try Files.removeTree(folder + Resource.root + name) } catch { throw .file(error) }
    }
  }
}
