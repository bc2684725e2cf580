internal import CXML2

/// Why a text could not be made of HTML.
public enum HTMLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// More bytes or levels than ``HTML/bytesLimit`` and ``HTML/depthLimit``.
  case tooLarge
  case tooDeep
  /// There was text, and nothing of it came out: a fault of the parser or of this program.
  case lost
  case noMemory

  public var description: String {
    switch self {
    case .tooLarge: "has more than \(HTML.bytesLimit) bytes of HTML; shorten it"
    case .tooDeep: "has more than \(HTML.depthLimit) elements in one another; simplify it"
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
