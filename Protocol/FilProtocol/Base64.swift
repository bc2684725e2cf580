/// Base64 (RFC 4648): §4 with padding for notes and keys, §5 without padding for entity tags.
public enum Base64 {
  private static let standard = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  public static func encode(_ bytes: [UInt8]) -> String { encode(bytes, standard, padded: true) }

  /// The URL-safe alphabet, unpadded.
  public static func encodeURL(_ bytes: [UInt8]) -> String {
    var alphabet = standard
    alphabet[62] = UInt8(ascii: "-")
    alphabet[63] = UInt8(ascii: "_")
    return encode(bytes, alphabet, padded: false)
  }

  private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8], padded: Bool) -> String {
    var out: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let left = min(3, bytes.count - at)
      var group = 0
      for i in 0..<3 { group = group << 8 | (i < left ? Int(bytes[at + i]) : 0) }
      for i in 0...left { out.append(alphabet[group >> (18 - 6 * i) & 63]) }
      if padded { out.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - left)) }
      at += 3
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The bytes, or nil unless `text` is the one padded spelling of them.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var group = 0
    var bits = 0
    for c in text.utf8 where c != UInt8(ascii: "=") {
      guard let value = standard.firstIndex(of: c) else { return nil }
      group = (group << 6 | value) & 0xFFFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        out.append(UInt8(truncatingIfNeeded: group >> bits))
      }
    }
    // One spelling only: stray bits, missing or misplaced padding do not survive encoding again.
    return encode(out) == String(text) ? out : nil
  }
}
