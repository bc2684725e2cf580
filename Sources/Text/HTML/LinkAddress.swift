/// Addresses of links, as they are written between the parentheses of CommonMark.
enum LinkAddress {
  /// Bytes of an address; a longer one is left out.
  static let limit = 2_048

  /// The whole address that `href` means on the page `base`; nil where it leads to nothing allowed.
  static func make(_ href: String, base: String) -> String? {
    let href = Characters.line(href)
    guard !href.isEmpty, !href.hasPrefix("#"), let whole = absolute(href, base) else { return nil }
    let encoded = encode(whole)
    guard encoded.utf8.count <= limit, let host = host(of: encoded) ?? mailbox(of: encoded),
      !host.isEmpty
    else { return nil }
    return encoded
  }

  /// The name of the host, without `www.`; nil where the address is not of the web.
  static func host(of address: String) -> String? {
    guard let start = ["http://", "https://"].first(where: address.lowercased().hasPrefix) else {
      return nil
    }
    let authority = address.dropFirst(start.count).prefix { !"/?#".contains($0) }
    let host = (authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
      .lowercased()
    return host.hasPrefix("www.") ? String(host.dropFirst(4)) : host
  }

  private static func mailbox(of address: String) -> String? {
    address.lowercased().hasPrefix("mailto:") ? String(address.dropFirst(7)) : nil
  }

  private static func absolute(_ href: String, _ base: String) -> String? {
    let lower = href.lowercased()
    if ["http://", "https://", "mailto:"].contains(where: lower.hasPrefix) { return href }
    // A scheme of another kind: letters before a colon that comes before any slash.
    let head = href.prefix { !"/?#".contains($0) }
    if head.contains(":") { return nil }
    guard let start = ["http://", "https://"].first(where: base.lowercased().hasPrefix) else {
      return nil
    }
    let origin = start + base.dropFirst(start.count).prefix { !"/?#".contains($0) }
    if href.hasPrefix("//") { return start.dropLast(2) + href }
    if href.hasPrefix("/") { return origin + href }
    let path = base.dropFirst(origin.count).prefix { !"?#".contains($0) }
    if href.hasPrefix("?") { return origin + (path.isEmpty ? "/" : path) + href }
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
    return origin + folder + href
  }

  /// With what CommonMark or a table would take for something else as `%` and its code.
  private static func encode(_ address: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in address.utf8 {
      switch byte {
      case 0x21, 0x23...0x27, 0x2a...0x3b, 0x3d, 0x3f...0x5a, 0x5f, 0x61...0x7a, 0x7e:
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    // `&copy;` would be read as an entity.
    var result = ""
    var rest = Substring(decoding: bytes, as: UTF8.self)
    while let mark = rest.firstIndex(of: "&") {
      result += rest[..<mark]
      rest = rest[rest.index(after: mark)...]
      let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "#") }
      result += rest.dropFirst(name.count).first == ";" ? "%26" : "&"
    }
    return result + rest
  }
}
