/// A paragraph, heading or table, and what it stands in.
struct Block: Sendable {
  enum Kind: Sendable {
    case paragraph([Span])
    /// Level 2 to 6: the title of the article is the only one of level 1.
    case heading(Int, [Span])
    /// Rows of cells; the first row is the head.
    case table([[[Span]]])
  }

  /// A quote or an item of a list.
  enum Container: Sendable, Equatable {
    case quote(Int)
    /// `list` and `item` tell them apart; `start`: the first number; nil where the list has none.
    case item(list: Int, item: Int, start: Int?)
  }

  let kind: Kind
  /// From the outermost.
  let containers: [Container]
}

/// Writes blocks as CommonMark.
struct BlockWriter {
  private var result = ""
  private var previous: Block?
  /// Of each list, whether it has the other mark: two lists in a row would else be one.
  private var alternates: [Int: Bool] = [:]
  /// Of each list, its next number; of each item, its own: an item without a text has none.
  private var next: [Int: Int] = [:]
  private var numbers: [Int: Int] = [:]

  static func write(_ blocks: [Block]) -> String {
    var writer = BlockWriter()
    for block in blocks { writer.write(block) }
    return writer.result
  }

  private mutating func write(_ block: Block) {
    let text = BlockWriter.text(block.kind)
    guard !text.isEmpty else { return }
    let old = previous?.containers ?? []
    let shared = zip(old, block.containers).prefix { $0 == $1 }.count
    choose(block.containers.dropFirst(shared).first, beside: old.dropFirst(shared).first)
    for container in block.containers[shared...] { count(container) }
    let before = block.containers[..<shared].map(indent).joined()
    if previous != nil {
      result += "\n"
      if !isTight(block, shared) { result += BlockWriter.blankLine(before) + "\n" }
    }
    let first = before + block.containers[shared...].map(mark).joined()
    let rest = block.containers.map(indent).joined()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if index > 0 { result += "\n" }
      result += (index == 0 ? first : rest) + line
    }
    previous = block
  }

  private static func blankLine(_ prefix: String) -> String {
    String(prefix.reversed().drop { $0 == " " }.reversed())
  }

  private mutating func count(_ container: Block.Container) {
    guard case .item(let list, let item, let start?) = container else { return }
    numbers[item] = next[list] ?? start
    next[list] = (next[list] ?? start) + 1
  }

  /// Has a list that comes directly after another of its kind take the other mark.
  private mutating func choose(_ new: Block.Container?, beside old: Block.Container?) {
    guard case .item(let list, _, let start)? = new else { return }
    guard case .item(let other, _, let otherStart)? = old, (start == nil) == (otherStart == nil)
    else {
      alternates[list] = false
      return
    }
    if other != list { alternates[list] = !(alternates[other] ?? false) }
  }

  /// Whether the block follows without an empty line: the next item after a paragraph.
  private func isTight(_ block: Block, _ shared: Int) -> Bool {
    guard let previous, case .paragraph = previous.kind, case .paragraph = block.kind,
      shared < block.containers.count, case .item(let list, let item, _) = block.containers[shared]
    else { return false }
    if shared < previous.containers.count {
      guard case .item(let other, _, _) = previous.containers[shared] else { return false }
      return other == list
    }
    // A list in an item: a number other than 1 cannot follow a paragraph directly.
    guard shared > 0, case .item = block.containers[shared - 1] else { return false }
    return numbers[item] ?? 1 == 1
  }

  private func mark(_ container: Block.Container) -> String {
    switch container {
    case .quote: return "> "
    case .item(let list, let item, let start):
      let other = alternates[list] ?? false
      guard let number = start == nil ? nil : numbers[item] ?? start else {
        return other ? "* " : "- "
      }
      return "\(number)\(other ? ")" : ".") "
    }
  }

  private func indent(_ container: Block.Container) -> String {
    guard case .item = container else { return "> " }
    return String(repeating: " ", count: mark(container).utf8.count)
  }

  private static func text(_ kind: Block.Kind) -> String {
    switch kind {
    case .paragraph(let spans): return InlineWriter.write(spans, in: .paragraph)
    case .heading(let level, let spans):
      let text = InlineWriter.write(spans, in: .heading)
      return text.isEmpty ? "" : String(repeating: "#", count: level) + " " + text
    case .table(let rows): return table(rows)
    }
  }

  private static func table(_ rows: [[[Span]]]) -> String {
    let width = rows.map(\.count).max() ?? 0
    guard let head = rows.first else { return "" }
    func line(_ row: [[Span]]) -> String {
      var line = "|"
      for column in 0..<width {
        let cell = column < row.count ? InlineWriter.write(row[column], in: .cell) : ""
        line += cell.isEmpty ? "  |" : " \(cell) |"
      }
      return line
    }
    let rule = "|" + String(repeating: " --- |", count: width)
    return ([line(head), rule] + rows.dropFirst().map(line)).joined(separator: "\n")
  }
}
