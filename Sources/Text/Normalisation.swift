internal import CUTF8Proc
internal import Glibc

/// Work on text that people read: normal form, forbidden characters, width on a terminal.
public enum Text {
  /// The text in Normalization Form C (Unicode UAX #15).
  public static func nfc(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    return map(text, UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue) ?? text
  }

  /// Whether the text is, scalar for scalar, its own Normalization Form C.
  public static func isNFC(_ text: String) -> Bool {
    nfc(text).utf8.elementsEqual(text.utf8)
  }

  /// The text that these bytes are, or nil when they are not well-formed UTF-8.
  public static func decode(_ bytes: [UInt8]) -> String? {
    String(validating: bytes, as: UTF8.self)
  }

  /// The text after utf8proc's mapping; nil when there is no memory for it.
  static func map(_ text: String, _ options: UInt32) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var mapped: UnsafeMutablePointer<UInt8>?
      let count = utf8proc_map(
        bytes.baseAddress, bytes.count, &mapped, utf8proc_option_t(rawValue: options))
      guard count >= 0, let mapped else { return nil }
      defer { free(mapped) }
      return String(decoding: UnsafeBufferPointer(start: mapped, count: count), as: UTF8.self)
    }
  }

  /// Columns that the text takes on a terminal; wide East Asian characters take two.
  public static func width(_ text: String) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  static func width(_ character: Character) -> Int {
    character.unicodeScalars.map { Int(utf8proc_charwidth(Int32($0.value))) }.max() ?? 0
  }
}
