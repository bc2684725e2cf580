/// Which bodies a replica wants, and how a delta may bring them: the `<selection>` of a path [HTTP-2].
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
  public let basis: Basis
  public let codec: Codec

  public static let all = Selection(.all)
  public static let none = Selection(.none)

  private init(_ wanted: Wanted, basis: Basis = .full, codec: Codec = .deflate) {
    self.wanted = wanted
    self.basis = basis
    self.codec = codec
  }

  /// The bodies of `slugs`, in any order; none when there are none.
  ///
  /// - Throws: `invalidValue` for what is no slug, `overLimit` when the path would be too long.
  public init(sections slugs: some Sequence<String>) throws(FormatError) {
    let sorted = Set(slugs).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
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
    Selection(wanted, basis: basis, codec: codec)
  }

  /// The same bodies in another codec.
  public func coded(_ codec: Codec) -> Selection {
    Selection(wanted, basis: basis, codec: codec)
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
    let base: Wanted
    switch parts[0] {
    case "all": base = .all
    case "none": base = .none
    default:
      let slugs = parts[0].split(separator: ",", omittingEmptySubsequences: false).map {
        String($0)
      }
      guard slugs.allSatisfy(Selection.isSlug) else { return nil }
      base = .sections(slugs)
    }
    self.init(base, basis: basis?.basis ?? .full, codec: codec ?? .deflate)
    if case .sections(let slugs) = base, (try? Selection(sections: slugs))?.wanted != base {
      return nil
    }
    guard description == text, base != .none || self.basis == .full else { return nil }
  }

  public var description: String {
    let base =
      switch wanted {
      case .all: "all"
      case .none: "none"
      case .sections(let slugs): slugs.joined(separator: ",")
      }
    return base + basis.rawValue + (codec.suffix.map { "." + $0 } ?? "")
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
