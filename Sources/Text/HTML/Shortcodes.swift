/// WordPress's shortcodes and block comments that were left in a text, such as `[gallery ids="1"]`.
///
/// What stands between an opening and a closing one stays. Words in brackets, `[sic]` or `[…]`, are
/// none: a shortcode has a named value, a closing tag, or nothing but a name that is known.
struct Shortcodes: Sendable {
  private static let known: Set<String> = [
    "gallery", "caption", "wp_caption", "embed", "video", "audio", "playlist", "toc",
    "contact-form", "contact-form-7", "embedyt", "shortcode", "adrotate", "ads", "quads",
  ]

  private let closed: Set<String>

  /// Looks in the whole text for closing tags.
  init(_ html: String) {
    var closed: Set<String> = []
    var rest = Array(html.utf8)[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "[")) {
      rest = rest[(start + 1)...]
      guard rest.first == UInt8(ascii: "/") else { continue }
      let name = rest.dropFirst().prefix { Shortcodes.isNameByte($0) }
      if rest.dropFirst(1 + name.count).first == UInt8(ascii: "]") {
        closed.insert(String(decoding: name, as: UTF8.self))
      }
    }
    self.closed = closed
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The text without them; it is of one element.
  func removed(from text: String) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "<") }) else {
      return text
    }
    var kept: [UInt8] = []
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "["), let end = end(of: bytes, at: index) {
        index = end
      } else if bytes[index] == UInt8(ascii: "<"), let end = endOfComment(bytes, at: index) {
        index = end
      } else {
        kept.append(bytes[index])
        index += 1
      }
    }
    return kept.count == bytes.count ? text : String(decoding: kept, as: UTF8.self)
  }

  /// Where the shortcode that begins at `start` ends; nil where there is none.
  private func end(of bytes: [UInt8], at start: Int) -> Int? {
    var index = start + 1
    let isClosing = index < bytes.count && bytes[index] == UInt8(ascii: "/")
    if isClosing { index += 1 }
    let name = bytes[index...].prefix { Shortcodes.isNameByte($0) }
    guard let first = name.first, first >= UInt8(ascii: "_") else { return nil }
    index += name.count
    let limit = min(bytes.count, index + 1_024)
    guard let end = bytes[index..<limit].firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let values = bytes[index..<end]
    let word = String(decoding: name, as: UTF8.self)
    if isClosing { return values.isEmpty && closed.contains(word) ? end + 1 : nil }
    let blanks: [UInt8] = [0x20, 0x0a, 0x0d, 0x09]
    let inner = values.drop { blanks.contains($0) }
    // A name is followed by its values, or by the end.
    guard values.isEmpty || inner.startIndex > index || values[index] == UInt8(ascii: "/") else {
      return nil
    }
    let value = inner.drop { Shortcodes.isNameByte($0) }
    let hasValue = value.first == UInt8(ascii: "=") && value.startIndex > inner.startIndex
    let isAlone = inner.isEmpty || inner.elementsEqual("/".utf8)
    guard hasValue || closed.contains(word) || isAlone && Shortcodes.known.contains(word) else {
      return nil
    }
    return end + 1
  }

  /// Where a block comment that was escaped, `<!-- wp:… -->`, ends.
  private func endOfComment(_ bytes: [UInt8], at start: Int) -> Int? {
    let rest = bytes[start...].prefix(1_024)
    for mark in ["<!-- wp:", "<!-- /wp:"] where rest.starts(with: mark.utf8) {
      var index = start
      while index + 2 < rest.endIndex {
        if bytes[index] == 0x2d, bytes[index + 1] == 0x2d, bytes[index + 2] == 0x3e {
          return index + 3
        }
        index += 1
      }
    }
    return nil
  }
}
