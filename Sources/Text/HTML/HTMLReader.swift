/// Makes blocks of a tree, in one walk.
struct HTMLReader {
  /// Quotes and lists in one another; what is deeper stands in the innermost of these.
  static let containerLimit = 6
  static let columnLimit = 64
  /// Nodes of a player in which its address is looked for.
  static let sourceLimit = 64
  /// Bytes of ``opening``.
  static let openingLimit = 2_000

  /// What entering an element has changed.
  struct Undo: Equatable {
    var containers = 0
    /// Containers that are open again afterwards.
    var interrupted: [Block.Container] = []
    var isList = false
    var isFigure = false
    var isCaption = false
    var isLink = false
  }

  struct ListState {
    let node: Int
    /// The first number; nil: the list has none.
    let start: Int?
    /// The newest item: a list directly in this list belongs to it.
    var last: Block.Container?
  }

  struct Figure {
    var descriptions: [String] = []
    var caption: [Span] = []
  }

  struct TableState {
    /// Tables in one another: those inside are text of the cell.
    var depth = 1
    var rows: [[[Span]]] = []
    var isInCell = false
    var isInCaption = false
    var caption: [Span] = []

    var isBetweenCells: Bool { !isInCell && !isInCaption }

    mutating func beginCell() {
      if rows.isEmpty { rows.append([]) }
      // What has no column left joins the last one.
      if rows[rows.count - 1].count < HTMLReader.columnLimit { rows[rows.count - 1].append([]) }
      isInCell = true
    }

    /// Adds a line to the caption, or to the cell that is being read: the last of the last row.
    mutating func add(_ line: [Span]) {
      if isInCaption {
        caption.join(line)
      } else if isInCell {
        let row = rows.count - 1
        rows[row][rows[row].count - 1].join(line)
      }
    }
  }

  let tree: HTMLTree
  let options: HTML.Options
  let shortcodes: Shortcodes
  var blocks: [Block] = []
  /// Whether there were words that are to come out.
  var hasRead = false
  var images: Set<Int> = []
  /// The words of the first paragraphs.
  var opening = ""
  /// The first words of all that is no caption: headings and tables too.
  var words = ""
  var inline = Inline()
  var containers: [Block.Container] = []
  var lists: [ListState] = []
  var figures: [Figure] = []
  var captions = 0
  var table: TableState?
  var heading = 0
  var preformatted = 0
  var strong = 0
  var emphasis = 0
  /// Above the line, where positive; below it, where negative.
  var raised = 0
  var links: [Link] = []
  /// What pictures of the present paragraph show; they follow it.
  var descriptions: [String] = []
  var undo: [Int: Undo] = [:]

  init(_ tree: HTMLTree, _ options: HTML.Options, _ shortcodes: Shortcodes) {
    self.tree = tree
    self.options = options
    self.shortcodes = shortcodes
  }

  mutating func read() {
    var walk = tree.walk
    while let step = walk.next() {
      switch step {
      case .text(let node): add(tree.nodes[node].text)
      case .enter(let node): if !enter(node, tree.nodes[node]) { walk.skip() }
      case .leave(let node): leave(node, tree.nodes[node])
      }
    }
    flush()
  }

  /// The style of a text that comes now.
  var style: Span.Style { strong > 0 ? .strong : emphasis > 0 ? .emphasis : .plain }

  private mutating func add(_ text: String) {
    var text = shortcodes.removed(from: text)
    if !hasRead { hasRead = text.unicodeScalars.contains(where: Characters.isAlphanumeric) }
    if raised != 0 { text = Characters.raised(text, raised > 0) }
    let keepsLines = preformatted > 0 || options.keepsLines && heading == 0 && table == nil
    guard keepsLines, text.utf8.contains(10) else {
      add(inline: text, style, links.last)
      return
    }
    // Two line ends in a row part paragraphs, as `<br><br>` does.
    let lines = Text.unifyLineEnds(text).split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if index > 0 { inline.addBreak() }
      inline.add(String(line), style, links.last)
    }
  }

  /// Adds what stands in a line; between the cells of a table it begins one.
  mutating func add(inline text: String, _ style: Span.Style, _ link: Link?) {
    if table?.isBetweenCells ?? false {
      // Blanks are only the layout of the source.
      if text.unicodeScalars.allSatisfy(Characters.isBlank) { return }
      beginCell()
    }
    inline.add(text, style, link)
  }

  /// Ends the paragraph.
  mutating func flush() {
    let ended = inline
    inline = Inline()
    if table != nil {
      table?.add(ended.line())
    } else if captions > 0 {
      figures[figures.count - 1].caption.join(ended.line())
    } else if heading > 0 {
      let line = ended.line()
      note(line)
      if !line.isEmpty { append(.heading(heading, line)) }
    } else {
      for paragraph in ended.paragraphs() { append(paragraph) }
    }
    let pictures = descriptions
    descriptions = []
    for picture in pictures { append(.paragraph([Span(text: picture, style: .emphasis)])) }
  }

  mutating func append(_ paragraph: [Span]) {
    if EmbedLink.only(in: paragraph) == nil {
      note(paragraph)
      if opening.utf8.count < HTMLReader.openingLimit {
        opening += (opening.isEmpty ? "" : " ") + Text.nfc(paragraph.plain)
      }
    }
    append(.paragraph(paragraph))
  }

  mutating func note(_ spans: [Span]) {
    if words.utf8.count < HTMLReader.openingLimit { words += " " + spans.plain }
  }

  mutating func append(_ kind: Block.Kind) {
    var kind = kind
    if case .paragraph(let spans) = kind, let embed = EmbedLink.only(in: spans) {
      kind = .paragraph([embed])
    }
    blocks.append(Block(kind: kind, containers: containers))
  }

  mutating func beginRow() {
    flush()
    table?.isInCell = false
    table?.rows.append([])
  }

  mutating func beginCell() {
    flush()
    table?.beginCell()
  }
}
