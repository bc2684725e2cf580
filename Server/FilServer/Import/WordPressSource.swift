/// Makes of what an editor typed what WordPress shows: captions, galleries, and the typography that
/// it adds (`wptexturize`).
///
/// What only the site knows is missing: what plugins add, the players that it asks other sites for.
struct WordPressSource {
  struct Picture: Sendable {
    var alt: String
    var caption: String
    /// The post it was loaded up for.
    var post: Int
  }

  let pictures: [Int: Picture]
  let isFrench: Bool

  /// The text as HTML, still with the line ends that make paragraphs.
  func html(_ source: String, post: Int) -> String {
    var result = ""
    var rest = source[...]
    var unclosed: Set<Substring> = []
    while let start = rest.firstIndex(of: "[") {
      result += rest[..<start]
      rest = rest[start...]
      if let (html, end) = shortcode(rest, post, &unclosed) {
        result += html
        rest = rest[end...]
      } else {
        result += "["
        rest = rest.dropFirst()
      }
    }
    return typeset(result + rest)
  }

  /// What stands for the shortcode at the start of `text`, and where it ends; `unclosed` are those of
  /// which there is no end any more.
  private func shortcode(
    _ text: Substring, _ post: Int, _ unclosed: inout Set<Substring>
  ) -> (String, String.Index)? {
    guard let close = text.utf8.prefix(1_024).firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let words = text[text.index(after: text.startIndex)..<close]
    let after = text.index(after: close)
    switch words.prefix(while: { $0.isLetter }) {
    case "caption", "wp_caption":
      guard
        let (inner, end) =
          enclosed(text[after...], words.prefix { $0 != " " }, &unclosed)
      else { return nil }
      let picture = inner.firstRange(of: "/>")?.upperBound ?? inner.startIndex
      let tail =
        inner[picture...].hasPrefix("</a>")
        ? inner.index(picture, offsetBy: 4) : picture
      let caption = WordPressSource.value("caption", words) ?? String(inner[tail...])
      let id = WordPressSource.value("id", words) ?? ""
      return (
        "\n\n<figure class=\"wp-caption\" id=\"\(id)\">\(inner[..<tail])<figcaption>\(caption)"
          + "</figcaption></figure>\n\n", end
      )
    case "gallery":
      let named = WordPressSource.value("ids", words) ?? WordPressSource.value("include", words)
      let ids =
        named.map { $0.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) } }
        ?? pictures.filter { $0.value.post == post }.keys.sorted()
      let figures = ids.compactMap { id in
        pictures[id].map { picture in
          "<figure class=\"gallery-item\"><img class=\"wp-image-\(id)\" alt=\"\(escaped(picture.alt))\"/>"
            + "<figcaption>\(picture.caption)</figcaption></figure>"
        }
      }
      return ("\n\n" + figures.joined() + "\n\n", after)
    case "embed":
      guard let (inner, end) = enclosed(text[after...], "embed", &unclosed) else { return nil }
      return ("\n\n\(inner)\n\n", end)
    default: return nil
    }
  }

  private func enclosed(
    _ text: Substring, _ name: Substring, _ unclosed: inout Set<Substring>
  ) -> (Substring, String.Index)? {
    guard !unclosed.contains(name) else { return nil }
    guard let close = text.firstRange(of: "[/\(name)]") else {
      unclosed.insert(name)
      return nil
    }
    return (text[..<close.lowerBound], close.upperBound)
  }

  private static func value(_ name: String, _ words: Substring) -> String? {
    guard let start = words.firstRange(of: " \(name)=") else { return nil }
    let rest = words[start.upperBound...]
    guard let quote = rest.first, quote == "\"" || quote == "'" else { return nil }
    return String(rest.dropFirst().prefix { $0 != quote })
  }

  private func escaped(_ text: String) -> String {
    text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "&quot;")
  }

  /// The text with the apostrophes, quotes, dashes and dots that WordPress shows for typed ones.
  func typeset(_ text: String) -> String { Typesetter(isFrench: isFrench).typeset(text) }
}

/// WordPress's `wptexturize`, for the languages of the newsroom.
struct Typesetter {
  let isFrench: Bool
  /// Elements whose text stays as it was typed.
  private static let kept: Set<String> = ["pre", "code", "kbd", "style", "script", "tt"]

  func typeset(_ html: String) -> String {
    var result = ""
    var rest = html[...]
    var skipping: [String] = []
    // Ends that are not there any more need not be looked for again.
    var missing: Set<String> = []
    while !rest.isEmpty {
      if rest.first == "<" || rest.first == "[" {
        let isTag = rest.first == "<"
        let mark = rest.hasPrefix("<!--") ? "-->" : isTag ? ">" : "]"
        let end = missing.contains(mark) ? nil : rest.firstRange(of: mark)?.upperBound
        if end == nil { missing.insert(mark) }
        let tag = rest[..<(end ?? rest.index(after: rest.startIndex))]
        if isTag { Typesetter.note(tag, &skipping) }
        // Brackets that are no shortcode are text: `[…]`.
        result += isTag || tag.contains("=") ? String(tag) : words(tag)
        rest = rest[tag.endIndex...]
      } else {
        let part = rest.prefix { $0 != "<" && $0 != "[" }
        result += skipping.isEmpty ? words(part) : String(part)
        rest = rest[part.endIndex...]
      }
    }
    return result
  }

  private static func note(_ tag: Substring, _ skipping: inout [String]) {
    let isEnd = tag.hasPrefix("</")
    let name = tag.dropFirst(isEnd ? 2 : 1).prefix { $0.isLetter }.lowercased()
    guard kept.contains(name) else { return }
    if isEnd { if skipping.last == name { skipping.removeLast() } } else { skipping.append(name) }
  }

  /// A run of text between tags.
  private func words(_ text: Substring) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var index = 0
    func at(_ place: Int) -> Unicode.Scalar? {
      scalars.indices.contains(place) ? scalars[place] : nil
    }
    func isBlank(_ scalar: Unicode.Scalar?) -> Bool {
      scalar.map { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\u{a0}" } ?? true
    }
    while index < scalars.count {
      let scalar = scalars[index]
      let (previous, next) = (at(index - 1), at(index + 1))
      switch scalar {
      case ".":
        if next == ".", at(index + 2) == "." {
          result.append("…")
          index += 3
          continue
        }
        result.append(scalar)
      case "-":
        let run = scalars[index...].prefix { $0 == "-" }.count
        if run == 3 {
          result.append("—")
        } else if run == 2 {
          result.append(isBlank(previous) && isBlank(at(index + 2)) ? "—" : "–")
        } else if run == 1, isBlank(previous), isBlank(next), previous != nil || next != nil {
          result.append("–")
        } else {
          result.append(contentsOf: scalars[index..<index + run])
        }
        index += run
        continue
      case "'":
        let opens =
          isBlank(previous) || previous.map { "([{\"«“".unicodeScalars.contains($0) } ?? true
        result.append(opens && previous != nil && !isBlank(next) ? "‘" : "’")
      case "\"":
        let opens = isBlank(previous) || previous.map { "([{-".unicodeScalars.contains($0) } ?? true
        if isFrench {
          result.append(contentsOf: (opens ? "«\u{a0}" : "\u{a0}»").unicodeScalars)
        } else {
          result.append(opens ? "“" : "”")
        }
      default: result.append(scalar)
      }
      index += 1
    }
    return String(result)
  }
}
