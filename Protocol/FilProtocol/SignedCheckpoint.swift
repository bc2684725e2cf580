/// A checkpoint with its signatures, not verified yet: a C2SP signed note.
public struct SignedCheckpoint: Sendable, Equatable {
  /// One signature line.
  public struct Signature: Sendable, Equatable {
    public let name: String
    /// 4 bytes of key id and, for an Ed25519 key, 64 bytes of signature.
    public let bytes: [UInt8]
  }

  public let checkpoint: Checkpoint
  public let signatures: [Signature]

  /// Signs `checkpoint`.
  public init(signing checkpoint: Checkpoint, with keys: [SigningKey]) {
    self.checkpoint = checkpoint
    let message = Array(checkpoint.text.utf8)
    signatures = keys.map {
      Signature(name: $0.verifier.name, bytes: $0.verifier.id + $0.sign(message))
    }
  }

  /// The head of `held`, signed at another time: what a 304 says [HTTP-6].
  ///
  /// `field`: the value of `Fil-Time`, `<time> <base64 of key id ‖ signature>`.
  public init(renewing held: Checkpoint, field: String) throws(FormatError) {
    let parts = field.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let time = Decimal.parse(parts[0]),
      let bytes = Base64.decode(parts[1]), bytes.count == 68
    else { throw FormatError(.invalidValue, "Fil-Time") }
    checkpoint = try held.at(time: time)
    signatures = [Signature(name: held.origin, bytes: bytes)]
  }

  /// The value of `Fil-Time`, of the first signature by a key of the feed.
  public var timeField: String? {
    feedSignatures.first.map { "\(checkpoint.time) \(Base64.encode($0.bytes))" }
  }

  private var feedSignatures: [Signature] {
    signatures.filter { $0.name == checkpoint.origin && $0.bytes.count == 68 }
  }

  /// Parses a note [CHK-1].
  public init(note: [UInt8]) throws(FormatError) {
    guard note.count <= Limits.noteBytes else { throw FormatError(.overLimit, "note") }
    guard note.last == 0x0A else { throw FormatError(.truncated, "note") }
    guard let text = String(validating: note, as: UTF8.self) else {
      throw FormatError(.invalidValue, "note")
    }
    // Lines are split by U+000A alone: a carriage return is part of a line and refused with it.
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    lines.removeLast()
    guard lines.count >= 6 else { throw FormatError(.truncated, "note.lines") }
    guard lines[5].isEmpty else { throw FormatError(.invalidValue, "note.lines") }
    let state = lines[3].split(separator: " ", omittingEmptySubsequences: false)
    guard let version = Decimal.parse(lines[1]),
      let logRoot = Base64.decode(lines[2]).flatMap(Digest.init(bytes:)),
      state.count == 3, state[0] == "state", let size = Decimal.parse(state[1]),
      let stateRoot = Base64.decode(state[2]).flatMap(Digest.init(bytes:)),
      lines[4].hasPrefix("time "), let time = Decimal.parse(lines[4].dropFirst(5))
    else { throw FormatError(.invalidValue, "note.lines") }
    checkpoint = try Checkpoint(
      origin: lines[0], version: version, logRoot: logRoot, stateSize: size, stateRoot: stateRoot,
      time: time)
    guard lines.count - 6 <= Limits.signatures else {
      throw FormatError(.overLimit, "note.signatures")
    }
    var found: [Signature] = []
    for line in lines.dropFirst(6) {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "—", VerifierKey.isName(String(parts[1])),
        let bytes = Base64.decode(parts[2]), bytes.count > 4
      else { throw FormatError(.invalidValue, "note.signatures") }
      found.append(Signature(name: String(parts[1]), bytes: bytes))
    }
    signatures = found
  }

  /// The note, byte for byte.
  public var note: [UInt8] {
    let lines = signatures.map { "— \($0.name) \(Base64.encode($0.bytes))\n" }
    return Array((checkpoint.text + "\n" + lines.joined()).utf8)
  }

  /// Decodes the compact form; the origin is the one that the replica follows.
  init(decoding span: inout Span<UInt8>, origin: String) throws(FormatError) {
    try span.cborArray("checkpoint", exactly: 6)
    let version = try span.cborInteger("checkpoint.version")
    let logRoot = try span.cborBytes("checkpoint.logRoot", exactly: 32)
    let size = try span.cborInteger("checkpoint.stateSize")
    let stateRoot = try span.cborBytes("checkpoint.stateRoot", exactly: 32)
    checkpoint = try Checkpoint(
      origin: origin, version: version, logRoot: Digest(logRoot.span), stateSize: size,
      stateRoot: Digest(stateRoot.span), time: try span.cborInteger("checkpoint.time"))
    let count = try span.cborArray("checkpoint.signatures")
    guard count >= 1 else { throw FormatError(.invalidValue, "checkpoint.signatures") }
    guard count <= Limits.signatures else {
      throw FormatError(.overLimit, "checkpoint.signatures")
    }
    var found: [Signature] = []
    for _ in 0..<count {
      found.append(
        Signature(name: origin, bytes: try span.cborBytes("checkpoint.signatures", exactly: 68)))
    }
    signatures = found
  }

  func encode(into bytes: inout [UInt8]) {
    let signatures = feedSignatures
    precondition(!signatures.isEmpty, "a checkpoint in an object is signed by the feed")
    bytes.cborArray(6)
    bytes.cbor(checkpoint.version)
    bytes.cbor(bytes: checkpoint.logRoot.bytes)
    bytes.cbor(checkpoint.stateSize)
    bytes.cbor(bytes: checkpoint.stateRoot.bytes)
    bytes.cbor(checkpoint.time)
    bytes.cborArray(signatures.count)
    for signature in signatures { bytes.cbor(bytes: signature.bytes) }
  }

  /// The checkpoint, once it is known to be the newsroom's [CHK-4].
  ///
  /// - Throws: ``TrustError``: `wrongOrigin`, `unsigned`, `badSignature`.
  public func verified(origin: String, keys: [VerifierKey]) throws(TrustError) -> Checkpoint {
    guard checkpoint.origin == origin else { throw TrustError(.wrongOrigin, "checkpoint") }
    let message = Array(checkpoint.text.utf8)
    var right = 0
    for signature in signatures {
      for key in keys
      where key.name == signature.name && key.id.elementsEqual(signature.bytes.prefix(4)) {
        guard key.verifies(Array(signature.bytes.dropFirst(4)), of: message) else {
          throw TrustError(.badSignature, "checkpoint")
        }
        right += 1
      }
    }
    guard right > 0 else { throw TrustError(.unsigned, "checkpoint") }
    return checkpoint
  }
}

/// Decimal numbers as paths and notes write them: digits, no sign, no leading zero.
package enum Decimal {
  package static func parse(_ text: some StringProtocol) -> Int? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      text.utf8.first != 48 || text.utf8.count == 1
    else { return nil }
    return Int(text)
  }
}
