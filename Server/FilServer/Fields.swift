internal import Text

// What files of any kind are read with: each error names the file, the line and the remedy.

/// The fields between the `---` lines of a file, and what follows them.
struct Fields {
  let file: String
  let body: String
  let bodyLine: Int
  private let front: FrontMatter

  /// Reads `bytes`, whose keys must be among `known`; only those in `repeated` may come again.
  init(
    _ file: String, _ bytes: [UInt8], known: [String], repeated: Set<String> = []
  ) throws(InputError) {
    self.file = file
    guard let text = Text.decode(bytes) else {
      throw InputError(file, nil, "is not UTF-8; save it in UTF-8")
    }
    do { front = try FrontMatter(text) } catch {
      throw InputError(file, error.line, "\(error.problem); \(error.remedy)")
    }
    var seen: Set<String> = []
    for field in front.fields {
      guard known.contains(field.key) else {
        throw InputError(
          file, field.line,
          "the key \(field.key) is not known; use one of \(known.joined(separator: ", "))")
      }
      guard seen.insert(field.key).inserted || repeated.contains(field.key) else {
        throw InputError(file, field.line, "\(field.key) is there twice; remove one")
      }
    }
    body = try clean(Fields.unpadded(front.body), file, front.bodyLine)
    bodyLine = front.bodyLine
  }

  /// The text without the empty lines before it and what is blank after it.
  private static func unpadded(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    func isBlank(_ line: Substring?) -> Bool {
      line?.allSatisfy { $0 == " " || $0 == "\t" } ?? false
    }
    while isBlank(lines.last) { lines.removeLast() }
    return lines.drop { isBlank($0) }.joined(separator: "\n")
  }

  func line(of key: String) -> Int? { front.fields.first { $0.key == key }?.line }

  var lines: [String: Int] {
    Dictionary(front.fields.map { ($0.key, $0.line) }, uniquingKeysWith: { first, _ in first })
  }

  func all(_ key: String) -> [(text: String, line: Int)] {
    front.fields.filter { $0.key == key }.map { ($0.value, $0.line) }
  }

  /// The value as one clean line; nil where the key is missing or says nothing.
  func text(_ key: String) throws(InputError) -> String? {
    guard let (text, line) = all(key).first else { return nil }
    let clean = try cleanLine(text, file, line)
    return clean.isEmpty ? nil : clean
  }

  func required(_ key: String, example: String) throws(InputError) -> String {
    guard let text = try text(key) else {
      throw InputError(
        file, line(of: key), "\(key) is missing; add a line such as `\(key): \(example)`")
    }
    return text
  }

  /// `yes` or `no`; false where the key is missing.
  func flag(_ key: String) throws(InputError) -> Bool {
    switch try text(key) {
    case "yes", "oui", "true": return true
    case nil, "no", "non", "false": return false
    case let other?:
      throw InputError(file, line(of: key), "\(key): \(other) says neither; write yes or no")
    }
  }

  /// Seconds since 1970-01-01T00:00Z, of `2026-02-20T14:05:09Z` or `2026-02-20`.
  func time(_ key: String) throws(InputError) -> Int? {
    guard let text = try text(key) else { return nil }
    guard let time = RFC3339.parse(text) ?? RFC3339.parse(text + "T00:00:00Z"), time >= 0 else {
      throw InputError(
        file, line(of: key),
        "\(key): \(text) is no date; write 2026-02-20, or 2026-02-20T14:05:00Z (UTC)")
    }
    return time
  }
}

/// The text of several lines in NFC; `line` is its first one in the file.
func clean(_ text: String, _ file: String, _ line: Int?) throws(InputError) -> String {
  do { return try Text.cleanText(text) } catch {
    throw InputError(file, line.map { $0 + error.line - 1 }, error.advice)
  }
}

/// The text of one line in NFC.
func cleanLine(_ text: String, _ file: String, _ line: Int?) throws(InputError) -> String {
  do { return try Text.cleanLine(text) } catch { throw InputError(file, line, error.advice) }
}

/// What stands between the commas, without the spaces around it.
func commaSeparated(_ text: String) -> [String] {
  text.split(separator: ",", omittingEmptySubsequences: false).map { part in
    let start = part.drop { $0 == " " }
    return String(start.prefix(start.count - start.reversed().prefix { $0 == " " }.count))
  }
}

extension Text.Finding {
  fileprivate var advice: String {
    "character \(column) is U+\(String(scalar.value, radix: 16, uppercase: true)), which is not "
      + "allowed; remove it"
  }
}

/// What stands for an article that has no summary: the start of its first paragraph.
func summary(of body: String) -> String {
  let paragraphs = body.split(separator: "\n\n").map { $0.drop { $0 == "\n" || $0 == " " } }
  let prose = paragraphs.first { paragraph in
    !["#", "|", ">", "- ", "* ", "!", "```", "---", "<"].contains { paragraph.hasPrefix($0) }
  }
  // Emphasis and links lose their marks: a summary is not CommonMark.
  var plain = ""
  var rest = (prose ?? paragraphs.first ?? "")[...]
  while let character = rest.popFirst() {
    if character == "]", rest.first == "(" {
      rest = rest.drop { $0 != ")" }.dropFirst()
    } else if !"*`[]#\t".contains(character) {
      plain.append(character)
    }
  }
  return Text.excerpt(plain, 200)
}
