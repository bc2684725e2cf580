extension Text {
  /// The beginning of a text on one line, of at most `limit` columns, cut after a word with `…`.
  public static func excerpt(_ text: String, _ limit: Int) -> String {
    let words = words(of: text)
    let line = words.joined(separator: " ")
    if width(line) <= limit { return line }
    guard limit > 0 else { return "" }
    var result = ""
    var used = 0
    for word in words {
      let more = width(word) + (result.isEmpty ? 0 : 1)
      guard used + more < limit else { break }
      result += result.isEmpty ? word : " " + word
      used += more
    }
    if result.isEmpty, let word = words.first { result = prefix(word, limit - 1) }
    while let last = result.last, ",;:.– ".contains(last) { result.removeLast() }
    return result + "…"
  }

  /// The lines of a text for a terminal of `columns` columns, broken at spaces.
  ///
  /// Line ends of the text are kept; no-break spaces do not break; a word longer than a line is cut.
  public static func wrap(_ text: String, _ columns: Int) -> [String] {
    let columns = max(1, columns)
    var lines: [String] = []
    for paragraph in unifyLineEnds(text).split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      var used = 0
      for var word in words(of: String(paragraph)) {
        if !line.isEmpty, used + 1 + width(word) <= columns {
          line += " " + word
          used += 1 + width(word)
          continue
        }
        if !line.isEmpty { lines.append(line) }
        while width(word) > columns {
          let head = prefix(word, columns)
          let part = head.isEmpty ? String(word.prefix(1)) : head
          lines.append(part)
          word = String(word.dropFirst(part.count))
        }
        (line, used) = (word, width(word))
      }
      lines.append(line)
    }
    return lines
  }

  private static func words(of text: String) -> [String] {
    text.split { $0 == " " || $0 == "\t" || $0.isNewline }.map(String.init)
  }

  /// The first characters, of at most `columns` columns together.
  private static func prefix(_ word: String, _ columns: Int) -> String {
    var used = 0
    return String(
      word.prefix { character in
        used += width(character)
        return used <= columns
      })
  }
}
