/// A part of a paragraph that is set in one way.
struct Span: Sendable, Equatable {
  enum Style: Sendable {
    case plain, emphasis, strong
  }

  var text: String
  var style = Style.plain
  /// Where it leads; the same link may stand in several spans one after another.
  var link: Link?
  /// A line ends here; the text is then empty.
  var isBreak = false
}

/// A link of the text; two are the same only if they are one element.
struct Link: Sendable, Equatable {
  let node: Int
  let address: String
}

/// The parts of a paragraph, in order, as they come out of HTML.
struct Inline: Sendable {
  private(set) var spans: [Span] = []
  /// Whether blanks that come now are the first of a line, or follow one.
  private var endsWithBlank = true

  var isEmpty: Bool { spans.isEmpty }

  /// Adds a text; blanks in a row become one space.
  mutating func add(_ text: String, _ style: Span.Style, _ link: Link?) {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard let clean = Characters.clean(scalar) else { continue }
      if clean == " ", endsWithBlank { continue }
      endsWithBlank = clean == " "
      scalars.append(clean)
    }
    guard !scalars.isEmpty else { return }
    append(Span(text: String(scalars), style: style, link: link))
  }

  mutating func addBreak() {
    spans.append(Span(text: "", isBreak: true))
    endsWithBlank = true
  }

  private mutating func append(_ span: Span) {
    // By its place: a copy of the last span would have its text copied each time.
    let end = spans.count - 1
    if end >= 0, spans[end].style == span.style, spans[end].link == span.link, !spans[end].isBreak {
      spans[end].text += span.text
    } else {
      spans.append(span)
    }
  }

  /// The paragraphs that it is, none of them empty.
  ///
  /// Two line ends in a row part them.
  consuming func paragraphs() -> [[Span]] {
    var paragraphs: [[Span]] = []
    var current: [Span] = []
    var breaks = 0
    for span in spans {
      if span.isBreak {
        breaks += 1
        continue
      }
      if span.text.unicodeScalars.allSatisfy(Characters.isBlank), breaks > 0 || current.isEmpty {
        continue
      }
      if breaks > 1 {
        paragraphs.append(current)
        current = []
      } else if breaks == 1, !current.isEmpty {
        current.append(Span(text: "", isBreak: true))
      }
      breaks = 0
      current.append(span)
    }
    paragraphs.append(current)
    return paragraphs.map(Inline.trimmed).filter { !$0.isEmpty }
  }

  /// All of it on one line: a line's end is a space.
  consuming func line() -> [Span] {
    var result = Inline()
    for span in spans {
      if span.isBreak {
        result.add(" ", .plain, nil)
      } else {
        result.add(span.text, span.style, span.link)
      }
    }
    return Inline.trimmed(result.spans)
  }

  /// Without blanks at the ends of its lines.
  private static func trimmed(_ spans: [Span]) -> [Span] {
    var result: [Span] = []
    func dropTrailingBlanks() {
      while let last = result.last, !last.isBreak {
        let text = last.text.unicodeScalars
        guard let end = text.lastIndex(where: { !Characters.isBlank($0) }) else {
          result.removeLast()
          continue
        }
        result[result.count - 1].text = String(text[...end])
        return
      }
    }
    var startsLine = true
    for var span in spans {
      if span.isBreak {
        dropTrailingBlanks()
        guard result.last?.isBreak == false else { continue }
        result.append(span)
        startsLine = true
        continue
      }
      if startsLine {
        span.text = String(span.text.unicodeScalars.drop(while: Characters.isBlank))
        if span.text.isEmpty { continue }
        startsLine = false
      }
      result.append(span)
    }
    dropTrailingBlanks()
    if result.last?.isBreak == true { result.removeLast() }
    return result
  }
}

extension [Span] {
  /// The words alone; a line's end is a space.
  var plain: String { map { $0.isBreak ? " " : $0.text }.joined() }

  /// Adds `more`, with a space before it where something stands already.
  mutating func join(_ more: [Span]) {
    if !isEmpty, !more.isEmpty { append(Span(text: " ")) }
    self += more
  }

  /// The same, all of it emphasised.
  var emphasised: [Span] {
    map { span in
      var span = span
      span.style = .emphasis
      return span
    }
  }
}
