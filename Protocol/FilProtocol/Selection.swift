/// Which bodies a replica wants, in which order, and how a delta may bring them: the `<selection>` of
/// a path [HTTP-2].
public struct Selection: Sendable, Hashable, CustomStringConvertible {
  /// Whose bodies.
  public enum Wanted: Sendable, Hashable {
    case all, none
    /// Sorted by bytes, unique, not empty.
    case sections([String])
  }

  /// What a delta of this selection builds on.
  public enum Basis: String, Sendable, Hashable {
    /// All bodies that the selection names at V serve as context.
    case full = ""
    /// No body of V serves as context: the replica has holes.
    case bare = ".bare"
    /// As `full`, without the headlines: the replica has them already.
    case bodies = ".bodies"
  }

  public let wanted: Wanted
  /// Sections whose bodies come before the others, the most important first; those of one level, which
  /// are sorted by bytes, come together.
  public let levels: [[String]]
  public let basis: Basis
  public let codec: Codec

  public static let all = Selection(.all)
  public static let none = Selection(.none)

  private init(
    _ wanted: Wanted, levels: [[String]] = [], basis: Basis = .full, codec: Codec = .deflate
  ) {
    self.wanted = wanted
    self.levels = levels
    self.basis = basis
    self.codec = codec
  }

  /// The bodies of `slugs`, in any order; none when there are none.
  ///
  /// - Throws: `invalidValue` for what is no slug, `overLimit` when the path would be too long.
  public init(sections slugs: some Sequence<String>) throws(FormatError) {
    let sorted = Selection.sorted(slugs)
    for slug in sorted where !Selection.isSlug(slug) {
      throw FormatError(.invalidValue, "selection \(slug)")
    }
    self.init(sorted.isEmpty ? .none : .sections(sorted))
    guard description.utf8.count <= Limits.selectionBytes else {
      throw FormatError(.overLimit, "selection")
    }
  }

  /// The same bodies on another basis.
  public func on(_ basis: Basis) -> Selection {
    Selection(wanted, levels: levels, basis: basis, codec: codec)
  }

  /// The same bodies in another codec.
  public func coded(_ codec: Codec) -> Selection {
    Selection(wanted, levels: levels, basis: basis, codec: codec)
  }

  /// The same bodies, those of the sections of `levels` first.
  ///
  /// What is no slug, is not wanted or stands in a level before counts for nothing; levels that would
  /// make the path too long are left out from the end.
  public func preferring(_ levels: [[String]]) -> Selection {
    var taken: Set<String> = []
    var kept: [[String]] = []
    for level in levels {
      let slugs = Set(level).filter {
        Selection.isSlug($0) && names($0) && !taken.contains($0)
      }
      guard !slugs.isEmpty else { continue }
      taken.formUnion(slugs)
      kept.append(Selection.sorted(slugs))
    }
    func ordered() -> Selection {
      Selection(wanted, levels: kept, basis: basis, codec: codec)
    }
    while !kept.isEmpty, ordered().path.utf8.count > Limits.selectionBytes { kept.removeLast() }
    return ordered()
  }

  /// How many levels come before the bodies of `section`.
  public func level(of section: String) -> Int {
    levels.firstIndex { $0.contains(section) } ?? levels.count
  }

  private static func sorted(_ slugs: some Sequence<String>) -> [String] {
    Set(slugs).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }

  /// Reads the one canonical spelling; nil for any other.
  public init?(parsing text: some StringProtocol) {
    guard text.utf8.count <= Limits.selectionBytes + 16 else { return nil }
    let parts = String(text).split(separator: ".", omittingEmptySubsequences: false).map {
      String($0)
    }
    let suffixes = parts.dropFirst()
    let basis = Basis.allNamed.first { suffixes.first == $0.name }
    let codec = Codec.allCases.first { suffixes.last == $0.suffix }
    let groups = parts[0].split(separator: "+", omittingEmptySubsequences: false).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
    }
    let base: Wanted
    switch groups.last {
    case ["all"]: base = .all
    case ["none"]: base = .none
    case let slugs?:
      guard let selection = try? Selection(sections: slugs) else { return nil }
      base = selection.wanted
    case nil: return nil
    }
    self = Selection(base, basis: basis?.basis ?? .full, codec: codec ?? .deflate)
      .preferring(groups.dropLast())
    // What is not in its canonical place comes out otherwise than it went in.
    guard description == text, base != .none || self.basis == .full else { return nil }
  }

  public var description: String {
    path + basis.rawValue + (codec.suffix.map { "." + $0 } ?? "")
  }

  /// Without suffixes.
  private var path: String {
    let base =
      switch wanted {
      case .all: "all"
      case .none: "none"
      case .sections(let slugs): slugs.joined(separator: ",")
      }
    return (levels.map { $0.joined(separator: ",") } + [base]).joined(separator: "+")
  }

  /// Whether the bodies of `section` are wanted.
  public func names(_ section: String) -> Bool {
    switch wanted {
    case .all: true
    case .none: false
    case .sections(let slugs): slugs.contains(section)
    }
  }

  /// The headline in `record` whose body is wanted, if there is one.
  public func wants(_ record: Record?) -> Headline? {
    guard let headline = record?.headline, headline.length > 0, names(headline.section) else {
      return nil
    }
    return headline
  }

  /// Whether `text` can name a section: `[a-z0-9-]`, and neither `all` nor `none`.
  public static func isSlug(_ text: String) -> Bool {
    !text.isEmpty && text != "all" && text != "none"
      && text.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
      }
  }
}

extension Selection.Basis {
  fileprivate static var allNamed: [(name: String, basis: Selection.Basis)] {
    [("bare", .bare), ("bodies", .bodies)]
  }
}
