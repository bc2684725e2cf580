internal import CXML2

/// Why XML could not be read; nothing of it counts then.
public enum XMLError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Not well-formed at this line, or at the next one with a tag.
  case malformed(line: Int)
  /// Elements in one another: more than ``XML/depthLimit``.
  case tooDeep
  case tooLarge
  case noMemory

  public var description: String {
    switch self {
    case .malformed(let line): "is no well-formed XML near line \(line); export it again"
    case .tooDeep: "has more than \(XML.depthLimit) elements in one another; it is no feed"
    case .tooLarge: "has more than \(XML.bytesLimit) bytes"
    case .noMemory: "cannot be read: there is no memory"
    }
  }
}

/// Reads XML element by element, without a tree.
///
/// No entity is taken but the five of XML and those by number: what a document declares is passed
/// over, so nothing is loaded and nothing expands. Trust: whoever writes the XML decides what the
/// caller is handed, within these bounds.
public enum XML {
  public static let bytesLimit = 1 << 30
  public static let depthLimit = 256

  public enum Event: Sendable, Equatable {
    /// With its prefix, as it is written.
    case start(String, [String: String])
    case text(String)
    case end(String)
  }

  /// Hands over all events in order; a text comes as a whole.
  public static func read(_ bytes: [UInt8], _ visit: (Event) -> Void) throws(XMLError) {
    // Control characters, which editors paste without knowing, are not allowed in XML.
    let clean = bytes.filter { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    guard clean.count <= bytesLimit else { throw .tooLarge }
    guard !clean.isEmpty else { throw .malformed(line: 1) }
    let failure: XMLError? = withoutActuallyEscaping(visit) { visit in
      let sink = XMLSink(visit)
      return clean.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) { bytes in
          guard let parser = fil_xml_parser(bytes.baseAddress, Int32(bytes.count)) else {
            return XMLError.noMemory
          }
          defer { xmlFreeParserCtxt(parser) }
          sink.attach(to: parser)
          let code = xmlParseDocument(parser)
          sink.flush()
          if let failure = sink.failure { return failure }
          guard code == 0, parser.pointee.wellFormed == 1 else {
            return .malformed(line: sink.line)
          }
          return nil
        }
      }
    }
    if let failure { throw failure }
  }
}

/// Takes in what the parser calls; lives as long as one call of it.
private final class XMLSink {
  private let visit: (XML.Event) -> Void
  private var text: [UInt8] = []
  private var depth = 0
  private var parser: xmlParserCtxtPtr?
  /// Where the parser stood at its last call: it makes none after a fault.
  private(set) var line = 1
  var failure: XMLError?

  init(_ visit: @escaping (XML.Event) -> Void) { self.visit = visit }

  private func look() { line = parser.map { Int(xmlSAX2GetLineNumber($0)) } ?? line }

  func attach(to parser: xmlParserCtxtPtr) {
    self.parser = parser
    fil_xml_sinks(
      parser, Unmanaged.passUnretained(self).toOpaque(),
      { context, name, attributes in
        guard let context, let name else { return }
        Unmanaged<XMLSink>.fromOpaque(context).takeUnretainedValue().begin(name, attributes)
      },
      { context, name in
        guard let context, let name else { return }
        Unmanaged<XMLSink>.fromOpaque(context).takeUnretainedValue().end(name)
      },
      { context, bytes, count in
        guard let context, let bytes, count > 0 else { return }
        Unmanaged<XMLSink>.fromOpaque(context).takeUnretainedValue().text += UnsafeBufferPointer(
          start: bytes, count: Int(count))
      })
  }

  private func begin(
    _ name: UnsafePointer<xmlChar>, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    look()
    flush()
    depth += 1
    guard depth <= XML.depthLimit else {
      failure = .tooDeep
      xmlStopParser(parser)
      return
    }
    var found: [String: String] = [:]
    var next = attributes
    while let pair = next, let name = pair[0] {
      found[String(cString: name)] = pair[1].map { String(cString: $0) } ?? ""
      next = pair + 2
    }
    visit(.start(String(cString: name), found))
  }

  private func end(_ name: UnsafePointer<xmlChar>) {
    look()
    flush()
    depth -= 1
    visit(.end(String(cString: name)))
  }

  func flush() {
    guard !text.isEmpty else { return }
    visit(.text(String(decoding: text, as: UTF8.self)))
    text.removeAll(keepingCapacity: true)
  }
}
