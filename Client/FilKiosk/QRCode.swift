internal import CQREncode
internal import Text

/// A code that a telephone reads, as a drawing in the page.
enum QRCode {
  /// The code of `text`; nil where it is too long for one.
  static func svg(_ text: String) -> Markup? {
    guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
    defer { QRcode_free(code) }
    guard let modules = code.pointee.data else { return nil }
    let width = Int(code.pointee.width)
    var squares = ""
    for row in 0..<width {
      var column = 0
      while column < width {
        let start = column
        while column < width, modules[row * width + column] & 1 == 1 { column += 1 }
        if column > start {
          squares += "M\(start + 4) \(row + 4)h\(column - start)v1H\(start + 4)z"
        }
        column += 1
      }
    }
    let side = width + 8
    return """
      <svg class="code" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" \
      role="img" aria-label="Code à photographier : il mène à la même adresse">\
      <path fill="#fff" d="M0 0h\(side)v\(side)H0z"/><path fill="#000" d="\(squares)"/></svg>\n
      """
  }
}
