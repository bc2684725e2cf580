/// Backslashes before what CommonMark would take for a mark.
enum Escapes {
  /// The text so that none of it is a mark.
  ///
  /// `beforeMark`: what comes next is a mark of ours, which must not join with the text's end.
  static func escaped(
    _ text: String, isLink: Bool, inCell: Bool, beforeMark: Bool
  ) -> String {
    if !text.utf8.contains(where: isSuspect) { return text }
    var result = String.UnicodeScalarView()
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      let previous = index > 0 ? scalars[index - 1] : nil
      let isMark: Bool
      switch scalar {
      case "\\", "*", "`", "<": isMark = true
      case "_": isMark = !isInWord(previous, next)
      case "[": isMark = isLink
      case "]":
        isMark = isLink || next.map { $0 == "(" || $0 == ":" || $0 == "[" } ?? beforeMark
      case "!": isMark = next == "[" || next == nil && beforeMark
      case "~": isMark = next == "~" || previous == "~" || next == nil && beforeMark
      case "&":
        isMark = next == "#" || next.map { $0.isASCII && $0.properties.isAlphabetic } ?? true
      case "|": isMark = inCell
      default: isMark = false
      }
      if isMark { result.append("\\") }
      result.append(scalar)
    }
    return String(result)
  }

  private static func isSuspect(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "*"), UInt8(ascii: "`"), UInt8(ascii: "<"),
      UInt8(ascii: "_"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "!"),
      UInt8(ascii: "~"), UInt8(ascii: "&"), UInt8(ascii: "|"):
      true
    default: false
    }
  }

  private static func isInWord(_ previous: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
    guard let previous, let next else { return false }
    return Characters.isAlphanumeric(previous) && Characters.isAlphanumeric(next)
  }

  /// The line with a backslash where it would begin a heading, a list, a quote, a table or a rule.
  static func guardingStart(_ line: String) -> String {
    guard let first = line.unicodeScalars.first, first.isASCII else { return line }
    let rest = line.unicodeScalars.dropFirst()
    switch first {
    case "#", ">", "=", "|", "~", "+", "-", ":":
      let opens = first == "#" || first == ">" || first == "|" || rest.first.map(isSpace) ?? true
      return opens || isRule(line) ? "\\" + line : line
    case "0"..."9":
      let digits = line.prefix { $0.isASCII && $0.isNumber }
      let after = line.dropFirst(digits.count)
      guard digits.count < 10, let mark = after.first, mark == "." || mark == ")",
        after.dropFirst().unicodeScalars.first.map(isSpace) ?? true
      else { return line }
      return digits + "\\" + after
    default: return line
    }
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\t" || scalar == "\\"
  }

  /// Whether it could be a thematic break, the underline of a heading or of a table's head.
  private static func isRule(_ line: String) -> Bool {
    line.utf8.allSatisfy { "-=:|+~_ \t\\".utf8.contains($0) }
  }
}
