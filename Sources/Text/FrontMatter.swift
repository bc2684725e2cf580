/// What stands wrong in a file's front matter, where, and what to write instead.
public struct FrontMatterError: Error, Sendable, Equatable, CustomStringConvertible {
  /// 1-based.
  public let line: Int
  public let problem: String
  public let remedy: String

  public var description: String { "line \(line): \(problem); \(remedy)" }
}

/// A text file that begins with fields between two `---` lines.
///
///     ---
///     title: "Le marché de Bobo"
///     # a comment
///     topic: économie
///     topic: villes
///     ---
///     The body.
public struct FrontMatter: Sendable, Equatable {
  public struct Field: Sendable, Equatable {
    public let key: String
    /// Without its quotes and the blanks around it; lists are left to the caller.
    public let value: String
    /// 1-based.
    public let line: Int
  }

  /// In the order of the file; a key may come again.
  public let fields: [Field]
  /// All that follows the second `---` line, with LF as line ends.
  public let body: String
  /// The line on which the body begins, 1-based.
  public let bodyLine: Int

  /// Reads a whole file; a byte-order mark before it is not part of it.
  public init(_ text: String) throws(FrontMatterError) {
    var lines = Text.unifyLineEnds(text).split(separator: "\n", omittingEmptySubsequences: false)
    if let first = lines.first, first.unicodeScalars.first == "\u{feff}" {
      lines[0] = Substring(first.unicodeScalars.dropFirst())
    }
    guard lines.first.map(FrontMatter.isFence) == true else {
      throw FrontMatterError(
        line: 1, problem: "the file does not begin with fields",
        remedy: "write --- on the first line, then fields as `title: …`, then --- again")
    }
    var fields: [Field] = []
    for (index, line) in lines.enumerated().dropFirst() {
      if FrontMatter.isFence(line) {
        self.fields = fields
        body = lines[(index + 1)...].joined(separator: "\n")
        bodyLine = index + 2
        return
      }
      if let field = try FrontMatter.field(line, index + 1) { fields.append(field) }
    }
    throw FrontMatterError(
      line: lines.count, problem: "the fields do not end",
      remedy: "write a line --- between the fields and the text")
  }

  /// The values under a key, in order.
  public subscript(key: String) -> [String] {
    fields.filter { $0.key == key }.map(\.value)
  }

  private static func isFence(_ line: Substring) -> Bool {
    line.hasPrefix("---") && line.dropFirst(3).allSatisfy { $0 == " " || $0 == "\t" }
  }

  /// The field on a line, or nil for a blank one or a comment.
  private static func field(_ line: Substring, _ number: Int) throws(FrontMatterError) -> Field? {
    let text = Text.trim(line)
    if text.isEmpty || text.hasPrefix("#") { return nil }
    guard line.first?.isWhitespace == false else {
      throw FrontMatterError(
        line: number, problem: "the line begins with a blank",
        remedy: "write each field on one line, from its first column")
    }
    guard let colon = text.firstIndex(of: ":") else {
      throw FrontMatterError(
        line: number, problem: "there is no colon", remedy: "write `key: value`, or # before it")
    }
    let key = Text.trim(text[..<colon])
    guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
    else {
      throw FrontMatterError(
        line: number, problem: "`\(key)` is no key",
        remedy: "a key is letters, digits, - and _, as in `title: …`")
    }
    let value = Text.trim(text[text.index(after: colon)...])
    return Field(key: key, value: try unquoted(value, number), line: number)
  }

  /// What a value says: in `"`, `\"` and `\\` stand for `"` and `\`; in `'`, `''` stands for `'`.
  private static func unquoted(_ value: String, _ line: Int) throws(FrontMatterError) -> String {
    guard let quote = value.first, quote == "\"" || quote == "'" else { return value }
    var result = ""
    var rest = value.dropFirst()
    while let character = rest.popFirst() {
      if character == "\\", quote == "\"", let next = rest.first, next == "\"" || next == "\\" {
        result.append(next)
        rest.removeFirst()
      } else if character != quote {
        result.append(character)
      } else if quote == "'", rest.first == "'" {
        result.append("'")
        rest.removeFirst()
      } else {
        guard rest.isEmpty else {
          throw FrontMatterError(
            line: line, problem: "there is text after the closing quote",
            remedy: quote == "'" ? "write '' for a quote inside" : "write \\\" for a quote inside")
        }
        return result
      }
    }
    throw FrontMatterError(
      line: line, problem: "the quote is not closed", remedy: "end the value with \(quote)")
  }
}
