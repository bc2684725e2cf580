public import FilProtocol
internal import Files
internal import Synchronization

/// A bundle file as a source, such as one on a stick: `Protocol/bundle.md`.
///
/// What it holds is not trusted more than what a line brings. Reading costs no bytes of a budget. A
/// copy that ends too early, or that its stick has damaged, gives what is whole; the rest is "not
/// here", so that a sync goes on with another source. Thread-safe.
public final class BundleSource: Source {
  /// What was found in a bundle, before anything of it is verified.
  public struct Contents: Sendable {
    /// Of the checkpoint that it says it has; nil: there is none.
    public var version: Int?
    /// How many objects.
    public var objects = 0
    /// Where the file stops making sense; nil: it is complete.
    public var fault: FormatError?
    /// Of a first copy that has no old volumes: the oldest that it has.
    public var floor: Int?
  }

  fileprivate struct Place: Sendable {
    var offset: Int
    var entry: Bundle.Entry

    /// Whether it is no larger than its kind may be: only then it is read into memory [BUN-2].
    var isOfSize: Bool {
      entry.size <= (entry.resource == .checkpoint ? Limits.noteBytes : Limits.bundleObjectBytes)
    }
  }

  fileprivate struct Index: Sendable {
    var places: [Resource: Place] = [:]
    var contents = Contents()
  }

  public let name: String
  private let path: String
  private let index = Mutex<Index?>(nil)

  public var isLocal: Bool { true }

  /// `path`: of the file, which is opened when it is first asked.
  public init(_ path: String) {
    self.path = path
    name = path
  }

  /// What is in the file.
  ///
  /// - Throws: `file` when it cannot be read, `malformed` when it is no bundle at all.
  public func contents() throws(FilError) -> Contents {
    let file = try open()
    return try read(file).contents
  }

  private func open() throws(FilError) -> ReadFile {
    do { return try ReadFile(path) } catch { throw .file(error) }
  }

  /// The index, made at the first call.
  private func read(_ file: borrowing ReadFile) throws(FilError) -> Index {
    if let known = index.withLock({ $0 }) { return known }
    var index = Index()
    do {
      var offset = try Bundle.begin(try file.read(at: 0, count: Bundle.magic.count))
      do {
        while try add(&index, file, &offset) {}
      } catch let error as FormatError { index.contents.fault = error }
    } catch let error as FileError { throw .file(error) } catch let error as FormatError {
      throw .malformed(error)
    } catch { throw .damaged(path) }
    index.contents.objects = index.places.count
    if let place = index.places[.checkpoint], place.isOfSize,
      let note = try? file.read(at: place.offset, count: place.entry.size),
      let signed = try? SignedCheckpoint(note: note)
    {
      index.contents.version = signed.checkpoint.version
    }
    let made = index
    self.index.withLock { $0 = made }
    return made
  }

  /// Adds the entry at `offset`, and moves it to the next one; false at the end.
  private func add(
    _ index: inout Index, _ file: borrowing ReadFile, _ offset: inout Int
  ) throws -> Bool {
    let (piece, size) = try Bundle.piece(try file.read(at: offset, count: Bundle.headBytes))
    offset += size
    guard case .entry(let entry) = piece else {
      guard offset == file.size else { throw FormatError(.trailingBytes, "bundle") }
      return false
    }
    guard entry.size <= file.size - offset else { throw FormatError(.truncated, "bundle") }
    guard index.places.count < Limits.bundleEntries else { throw FormatError(.overLimit, "bundle") }
    let place = Place(offset: offset, entry: entry)
    guard index.places.updateValue(place, forKey: entry.resource) == nil else {
      throw FormatError(.notCanonical, "bundle")
    }
    if case .delta(0, _, _, let floor) = entry.resource { index.contents.floor = floor }
    offset += entry.size
    return true
  }

  public func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    let found: (place: Place, bytes: [UInt8])?
    do throws(FilError) {
      let file = try open()
      found = try find(request.path, file)
    } catch { throw SourceError(.offline, "\(path): \(error)") }
    guard let (place, bytes) = found else {
      _ = onHead(SourceHead(status: 404))
      return Traffic()
    }
    try LocalAnswer(bytes: bytes, resource: place.entry.resource, tag: place.entry.tag).give(
      to: request, cancellation: cancellation, onHead: onHead, onBytes: onBytes)
    return Traffic()
  }

  /// The object for `path`, if it is there and whole.
  private func find(
    _ path: String, _ file: borrowing ReadFile
  ) throws(FilError) -> (place: Place, bytes: [UInt8])? {
    let index = try read(file)
    guard let resource = Resource(path: path), let place = index.place(of: resource),
      place.isOfSize
    else { return nil }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try file.read(at: place.offset, count: place.entry.size) } catch
    {
      throw .file(error)
    }
    // A stick that rots must not make the bundle look like a liar: the object is not here [BUN-3].
    return BodyHash(of: bytes) == place.entry.check ? (place, bytes) : nil
  }
}

extension BundleSource.Index {
  /// The entry for `resource`; for `sync` that of the delta that it stands for [BUN-6].
  fileprivate func place(of resource: Resource) -> BundleSource.Place? {
    guard case .sync(let from, let selection, let floor) = resource else {
      return places[resource]
    }
    guard let head = contents.version else { return nil }
    switch floor {
    case .volume(let volume):
      return places[.delta(from: from, to: head, selection, floor: volume)]
    case .days:
      guard let volume = contents.floor else { return nil }
      return places[.delta(from: from, to: head, selection, floor: volume)]
    }
  }
}
