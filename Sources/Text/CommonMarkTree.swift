internal import CMark

/// A parsed text in CommonMark with the tables of GFM.
///
/// It is walked without recursion, so that no nesting, however deep, exhausts a thread's stack.
struct CommonMarkTree: ~Copyable {
  private let root: OpaquePointer

  /// A node in the order of the text: once when it is entered, and, if it may hold others, once more
  /// when it is left.
  struct Node {
    fileprivate let pointer: OpaquePointer

    /// As cmark names it, such as `paragraph` or `table_cell`.
    var kind: String { CommonMarkTree.text(cmark_node_get_type_string(pointer)) }
    var literal: String { CommonMarkTree.text(cmark_node_get_literal(pointer)) }
    var address: String { CommonMarkTree.text(cmark_node_get_url(pointer)) }
    var level: Int { Int(cmark_node_get_heading_level(pointer)) }
    var isOrdered: Bool { cmark_node_get_list_type(pointer) == CMARK_ORDERED_LIST }
    var start: Int { Int(cmark_node_get_list_start(pointer)) }

    /// Whether it is a paragraph of a list without blank lines, which has no tags of its own.
    var isTight: Bool {
      guard let item = cmark_node_parent(pointer), let list = cmark_node_parent(item) else {
        return false
      }
      return cmark_node_get_list_tight(list) == 1
    }

    /// Whether it is a cell of the row of titles.
    var isHeading: Bool {
      guard let row = cmark_node_parent(pointer) else { return false }
      return cmark_gfm_extensions_get_table_row_is_header(row) == 1
    }

    /// Of a cell: `l`, `c`, `r`, or nil where the text does not say.
    var alignment: Character? {
      guard let row = cmark_node_parent(pointer), let table = cmark_node_parent(row),
        let alignments = cmark_gfm_extensions_get_table_alignments(table)
      else { return nil }
      var column = 0
      var cell = pointer
      while let previous = cmark_node_previous(cell) { (cell, column) = (previous, column + 1) }
      guard column < Int(cmark_gfm_extensions_get_table_columns(table)) else { return nil }
      let letter = alignments[column]
      return letter == 0 ? nil : Character(Unicode.Scalar(letter))
    }
  }

  /// Nil when there is no memory for it.
  init?(_ text: String) {
    guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else { return nil }
    defer { cmark_parser_free(parser) }
    if let table = CommonMarkTree.table.pointer {
      cmark_parser_attach_syntax_extension(parser, table)
    }
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        cmark_parser_feed(parser, $0.baseAddress, $0.count)
      }
    }
    guard let root = cmark_parser_finish(parser) else { return nil }
    self.root = root
  }

  deinit { cmark_node_free(root) }

  func walk(_ visit: (_ node: Node, _ enters: Bool) -> Void) {
    guard let iterator = cmark_iter_new(root) else { return }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      guard event != CMARK_EVENT_DONE, let pointer = cmark_iter_get_node(iterator) else { return }
      visit(Node(pointer: pointer), event == CMARK_EVENT_ENTER)
    }
  }

  private static func text(_ bytes: UnsafePointer<CChar>?) -> String {
    bytes.map { String(cString: $0) } ?? ""
  }

  /// Found once; cmark only reads it afterwards.
  private struct Extension: @unchecked Sendable { let pointer: OpaquePointer? }

  private static let table: Extension = {
    cmark_gfm_core_extensions_ensure_registered()
    return Extension(pointer: cmark_find_syntax_extension("table"))
  }()
}
