/// What can be asked of a source, and its path: a pure function both ways [HTTP-1, HTTP-2].
public enum Resource: Sendable, Hashable {
  /// From where on a replica wants volumes.
  public enum Floor: Sendable, Hashable {
    case volume(Int)
    /// The volume of the oldest article of the last so many days before the newest article.
    case days(Int)
  }

  case checkpoint
  case sync(from: Int, Selection, Floor)
  case delta(from: Int, to: Int, Selection, floor: Int)
  case state(Int)
  case volume(Int, Digest)
  case bodies(Int, Digest, Selection)
  case body(BodyHash)

  public static let root = "/fil/v1/"

  public var path: String {
    Resource.root
      + {
        switch self {
        case .checkpoint: "checkpoint"
        case .sync(let from, let selection, .volume(let floor)):
          "sync/\(from)/\(selection)/\(floor)"
        case .sync(let from, let selection, .days(let days)):
          "sync/\(from)/\(selection)/days-\(days)"
        case .delta(let from, let to, let selection, let floor):
          "delta/\(from)-\(to)/\(selection)/\(floor)"
        case .state(let version): "state/\(version)"
        case .volume(let volume, let digest): "volume/\(volume)/\(digest)"
        case .bodies(let volume, let digest, let selection):
          "bodies/\(volume)/\(digest)/\(selection)"
        case .body(let hash): "body/\(hash)"
        }
      }()
  }

  /// Reads the one canonical spelling; nil for any other.
  public init?(path: some StringProtocol) {
    guard path.utf8.count <= 256 + Limits.selectionBytes, path.hasPrefix(Resource.root) else {
      return nil
    }
    func version(_ text: Substring) -> Int? {
      Decimal.parse(text).flatMap { $0 <= Limits.versions ? $0 : nil }
    }
    func volume(_ text: Substring) -> Int? {
      Decimal.parse(text).flatMap { $0 < Limits.numbers / Limits.volume ? $0 : nil }
    }
    let parts = String(path).dropFirst(Resource.root.count)
      .split(separator: "/", omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("checkpoint", 1): self = .checkpoint
    case ("sync", 4):
      guard let from = version(parts[1]), let selection = Selection(parsing: parts[2]),
        selection.basis != .bodies, from > 0 || selection.basis == .full
      else { return nil }
      if let floor = volume(parts[3]) {
        self = .sync(from: from, selection, .volume(floor))
      } else if from == 0, parts[3].hasPrefix("days-"),
        let days = Decimal.parse(parts[3].dropFirst(5)), (1...3_650).contains(days)
      {
        self = .sync(from: from, selection, .days(days))
      } else {
        return nil
      }
    case ("delta", 4):
      let versions = parts[1].split(separator: "-", omittingEmptySubsequences: false)
      guard versions.count == 2, let from = version(versions[0]),
        let to = version(versions[1]), from <= to,
        let selection = Selection(parsing: parts[2]), let floor = volume(parts[3])
      else { return nil }
      self = .delta(from: from, to: to, selection, floor: floor)
    case ("state", 2):
      guard let version = version(parts[1]) else { return nil }
      self = .state(version)
    case ("volume", 3):
      guard let volume = volume(parts[1]), let digest = Digest(hex: parts[2]) else {
        return nil
      }
      self = .volume(volume, digest)
    case ("bodies", 4):
      guard let volume = volume(parts[1]), let digest = Digest(hex: parts[2]),
        let selection = Selection(parsing: parts[3]), selection.basis == .full,
        selection.levels.isEmpty
      else { return nil }
      self = .bodies(volume, digest, selection)
    case ("body", 2):
      guard let hash = BodyHash(hex: parts[1]) else { return nil }
      self = .body(hash)
    default: return nil
    }
  }

  /// Which bodies it has, and in which codec; nil for what has no selection.
  public var selection: Selection? {
    switch self {
    case .sync(_, let selection, _), .delta(_, _, let selection, _), .bodies(_, _, let selection):
      selection
    case .checkpoint, .state, .volume, .body: nil
    }
  }

  /// Whether its bytes never change.
  public var isImmutable: Bool {
    switch self {
    case .checkpoint, .sync: false
    case .delta, .state, .volume, .bodies, .body: true
    }
  }
}
