internal import Files

/// What an operator did for a newsroom that its database does not tell: exports and backups.
///
/// One line each in the file `upkeep` of the newsroom's folder: what, when, which version, where.
/// Trust: it is only shown; whoever can write the folder is the newsroom anyway.
public struct Upkeep: Sendable, Equatable {
  public enum Kind: String, Sendable {
    case export
    case backup
  }

  /// What was done last at one place.
  public struct Deed: Sendable, Equatable {
    public let kind: Kind
    /// Seconds since 1970-01-01T00:00Z.
    public let time: Int
    public let version: Int
    /// The mirror's folder, or the backup's file.
    public let place: String
  }

  /// The newest first, each place once.
  public private(set) var deeds: [Deed] = []

  private static let largest = 65_536
  /// Places that are remembered.
  private static let most = 100

  static func file(_ path: String) -> String { "\(path)/upkeep" }

  /// Reads what was done for the newsroom at `path`; a line that makes no sense is left out.
  init(_ path: String) throws(FileError) {
    let file = Upkeep.file(path)
    guard Files.exists(file) else { return }
    let text = String(decoding: try Files.read(file, atMost: Upkeep.largest), as: UTF8.self)
    deeds = text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 3)
      guard words.count == 4, let kind = Kind(rawValue: String(words[0])), let time = Int(words[1]),
        let version = Int(words[2])
      else { return nil }
      return Deed(kind: kind, time: time, version: version, place: String(words[3]))
    }
  }

  /// Writes down that something was done; on disk before it returns.
  static func note(
    _ kind: Kind, _ place: String, version: Int, time: Int, in path: String
  ) throws(FileError) {
    var upkeep = try Upkeep(path)
    let line = Files.absolute(place).replacing("\n", with: " ")
    upkeep.deeds.removeAll { $0.kind == kind && $0.place == line }
    upkeep.deeds.insert(Deed(kind: kind, time: time, version: version, place: line), at: 0)
    let text = upkeep.deeds.prefix(most).map {
      "\($0.kind.rawValue) \($0.time) \($0.version) \($0.place)\n"
    }
    try Files.writeDurably(file(path), Array(text.joined().utf8))
  }
}
