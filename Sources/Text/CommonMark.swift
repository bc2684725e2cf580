/// Texts in CommonMark (0.29) with the tables of GFM, for a page and for the voice.
///
/// Trust: whoever writes the text decides what is said, never what is done: HTML in it is left out,
/// a link leads to `http`, `https` or `mailto` or is plain text, an image is its description, and a
/// page made of it asks for nothing.
public enum CommonMark {
  /// The text as HTML, to stand below a heading of level 1.
  ///
  /// Headings are renumbered so that none is skipped. Tables stand in a region that scrolls and that
  /// the keyboard reaches.
  ///
  /// `tableLabel` is what a screen reader calls a table; `link` makes the `href` to write of the place
  /// of a link among ``links(_:)`` and its address.
  public static func markup(
    _ text: String, tableLabel: String = "Tableau", link: (Int, String) -> String = { $1 }
  ) -> Markup {
    guard let tree = CommonMarkTree(text) else { return Markup(escaping: text) }
    var writer = CommonMarkWriter(tableLabel: tableLabel)
    tree.walk { node, enters in writer.visit(node, enters, link) }
    return writer.markup
  }

  /// The addresses of the links that can be followed, in the order of the text.
  public static func links(_ text: String) -> [String] {
    var links: [String] = []
    CommonMarkTree(text)?.walk { node, enters in
      if enters, node.kind == "link", isAllowed(node.address) { links.append(node.address) }
    }
    return links
  }

  /// The text as it is read aloud: paragraphs between blank lines, nothing that is not said.
  public static func plainText(_ text: String) -> String {
    guard let tree = CommonMarkTree(text) else { return text }
    var reader = CommonMarkSpeaker()
    tree.walk { node, enters in reader.visit(node, enters) }
    return reader.finish()
  }

  /// Whether an address may be followed: absolute, of one of three schemes.
  static func isAllowed(_ address: String) -> Bool {
    let lower = address.lowercased()
    return ["http://", "https://", "mailto:"].contains { lower.hasPrefix($0) }
      && address.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
  }
}

/// Writes a tree as HTML, node after node.
struct CommonMarkWriter {
  private(set) var markup = Markup()
  let tableLabel: String
  /// Levels of the headings that the present place stands under, as they were written.
  private var headings: [Int] = []
  private var links = 0
  /// Whether the links that are open have a tag.
  private var openLinks: [Bool] = []
  /// Images that are open: their text is their description.
  private var images = 0
  private var isTableBodyOpen = false

  init(tableLabel: String) { self.tableLabel = tableLabel }

  mutating func visit(
    _ node: CommonMarkTree.Node, _ enters: Bool, _ link: (Int, String) -> String
  ) {
    switch node.kind {
    case "text": markup.append(escaping: node.literal)
    case "softbreak": markup += "\n"
    case "linebreak": markup += images > 0 ? " " : "<br>\n"
    case "code": markup += images > 0 ? "\(node.literal)" : "<code>\(node.literal)</code>"
    case "emph": tag(enters, "<em>", "</em>")
    case "strong": tag(enters, "<strong>", "</strong>")
    case "image": images += enters ? 1 : -1
    case "link": write(link: node, enters, link)
    default: write(block: node, enters)
    }
  }

  private mutating func tag(_ enters: Bool, _ open: Markup, _ close: Markup) {
    if images == 0 { markup += enters ? open : close }
  }

  private mutating func write(
    link node: CommonMarkTree.Node, _ enters: Bool, _ link: (Int, String) -> String
  ) {
    guard enters else {
      if openLinks.popLast() == true { markup += "</a>" }
      return
    }
    let isAllowed = CommonMark.isAllowed(node.address)
    openLinks.append(isAllowed)
    guard isAllowed else { return }
    markup += "<a href=\"\(link(links, node.address))\">"
    links += 1
  }

  private mutating func write(block node: CommonMarkTree.Node, _ enters: Bool) {
    switch node.kind {
    case "paragraph": if !node.isTight { tag(enters, "<p>", "</p>\n") }
    case "heading": write(heading: node, enters)
    case "block_quote": tag(enters, "<blockquote>\n", "</blockquote>\n")
    case "list":
      guard node.isOrdered else { return tag(enters, "<ul>\n", "</ul>\n") }
      tag(enters, node.start == 1 ? "<ol>\n" : "<ol start=\"\(node.start)\">\n", "</ol>\n")
    case "item": tag(enters, "<li>", "</li>\n")
    case "thematic_break": markup += "<hr>\n"
    case "code_block": markup += "<pre><code>\(node.literal)</code></pre>\n"
    case "table", "table_header", "table_row", "table_cell": write(table: node, enters)
    // HTML is left out.
    default: break
    }
  }

  private mutating func write(heading node: CommonMarkTree.Node, _ enters: Bool) {
    if enters {
      while let last = headings.last, last >= node.level { headings.removeLast() }
      headings.append(node.level)
    }
    let level = min(6, headings.count + 1)
    tag(enters, "<h\(level)>", "</h\(level)>\n")
  }

  private mutating func write(table node: CommonMarkTree.Node, _ enters: Bool) {
    switch (node.kind, enters) {
    case ("table", true):
      isTableBodyOpen = false
      markup +=
        "<div class=\"tableau\" role=\"region\" aria-label=\"\(tableLabel)\" tabindex=\"0\"><table>\n"
    case ("table", false):
      markup += isTableBodyOpen ? "</tbody></table></div>\n" : "</table></div>\n"
    case ("table_header", _): tag(enters, "<thead><tr>", "</tr></thead>\n")
    case ("table_row", true):
      markup += isTableBodyOpen ? "<tr>" : "<tbody>\n<tr>"
      isTableBodyOpen = true
    case ("table_row", false): markup += "</tr>\n"
    case (_, true):
      let place: Markup =
        switch node.alignment {
        case "c": " class=\"centre\""
        case "r": " class=\"fin\""
        default: ""
        }
      markup += node.isHeading ? "<th scope=\"col\"\(place)>" : "<td\(place)>"
    case (_, false): markup += node.isHeading ? "</th>" : "</td>"
    }
  }
}

/// Writes a tree as what is said aloud.
struct CommonMarkSpeaker {
  private var paragraphs: [String] = []
  private var current = ""

  mutating func visit(_ node: CommonMarkTree.Node, _ enters: Bool) {
    switch node.kind {
    case "text", "code": current += node.literal
    case "softbreak", "linebreak": current += " "
    case "code_block":
      current += node.literal
      end()
    case "paragraph", "heading", "table_row", "table_header": if !enters { end() }
    // The pause of a comma stands between two cells.
    case "table_cell": if enters, !current.isEmpty { current += ", " }
    default: break
    }
  }

  private mutating func end() {
    let words = current.split(whereSeparator: \.isWhitespace)
    if !words.isEmpty { paragraphs.append(words.joined(separator: " ")) }
    current = ""
  }

  mutating func finish() -> String {
    end()
    return paragraphs.joined(separator: "\n\n")
  }
}
