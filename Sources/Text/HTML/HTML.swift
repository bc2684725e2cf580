/// HTML as content systems write it, made into CommonMark or one line of text.
///
/// Trust: whoever writes the HTML decides what is said, never what is done: the result has no HTML
/// and leads only to `http`, `https` and `mailto`.
public enum HTML {
  /// Bytes of a text that is read.
  public static let bytesLimit = 8 << 20
  /// Elements in one another.
  public static let depthLimit = 40_000
  /// Attributes of an element.
  public static let attributeLimit = 1_000

  /// The attributes that a tree keeps.
  static let attributes: Set<String> = [
    "href", "src", "data", "alt", "class", "id", "style", "hidden", "aria-hidden", "width",
    "height", "start",
  ]

  /// How a text is to be read.
  public struct Options: Sendable {
    /// Where the text stood: what its relative links are relative to; empty: they are left out.
    public var base = ""
    /// Empty lines part paragraphs and line ends are kept, as where no element says so.
    public var keepsLines = false

    public init(base: String = "", keepsLines: Bool = false) {
      self.base = base
      self.keepsLines = keepsLines
    }
  }

  /// What became of an HTML text.
  public struct Converted: Sendable, Equatable {
    /// In NFC, with LF as line ends; empty where there was nothing to read.
    public var commonMark: String
    /// The words of its first paragraphs, without any mark, for a summary.
    public var opening: String
    /// The first words of all that is no caption: headings, lists and tables too.
    public var words: String
    /// Numbers that WordPress gave to the images and galleries in it, ascending.
    public var images: [Int]
  }

  /// The CommonMark (0.29, with GFM's tables) for a text in HTML.
  ///
  /// The same HTML gives the same result, and so does HTML that differs in what nobody sees. What is
  /// kept and what goes is in `Server/IMPORT.md`.
  public static func commonMark(
    _ html: String, _ options: Options = Options()
  ) throws(HTMLError) -> Converted {
    let tree = try HTMLTree(parsing: html)
    var reader = HTMLReader(tree, options, Shortcodes(html))
    reader.read()
    let text = Text.nfc(BlockWriter.write(reader.blocks))
    if text.isEmpty, reader.hasRead || letters(outsideTagsOf: html) > tree.letters { throw .lost }
    return Converted(
      commonMark: text, opening: reader.opening, words: Text.nfc(reader.words),
      images: reader.images.sorted())
  }

  /// The text that HTML shows, on one line, without any mark.
  public static func text(_ html: String) throws(HTMLError) -> String {
    let tree = try HTMLTree(parsing: html)
    var parts = ""
    var walk = tree.walk
    while let step = walk.next() {
      switch step {
      case .text(let node): parts += tree.nodes[node].text
      case .enter(let node):
        let element = tree.nodes[node]
        if AllowList.isEmoji(element) { parts += element["alt"] ?? "" }
        if AllowList.isDropped(element) { walk.skip() }
        if AllowList.breaks(element.name) || element.name == "br" { parts += " " }
      case .leave(let node): if AllowList.breaks(tree.nodes[node].name) { parts += " " }
      }
    }
    return Text.nfc(Characters.line(parts))
  }

  /// Letters outside of tags, comments and entities: a plain scan, to check the parser by.
  private static func letters(outsideTagsOf html: String) -> Int {
    var rest = html.utf8[...]
    var count = 0
    while let byte = rest.first {
      switch byte {
      case UInt8(ascii: "<"):
        guard let end = endOfTag(rest) else { return count }
        rest = rest[end...]
      case UInt8(ascii: "&"):
        rest = rest.dropFirst().drop { $0 | 32 >= 97 && $0 | 32 <= 122 || 35...57 ~= $0 }
      default:
        if isLetter(byte) { count += 1 }
        rest = rest.dropFirst()
      }
    }
    return count
  }

  /// Whether a letter begins with this byte.
  static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0xc3 || byte | 32 >= 97 && byte | 32 <= 122
  }

  /// Where the tag or comment at the start of `text` ends, with its quotes; nil: it does not.
  private static func endOfTag(
    _ text: Substring.UTF8View
  ) -> Substring.UTF8View.Index? {
    if text.starts(with: "<!--".utf8) { return text.firstRange(of: Array("-->".utf8))?.upperBound }
    var index = text.index(after: text.startIndex)
    guard index < text.endIndex, text[index] | 32 >= 97 || "/!?".utf8.contains(text[index]) else {
      return index
    }
    var previous: UInt8 = 0
    while index < text.endIndex {
      let byte = text[index]
      if byte == UInt8(ascii: ">") { return text.index(after: index) }
      if previous == UInt8(ascii: "="), byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        let rest = text[text.index(after: index)...]
        guard let quote = rest.firstIndex(of: byte) else { return nil }
        index = quote
      }
      if byte > 32 { previous = byte }
      index = text.index(after: index)
    }
    return nil
  }
}
