/// What each element does to the blocks that are being made.
extension HTMLReader {
  /// Takes note that an element begins; false: what is in it is passed over.
  mutating func enter(_ node: Int, _ element: HTMLTree.Node) -> Bool {
    if AllowList.embeds.contains(element.name) {
      let isDone = AllowList.isDropped(element) || addEmbed(node)
      // An `embed` has nothing in it; the parser may take what follows for its own. In an `object`
      // stands what is shown in its place.
      return element.name == "embed" || element.name == "object" && !isDone
    }
    if AllowList.isEmoji(element) {
      add(inline: element["alt"] ?? "", style, links.last)
      return false
    }
    if AllowList.isDropped(element) { return false }
    note(image: element)
    let inner = table
    if AllowList.breaks(element.name) { flush() }
    var undo = Undo()
    if AllowList.isCaption(element), !figures.isEmpty, inner == nil {
      flush()
      captions += 1
      undo.isCaption = true
    } else if AllowList.isFigure(element), inner == nil {
      flush()
      figures.append(Figure())
      undo.isFigure = true
    }
    enter(node, element, &undo)
    if undo != Undo() { self.undo[node] = undo }
    return true
  }

  private mutating func enter(_ node: Int, _ element: HTMLTree.Node, _ undo: inout Undo) {
    switch element.name {
    case "br": inline.addBreak()
    case "img": addPicture(element)
    case "strong", "b": strong += 1
    case "em", "i", "dfn", "var": emphasis += 1
    case "sup": raised += 1
    case "sub": raised -= 1
    case "cite":
      // Below a quote stands who said it.
      if ["blockquote", "figure"].contains(tree.nodes[element.parent].name) { flush() }
      emphasis += 1
    case "q": add(inline: "«\u{a0}", style, links.last)
    case "a":
      if let address = element["href"].flatMap({ LinkAddress.make($0, base: options.base) }) {
        links.append(Link(node: node, address: address))
        undo.isLink = true
      }
    case "h1", "h2": heading = 2
    case "h3": heading = 3
    case "h4": heading = 4
    case "h5": heading = 5
    case "h6": heading = 6
    case "pre", "listing", "xmp", "plaintext": preformatted += 1
    case "blockquote": push(.quote(node), &undo)
    case "ul", "ol", "menu", "dir": beginList(node, element, &undo)
    case "li": beginItem(node, &undo)
    case "table":
      if table == nil { table = TableState() } else { table?.depth += 1 }
    case "caption": if table?.depth == 1 { table?.isInCaption = true }
    case "tr": if table?.depth == 1 { beginRow() }
    case "td", "th": if table?.depth == 1 { beginCell() }
    default: break
    }
  }

  mutating func leave(_ node: Int, _ element: HTMLTree.Node) {
    if AllowList.breaks(element.name) { flush() }
    switch element.name {
    case "strong", "b": strong -= 1
    case "em", "i", "dfn", "var": emphasis -= 1
    case "sup": raised -= 1
    case "sub": raised += 1
    case "cite":
      if ["blockquote", "figure"].contains(tree.nodes[element.parent].name) { flush() }
      emphasis -= 1
    case "q": add(inline: "\u{a0}»", style, links.last)
    case "h1", "h2", "h3", "h4", "h5", "h6": heading = 0
    case "pre", "listing", "xmp", "plaintext": preformatted -= 1
    case "table": endTable()
    case "caption": table?.isInCaption = false
    case "td", "th": if table?.depth == 1 { table?.isInCell = false }
    default: break
    }
    guard let undo = undo.removeValue(forKey: node) else { return }
    if undo.isCaption {
      flush()
      captions -= 1
    }
    if undo.isFigure { endFigure() }
    if undo.isLink { links.removeLast() }
    containers.removeLast(undo.containers)
    containers += undo.interrupted
    if undo.isList { lists.removeLast() }
  }

  private mutating func push(_ container: Block.Container, _ undo: inout Undo) {
    guard table == nil, captions == 0, containers.count < HTMLReader.containerLimit else { return }
    containers.append(container)
    undo.containers += 1
  }

  private mutating func beginList(_ node: Int, _ element: HTMLTree.Node, _ undo: inout Undo) {
    if let list = lists.last, let last = list.last, firstItem(of: list.node) == nil {
      push(last, &undo)
    }
    let start = element["start"].flatMap { Int($0) } ?? 1
    lists.append(
      ListState(
        node: node,
        start: element.name == "ol" ? (0...1_000_000).contains(start) ? start : 1 : nil))
    undo.isList = true
  }

  /// Where in the containers the open item of a list is.
  private func firstItem(of list: Int) -> Int? {
    containers.firstIndex { container in
      if case .item(list, _, _) = container { true } else { false }
    }
  }

  private mutating func beginItem(_ node: Int, _ undo: inout Undo) {
    // An item outside of any list is one of a list that its parent is.
    let parent = tree.nodes[node].parent
    let list = lists.last?.node ?? -1 - parent
    let item = Block.Container.item(list: list, item: node, start: lists.last?.start)
    if !lists.isEmpty { lists[lists.count - 1].last = item }
    // An item that was not closed before the next one of its list ends here.
    if let open = firstItem(of: list) {
      undo.interrupted = Array(containers[open...])
      containers.removeSubrange(open...)
    }
    push(item, &undo)
  }

  private mutating func endTable() {
    guard var ended = table else { return }
    ended.depth -= 1
    guard ended.depth == 0 else {
      table = ended
      return
    }
    table = nil
    if !ended.caption.isEmpty { append(.paragraph(ended.caption.emphasised)) }
    let rows = ended.rows.filter { row in row.contains { !$0.isEmpty } }
    if rows.allSatisfy({ $0.count < 2 }) {
      // One column lays a text out; it is no table.
      for row in rows { for cell in row where !cell.isEmpty { append(cell) } }
    } else {
      for cell in rows.joined() { note(cell) }
      append(.table(rows))
    }
  }

  /// Remembers the number that WordPress gave to an image, in `wp-image-12` and the like.
  private mutating func note(image element: HTMLTree.Node) {
    for word in element.classes + [Substring(element["id"] ?? "")] {
      for start in ["wp-image-", "attachment_", "attachment-"] where word.hasPrefix(start) {
        if let number = Int(word.dropFirst(start.count)) { images.insert(number) }
      }
    }
  }

  private mutating func addPicture(_ element: HTMLTree.Node) {
    let words = Characters.line(element["alt"] ?? "")
    guard !words.isEmpty, !isFileName(words) else { return }
    if figures.isEmpty || captions > 0 {
      if table != nil || heading > 0 || captions > 0 {
        add(inline: " " + words + " ", .emphasis, nil)
      } else {
        descriptions.append("Photo : " + words)
      }
    } else {
      figures[figures.count - 1].descriptions.append(words)
    }
  }

  /// Whether a description is only the name of the picture's file.
  private func isFileName(_ words: String) -> Bool {
    if words.contains(" ") { return false }
    let lower = words.lowercased()
    return [".jpg", ".jpeg", ".png", ".gif", ".webp"].contains { lower.hasSuffix($0) }
      || ["img_", "img-", "dsc", "image-", "screenshot"].contains { lower.hasPrefix($0) }
  }

  private mutating func endFigure() {
    let figure = figures.removeLast()
    // What figures in this one say of their own stands already.
    var line: [Span] = []
    if !figure.descriptions.isEmpty {
      line.append(
        Span(text: "Photo : " + figure.descriptions.joined(separator: "\u{a0}; "), style: .emphasis)
      )
    }
    let caption = figure.caption.emphasised
    let said = figure.descriptions.joined(separator: " ")
    if !caption.isEmpty, caption.plain != said {
      if !line.isEmpty { line.append(Span(text: " — ", style: .emphasis)) }
      line += caption
    }
    if !line.isEmpty { append(.paragraph(line)) }
  }

  /// Puts a link in the place of what is shown from elsewhere; false: there is none to be had.
  private mutating func addEmbed(_ node: Int) -> Bool {
    let element = tree.nodes[node]
    guard !element.classes.contains("wp-embedded-content"),
      !["0", "1"].contains(element["width"] ?? ""), !["0", "1"].contains(element["height"] ?? "")
    else { return true }
    // Its own address, or that of the first of its sources.
    let end = element.name == "embed" ? node + 1 : min(element.end, node + HTMLReader.sourceLimit)
    let places = tree.nodes[node..<end].lazy.compactMap { $0["src"] ?? $0["data"] }
    for place in places.prefix(8) {
      guard let address = LinkAddress.make(place, base: options.base),
        let span = EmbedLink.span(address, node)
      else { continue }
      if table != nil || heading > 0 || captions > 0 {
        add(inline: span.text, .plain, span.link)
      } else {
        flush()
        append(.paragraph([span]))
      }
      return true
    }
    return false
  }
}

/// A link that stands for what is shown or played elsewhere; its text is the host's name.
enum EmbedLink {
  static func span(_ address: String, _ node: Int) -> Span? {
    guard let host = LinkAddress.host(of: address), !AllowList.isCounter(host: host) else {
      return nil
    }
    return Span(text: host, link: Link(node: node, address: address))
  }

  /// The link, where a paragraph is nothing but an address: WordPress embeds what it leads to.
  static func only(in paragraph: [Span]) -> Span? {
    let link = paragraph.first?.link
    guard paragraph.allSatisfy({ $0.link == link && !$0.isBreak }) else { return nil }
    let text = Text.nfc(paragraph.plain)
    guard text.hasPrefix("http://") || text.hasPrefix("https://"),
      link == nil || link?.address == text,
      !text.unicodeScalars.contains(where: Characters.isBlank),
      let address = LinkAddress.make(text, base: "")
    else { return nil }
    return span(address, link?.node ?? -1)
  }
}
