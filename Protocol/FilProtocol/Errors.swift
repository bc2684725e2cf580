/// Bytes that no encoder of this protocol writes.
///
/// What threw it is as it was before. Two errors are equal when their codes are: tests compare the
/// rule, never the words.
public struct FormatError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The rule that was broken.
  ///
  /// Raw values are stable: vectors and `fil.h` use them.
  public enum Code: String, Sendable {
    case truncated, trailingBytes, wrongMagic, unsupportedVersion, unsupportedCodec
    case overLimit, notCanonical, invalidValue
  }

  public let code: Code
  /// Where it is, such as `headline.title`.
  public let field: String

  public init(_ code: Code, _ field: String) {
    self.code = code
    self.field = field
  }

  public static func == (a: FormatError, b: FormatError) -> Bool { a.code == b.code }

  public var description: String { "\(field): \(code.rawValue)" }
}

/// Well-formed bytes that are not the newsroom's, or not its newest.
///
/// Equal when the codes are.
public struct TrustError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What does not hold.
  ///
  /// Raw values are stable.
  public enum Code: String, Sendable {
    /// The note has no signature of a known key.
    case unsigned
    /// A known key's signature is wrong.
    case badSignature
    /// The note is of another feed.
    case wrongOrigin
    /// Records, bodies or digests are not the ones that were signed.
    case wrongDigest
    /// The object is of another version, selection or floor than the one asked for.
    case wrongObject
    /// The head is older than one that was seen: use another source.
    case behind
    /// The same version was signed with other roots: a person must look.
    case forked
  }

  public let code: Code
  /// What was checked, such as `volume 3`; never text of an article.
  public let subject: String

  public init(_ code: Code, _ subject: String) {
    self.code = code
    self.subject = subject
  }

  public static func == (a: TrustError, b: TrustError) -> Bool { a.code == b.code }

  public var description: String { "\(subject): \(code.rawValue)" }
}
