internal import CXML2

/// Why a text could not be made of HTML.
public enum HTMLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// More bytes or levels than ``HTML/bytesLimit`` and ``HTML/depthLimit``.
  case tooLarge
  case tooDeep
  /// An element has more attributes than ``HTML/attributeLimit``.
  case tooManyAttributes
  /// There was text, and nothing of it came out: a fault of the parser or of this program.
  case lost
  case noMemory

  public var description: String {
    switch self {
    case .tooLarge: "has more than \(HTML.bytesLimit) bytes of HTML; shorten it"
    case .tooDeep: "has more than \(HTML.depthLimit) elements in one another; simplify it"
    case .tooManyAttributes:
      "has an element with more than \(HTML.attributeLimit) attributes; simplify it"
    case .lost: "has text of which nothing came out; report it with its HTML"
    case .noMemory: "cannot be read: there is no memory"
    }
  }
}

extension HTMLTree {
  /// Reads HTML as browsers do, as far as libxml2 does: whatever the bytes are, it finds a tree.
  ///
  /// Entities are decoded once. Nothing is loaded, and nothing in the HTML runs. Trust: whoever
  /// writes the HTML decides what the tree holds, within the bounds of ``HTML``.
  init(parsing html: String) throws(HTMLError) {
    // A form feed is a blank, which libxml2 does not know.
    var bytes = html.utf8.filter { $0 != 0 }.map { $0 == 0x0c ? 0x20 : $0 }
    guard bytes.count <= HTML.bytesLimit else { throw .tooLarge }
    bytes = try HTMLScan.checked(bytes)
    self.init()
    // libxml2 finds no content in an empty document.
    if bytes.isEmpty { return }
    let builder = HTMLBuilder()
    bytes.append(0)
    let failure: HTMLError? = bytes.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        guard let parser = fil_html_parser(bytes.baseAddress, Int32(bytes.count - 1)) else {
          return .noMemory
        }
        defer { htmlFreeParserCtxt(parser) }
        builder.attach(to: parser)
        htmlParseDocument(parser)
        builder.flush()
        return builder.failure
      }
    }
    if let failure { throw failure }
    self = builder.tree
    finish()
  }
}

/// A look at HTML before libxml2 has it, for what that does in its own way.
private enum HTMLScan {
  /// The bytes without empty comments, `<!-->` and `<!--->`, which libxml2 ends only at the next one.
  ///
  /// - Throws: ``HTMLError/tooManyAttributes``: libxml2 compares each with all before it.
  static func checked(_ bytes: [UInt8]) throws(HTMLError) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
      result += rest[..<start]
      rest = rest[start...]
      let end: Int
      if rest.starts(with: "<!--".utf8) {
        if let empty = ["<!-->", "<!--->"].first(where: { rest.starts(with: $0.utf8) }) {
          rest = rest.dropFirst(empty.utf8.count)
          continue
        }
        end = rest.firstRange(of: Array("-->".utf8))?.upperBound ?? rest.endIndex
      } else {
        end = try endOfTag(rest)
      }
      result += rest[..<end]
      rest = rest[end...]
    }
    return result + rest
  }

  /// Where the tag at the start of `rest` ends; after `<` alone where it is none.
  ///
  /// The text of scripts and styles goes with their tags.
  private static func endOfTag(_ rest: ArraySlice<UInt8>) throws(HTMLError) -> Int {
    var index = rest.startIndex + 1
    guard index < rest.endIndex, 97...122 ~= rest[index] | 32 else { return index }
    var attributes = 0
    // The last byte that is no blank, and whether a blank or a value has ended since.
    var last: UInt8 = 0
    var isBetween = false
    while index < rest.endIndex, rest[index] != UInt8(ascii: ">") {
      let byte = rest[index]
      if last == UInt8(ascii: "="), byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        index = rest[(index + 1)...].firstIndex(of: byte) ?? rest.endIndex - 1
        isBetween = true
      } else if byte <= 0x20 || byte == UInt8(ascii: "/") {
        isBetween = true
      } else {
        if isBetween, byte != UInt8(ascii: "="), last != UInt8(ascii: "=") { attributes += 1 }
        isBetween = false
      }
      if byte > 0x20 { last = byte }
      index += 1
    }
    guard attributes <= HTML.attributeLimit else { throw .tooManyAttributes }
    index = min(index + 1, rest.endIndex)
    let name = String(decoding: rest.dropFirst().prefix(6), as: UTF8.self).lowercased()
    guard name == "script" || name.hasPrefix("style") else { return index }
    return rest[index...].firstRange(of: Array("</".utf8))?.lowerBound ?? rest.endIndex
  }
}

/// Takes in what the parser calls; lives as long as one call of it.
private final class HTMLBuilder {
  var tree = HTMLTree()
  var failure: HTMLError?
  private var parser: xmlParserCtxtPtr?
  /// The text since the last tag: the parser hands it over in pieces.
  private var text: [UInt8] = []

  func attach(to parser: xmlParserCtxtPtr) {
    self.parser = parser
    fil_xml_sinks(
      parser, Unmanaged.passUnretained(self).toOpaque(),
      { context, name, attributes in
        guard let context, let name else { return }
        Unmanaged<HTMLBuilder>.fromOpaque(context).takeUnretainedValue().begin(name, attributes)
      },
      { context, _ in
        guard let context else { return }
        Unmanaged<HTMLBuilder>.fromOpaque(context).takeUnretainedValue().end()
      },
      { context, bytes, count in
        guard let context, let bytes, count > 0 else { return }
        Unmanaged<HTMLBuilder>.fromOpaque(context).takeUnretainedValue().text +=
          UnsafeBufferPointer(start: bytes, count: Int(count))
      })
  }

  private func begin(
    _ name: UnsafePointer<xmlChar>, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    flush()
    guard tree.depth < HTML.depthLimit else {
      failure = .tooDeep
      xmlStopParser(parser)
      return
    }
    var found: [HTMLTree.Attribute] = []
    var next = attributes
    while let pair = next, let name = pair[0] {
      let key = String(cString: name).lowercased()
      if HTML.attributes.contains(key) {
        found.append(
          HTMLTree.Attribute(name: key, value: pair[1].map { String(cString: $0) } ?? ""))
      }
      next = pair + 2
    }
    tree.begin(String(cString: name).lowercased(), found)
  }

  private func end() {
    flush()
    tree.end()
  }

  func flush() {
    guard !text.isEmpty else { return }
    tree.add(String(decoding: text, as: UTF8.self))
    text.removeAll(keepingCapacity: true)
  }
}
