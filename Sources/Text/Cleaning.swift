extension Text {
  /// A character that has no place in a text, and where it is.
  public struct Finding: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
      /// A control character: C0, DEL, C1, or a line's end where there must be one line only.
      case control
      /// An embedding, override or isolate of direction, which can show a text in a false order.
      case direction
    }

    public let kind: Kind
    public let scalar: Unicode.Scalar
    /// 1-based.
    public let line: Int
    /// Unicode scalars from the line's start, 1-based.
    public let column: Int

    public var description: String {
      let hex = String(scalar.value, radix: 16, uppercase: true)
      let code = String(repeating: "0", count: max(0, 4 - hex.count)) + hex
      return "line \(line), column \(column): U+\(code) is not allowed, remove it"
    }
  }

  /// The text of one line as it is stored: in NFC, without blanks at its ends.
  ///
  /// - Throws: the first ``Finding``; tabs and line ends count as control characters.
  public static func cleanLine(_ text: String) throws(Finding) -> String {
    let trimmed = trim(text)
    if let finding = findings(in: trimmed, isLine: true).first { throw finding }
    return nfc(trimmed)
  }

  /// A text of several lines as it is stored: in NFC, its lines ended by LF alone.
  ///
  /// - Throws: the first ``Finding``.
  public static func cleanText(_ text: String) throws(Finding) -> String {
    let unified = unifyLineEnds(text)
    if let finding = findings(in: unified, isLine: false).first { throw finding }
    return nfc(unified)
  }

  /// All characters that ``cleanLine(_:)`` or ``cleanText(_:)`` would refuse.
  public static func findings(in text: String, isLine: Bool) -> [Finding] {
    var findings: [Finding] = []
    var line = 1
    var column = 0
    for scalar in text.unicodeScalars {
      column += 1
      if let kind = kind(of: scalar, isLine: isLine) {
        findings.append(Finding(kind: kind, scalar: scalar, line: line, column: column))
      }
      if scalar == "\n" { (line, column) = (line + 1, 0) }
    }
    return findings
  }

  /// The text without the characters that have no place in it, for what comes from elsewhere.
  public static func stripped(_ text: String, isLine: Bool) -> String {
    var kept = String.UnicodeScalarView()
    for scalar in unifyLineEnds(text).unicodeScalars {
      if kind(of: scalar, isLine: isLine) == nil {
        kept.append(scalar)
      } else if isLine, scalar == "\n" || scalar == "\t" {
        kept.append(" ")
      }
    }
    return nfc(isLine ? trim(String(kept)) : String(kept))
  }

  static func unifyLineEnds(_ text: String) -> String {
    guard text.utf8.contains(13) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if byte != 10 || previous != 13 { bytes.append(byte == 13 ? 10 : byte) }
      previous = byte
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Without spaces, tabs and line ends at either end.
  static func trim(_ text: some StringProtocol) -> String {
    func isBlank(_ character: Character) -> Bool { character.isWhitespace }
    let start = text.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(start[...last])
  }

  private static func kind(of scalar: Unicode.Scalar, isLine: Bool) -> Finding.Kind? {
    switch scalar.value {
    case 0x09, 0x0a: isLine ? .control : nil
    case 0..<0x20, 0x7f..<0xa0: .control
    case 0x2028, 0x2029: isLine ? .control : nil
    case 0x202a...0x202e, 0x2066...0x2069: .direction
    default: nil
    }
  }
}
