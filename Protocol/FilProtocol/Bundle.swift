/// The frame of a bundle, one file that holds the objects of a source: `Protocol/bundle.md`.
///
/// The bytes may come from anyone. The frame proves nothing: each object is verified like one that
/// came over a line.
public enum Bundle {
  /// "FILB" and the format version.
  public static let magic: [UInt8] = [0x46, 0x49, 0x4C, 0x42, 0x01]

  /// What stands before an object [BUN-2].
  public struct Entry: Sendable, Equatable {
    public let resource: Resource
    /// Of the object, in bytes.
    public let size: Int
    /// The first 16 bytes of the object's hash: what its entity tag is made of.
    public let check: BodyHash

    /// The entry of an object with these bytes.
    public init(_ resource: Resource, _ bytes: [UInt8]) {
      self.resource = resource
      size = bytes.count
      check = BodyHash(of: bytes)
    }

    init(_ resource: Resource, size: Int, check: BodyHash) {
      self.resource = resource
      self.size = size
      self.check = check
    }

    /// The head of the entry; the object's bytes follow it.
    public var encoded: [UInt8] {
      let path = resource.path.utf8.dropFirst(Resource.root.utf8.count)
      var bytes: [UInt8] = []
      bytes.appendVarint(path.count)
      bytes += path
      bytes.appendVarint(size)
      return bytes + check.bytes
    }

    /// With its quotes.
    public var tag: String { "\"\(Base64.encodeURL(check.bytes))\"" }
  }

  /// What stands at a place of a bundle.
  public enum Piece: Sendable, Equatable {
    case entry(Entry)
    /// Nothing may follow it [BUN-4].
    case end
  }

  /// How many bytes a head has at most.
  public static let headBytes = 5 + Limits.bundlePathBytes + 5 + 16

  /// The end of a complete bundle.
  public static let end: [UInt8] = [0]

  /// Reads the magic at the start of `bytes`; where the first entry begins.
  public static func begin(_ bytes: [UInt8]) throws(FormatError) -> Int {
    var span = bytes.span
    let start = try span.take(magic.count, "bundle.magic")
    guard start.prefix(4) == magic.prefix(4) else { throw FormatError(.wrongMagic, "bundle") }
    guard start == magic else { throw FormatError(.unsupportedVersion, "bundle") }
    return magic.count
  }

  /// Reads the head at the start of `bytes`, and says how long it is.
  public static func piece(_ bytes: [UInt8]) throws(FormatError) -> (piece: Piece, size: Int) {
    var span = bytes.span
    let length = try span.varint("entry.path", atMost: Limits.bundlePathBytes)
    guard length > 0 else { return (.end, bytes.count - span.count) }
    let path = try span.take(length, "entry.path")
    guard let text = String(validating: path, as: UTF8.self),
      let resource = Resource(path: Resource.root + text)
    else { throw FormatError(.invalidValue, "entry.path") }
    // What `sync` answers is in a bundle under the delta's own name.
    if case .sync = resource { throw FormatError(.invalidValue, "entry.path") }
    let size = try span.varint("entry.size")
    guard let check = BodyHash(bytes: try span.take(16, "entry.check")) else {
      throw FormatError(.truncated, "entry.check")
    }
    return (.entry(Entry(resource, size: size, check: check)), bytes.count - span.count)
  }
}
