internal import FilProtocol
internal import Files

/// A place outside the newsroom's folder that knows the last checkpoint which was signed.
///
/// It is asked before each signature, so that a restored backup cannot sign a version twice. Trust:
/// it can hold up publishing, and can hide that a newer version was signed; no more.
enum Witness: Equatable {
  case none
  /// A file: written at each signature.
  case file(String)
  /// Where readers get the feed: it only answers.
  case url(String)

  /// What `--witness` and the settings say: a file, an `http` URL, or `none`.
  init(_ text: String) {
    if text == "none" {
      self = .none
    } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
      self = .url(text)
    } else {
      self = .file(text)
    }
  }

  /// The witness that an operator names for the newsroom in the folder `path`.
  ///
  /// A file is named from the root on, so that commands find it from any folder.
  static func named(_ text: String, for path: String) throws(NewsroomError) -> Witness {
    let witness = Witness(text)
    guard case .file(let name) = witness else { return witness }
    let (file, folder) = (Files.absolute(name), Files.absolute(path))
    guard !name.isEmpty, !file.hasPrefix(folder + "/") else {
      throw .input(
        InputError(
          "--witness", nil, "\(name) is in the newsroom's own folder; name a file outside of it"))
    }
    return .file(file)
  }

  var place: String {
    switch self {
    case .none: "none"
    case .file(let path): path
    case .url(let url): url
    }
  }

  /// What it has seen last; nil for none, or where nothing is there and `isNew` allows that.
  func seen(
    _ surroundings: Surroundings, isNew: Bool
  ) throws(NewsroomError) -> SignedCheckpoint? {
    let bytes: [UInt8]?
    switch self {
    case .none: return nil
    case .file(let path):
      do { bytes = try Files.read(path, atMost: Limits.noteBytes) } catch {
        guard error.isMissing else { throw .witness(.silent(place: place, why: "\(error)")) }
        bytes = nil
      }
    case .url(let url):
      do { bytes = try surroundings.fetch(Witness.checkpoint(of: url), Limits.noteBytes) } catch {
        if isNew { return nil }
        throw .witness(.silent(place: place, why: error.why))
      }
    }
    guard let bytes else {
      if isNew { return nil }
      throw .witness(.silent(place: place, why: "it has no checkpoint"))
    }
    do { return try SignedCheckpoint(note: bytes) } catch {
      throw .witness(.foreign(place: place, why: "\(error)"))
    }
  }

  /// Has it remember `note`, before the newsroom itself does.
  func remember(_ note: SignedCheckpoint) throws(NewsroomError) {
    guard case .file(let path) = self else { return }
    do { try Files.writeDurably(path, note.note) } catch { throw .file(error) }
  }

  private static func checkpoint(of url: String) -> String {
    let path = Resource.checkpoint.path
    if url.hasSuffix(path) { return url }
    return (url.hasSuffix("/") ? String(url.dropLast()) : url) + path
  }
}
