internal import CSodium

/// The public half of a newsroom's key, written as a C2SP `vkey` [CHK-3].
public struct VerifierKey: Sendable, Hashable, CustomStringConvertible {
  /// Of a feed's key: its origin.
  ///
  /// No space, no plus, at most 255 bytes.
  public let name: String
  /// 32 bytes, Ed25519 (RFC 8032).
  public let publicKey: [UInt8]
  /// The first 4 bytes of H(name ‖ 0A ‖ 01 ‖ public key) [CHK-2].
  public let id: [UInt8]

  /// - Throws: `invalidValue` when the name or the key is none.
  public init(name: String, publicKey: [UInt8]) throws(FormatError) {
    guard VerifierKey.isName(name) else { throw FormatError(.invalidValue, "key.name") }
    guard publicKey.count == 32 else { throw FormatError(.invalidValue, "key.publicKey") }
    self.name = name
    self.publicKey = publicKey
    id = Array(SHA256.hash(Array(name.utf8) + [0x0A, 0x01] + publicKey).bytes.prefix(4))
  }

  /// Reads `name+id+key`, and checks that the id is the key's.
  public init(parsing text: String) throws(FormatError) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let key = Base64.decode(parts[2]), key.count == 33, key[0] == 1 else {
      throw FormatError(.invalidValue, "key")
    }
    try self.init(name: String(parts[0]), publicKey: Array(key.dropFirst()))
    guard Hex.encode(id) == parts[1] else { throw FormatError(.invalidValue, "key.id") }
  }

  public var description: String { "\(name)+\(Hex.encode(id))+\(Base64.encode([1] + publicKey))" }

  /// Whether `text` can be an origin: ASCII, so that equal texts are equal bytes [CHK-1].
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "+") }
  }

  /// Whether `signature`, of 64 bytes, is this key's over `message`.
  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    signature.count == 64
      && crypto_sign_ed25519_verify_detached(
        signature, message, UInt64(message.count), publicKey) == 0
  }
}

/// The secret half: never printed, written only with mode 0600.
public struct SigningKey: Sendable {
  public let verifier: VerifierKey
  private let secret: [UInt8]

  /// The key of `name` that `seed`, 32 bytes of a good random source, gives.
  public init(name: String, seed: [UInt8]) throws(FormatError) {
    guard seed.count == 32 else { throw FormatError(.invalidValue, "key.seed") }
    var publicKey = [UInt8](repeating: 0, count: 32)
    var secret = [UInt8](repeating: 0, count: 64)
    crypto_sign_ed25519_seed_keypair(&publicKey, &secret, seed)
    self.secret = secret
    verifier = try VerifierKey(name: name, publicKey: publicKey)
  }

  package func sign(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: 64)
    crypto_sign_ed25519_detached(&signature, nil, message, UInt64(message.count), secret)
    return signature
  }
}
