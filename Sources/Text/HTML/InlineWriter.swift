/// Writes the parts of a paragraph as CommonMark that reads back as the same parts.
///
/// Emphasis that CommonMark could not tell from asterisks, `a**«b»**c`, is left out: words come first.
enum InlineWriter {
  enum Place {
    case paragraph, heading, cell
  }

  static func write(_ spans: [Span], in place: Place) -> String {
    var groups: [(link: Link?, spans: [Span])] = []
    for span in composed(spans) {
      if let last = groups.last, last.link == span.link {
        groups[groups.count - 1].spans.append(span)
      } else {
        groups.append((span.link, [span]))
      }
    }
    var result = ""
    for (index, group) in groups.enumerated() {
      let before: Unicode.Scalar? =
        index == 0
        ? nil
        : groups[index - 1].link == nil
          ? groups[index - 1].spans.last?.lastScalar : ")"
      let after: Unicode.Scalar? =
        index + 1 == groups.count
        ? nil
        : groups[index + 1].link == nil
          ? groups[index + 1].spans.first?.firstScalar : "["
      if let link = group.link {
        result += "[" + emphasised(group.spans, "[", "]", place, isLink: true)
        result += "](\(link.address))"
      } else {
        result += emphasised(
          group.spans, before, after, place, isLink: false, beforeLink: after == "[")
      }
    }
    if place == .paragraph { return guardingLines(result) }
    if place == .heading, result.last == "#" { return result.dropLast() + "\\#" }
    return result
  }

  /// In NFC: whether a mark can stand beside a character depends on what the character is in the end.
  private static func composed(_ spans: [Span]) -> [Span] {
    spans.map { span in
      var span = span
      span.text = Text.nfc(span.text)
      return span
    }
  }

  private static func emphasised(
    _ spans: [Span], _ before: Unicode.Scalar?, _ after: Unicode.Scalar?, _ place: Place,
    isLink: Bool, beforeLink: Bool = false
  ) -> String {
    let parts = settled(spans, before, after, place)
    var result = ""
    for (index, part) in parts.enumerated() {
      if part.isBreak {
        result += "\\\n"
        continue
      }
      let isLast = index + 1 == parts.count
      let text = Escapes.escaped(
        part.text, isLink: isLink, inCell: place == .cell,
        beforeMark: beforeLink && isLast || !isLast)
      switch part.style {
      case .plain: result += text
      case .emphasis: result += "*\(text)*"
      case .strong: result += "**\(text)**"
      }
    }
    return result
  }

  /// The spans with blanks outside of emphasis, and only with emphasis that can be told.
  private static func settled(
    _ spans: [Span], _ before: Unicode.Scalar?, _ after: Unicode.Scalar?, _ place: Place
  ) -> [Span] {
    var parts: [Span] = []
    // A heading is strong already.
    for span in merged(spans) { parts += place == .heading ? [span.plain] : span.splittingBlanks() }
    parts = merged(parts)
    var touches = false
    for index in parts.indices {
      guard parts[index].style != .plain else {
        touches = false
        continue
      }
      let previous =
        index == 0 ? before : parts[index - 1].isBreak ? " " : parts[index - 1].lastScalar
      let next =
        index + 1 == parts.count
        ? after : parts[index + 1].isBreak ? "\\" : parts[index + 1].firstScalar
      if touches || !canStand(parts[index], previous, next) {
        parts[index].style = .plain
        touches = false
      } else {
        touches = true
      }
    }
    return merged(parts)
  }

  /// Whether the marks before and after a span are left- and right-flanking (CommonMark 6.2).
  private static func canStand(
    _ span: Span, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?
  ) -> Bool {
    guard let first = span.firstScalar, let last = span.lastScalar else { return false }
    func isEdge(_ scalar: Unicode.Scalar?) -> Bool {
      guard let scalar else { return true }
      return Characters.isBlank(scalar) || Characters.isPunctuation(scalar)
    }
    return (!Characters.mayBePunctuation(first) || isEdge(previous))
      && (!Characters.mayBePunctuation(last) || isEdge(next))
  }

  private static func merged(_ spans: [Span]) -> [Span] {
    var result: [Span] = []
    var joined: Set<Int> = []
    for span in spans {
      if !span.isBreak, span.text.isEmpty { continue }
      let end = result.count - 1
      if end >= 0, !result[end].isBreak, !span.isBreak, result[end].style == span.style {
        result[end].text += span.text
        joined.insert(end)
      } else {
        result.append(span)
      }
    }
    for index in joined { result[index].text = Text.nfc(result[index].text) }
    return result
  }

  /// The text with what would begin a block at the start of a line escaped.
  private static func guardingLines(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { Escapes.guardingStart(String($0)) }.joined(separator: "\n")
  }
}

extension Span {
  fileprivate var firstScalar: Unicode.Scalar? { text.unicodeScalars.first }
  fileprivate var lastScalar: Unicode.Scalar? { text.unicodeScalars.last }

  fileprivate var plain: Span {
    var span = self
    span.style = .plain
    return span
  }

  /// The span with the blanks at its ends as plain spans of their own.
  fileprivate func splittingBlanks() -> [Span] {
    guard style != .plain, !isBreak else { return [self] }
    let scalars = text.unicodeScalars
    guard let start = scalars.firstIndex(where: { !Characters.isBlank($0) }),
      let end = scalars.lastIndex(where: { !Characters.isBlank($0) })
    else { return [plain] }
    var (head, middle, tail) = (plain, self, plain)
    head.text = String(scalars[..<start])
    middle.text = String(scalars[start...end])
    tail.text = String(scalars[scalars.index(after: end)...])
    return [head, middle, tail]
  }
}
