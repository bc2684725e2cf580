/// The elements and texts of an HTML document, in one flat list in the order of the document.
///
/// It is walked without recursion, so that no nesting, however deep, exhausts a thread's stack.
struct HTMLTree: Sendable {
  struct Node: Sendable {
    /// In lower case; empty: a text.
    let name: String
    let text: String
    let attributes: [Attribute]
    let parent: Int
    /// The first node after all that is in this one.
    var end: Int
    /// Whether a `p`, or a letter or digit, is anywhere in it.
    var hasParagraph = false
    var hasWords = false
  }

  struct Attribute: Sendable {
    let name: String
    let value: String
  }

  /// The first is the root, which has no name and holds all others.
  private(set) var nodes = [Node(name: "", text: "", attributes: [], parent: 0, end: 1)]
  private var open = [0]

  mutating func begin(_ name: String, _ attributes: [Attribute]) {
    if name == "p" { mark(\.hasParagraph) }
    nodes.append(
      Node(
        name: name, text: "", attributes: attributes, parent: open[open.count - 1],
        end: nodes.count + 1))
    open.append(nodes.count - 1)
  }

  mutating func end() {
    guard open.count > 1 else { return }
    nodes[open.removeLast()].end = nodes.count
  }

  mutating func add(_ text: String) {
    if text.unicodeScalars.contains(where: Characters.isAlphanumeric) { mark(\.hasWords) }
    nodes.append(
      Node(
        name: "", text: text, attributes: [], parent: open[open.count - 1], end: nodes.count + 1))
  }

  /// Marks all that is open; where one is marked, so are those around it.
  private mutating func mark(_ property: WritableKeyPath<Node, Bool>) {
    for node in open.reversed() {
      if nodes[node][keyPath: property] { return }
      nodes[node][keyPath: property] = true
    }
  }

  /// Ends what is still open.
  mutating func finish() {
    while open.count > 1 { end() }
    nodes[0].end = nodes.count
  }

  var depth: Int { open.count }

  /// Letters of all texts, also of what nobody sees.
  var letters: Int { nodes.reduce(0) { $0 + $1.text.utf8.count(where: HTML.isLetter) } }

  func isText(_ node: Int) -> Bool { node > 0 && nodes[node].name.isEmpty }

  /// A step of a walk; an element is entered, and left when all that is in it was visited.
  enum Step {
    case text(Int)
    case enter(Int)
    case leave(Int)
  }

  /// All steps, in order.
  struct Walk {
    fileprivate let tree: HTMLTree
    private var open: [Int] = []
    private var node = 1

    fileprivate init(_ tree: HTMLTree) { self.tree = tree }

    mutating func next() -> Step? {
      if let top = open.last, tree.nodes[top].end <= node {
        open.removeLast()
        return .leave(top)
      }
      guard node < tree.nodes.count else { return nil }
      defer { node += 1 }
      if tree.isText(node) { return .text(node) }
      open.append(node)
      return .enter(node)
    }

    /// Passes over what is in the element that was just entered; it is not left.
    mutating func skip() {
      if let top = open.popLast() { node = tree.nodes[top].end }
    }
  }

  var walk: Walk { Walk(self) }
}

extension HTMLTree.Node {
  subscript(attribute: String) -> String? {
    attributes.first { $0.name == attribute }?.value
  }

  /// The words of `class`, in lower case.
  var classes: [Substring] {
    guard let words = self["class"] else { return [] }
    return words.lowercased().split { $0.isWhitespace }
  }
}
