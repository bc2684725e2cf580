/// Characters of texts that come from elsewhere, one by one.
enum Characters {
  /// What a character becomes; nil where it goes.
  ///
  /// Blanks of ASCII and line ends become a space. No-break spaces stay, as French needs them, and so do the joiners and marks of direction that
  /// Arabic and emoji need.
  static func clean(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x09, 0x0a, 0x0c, 0x0d, 0x2028, 0x2029: return " "
    case 0x20..<0x7f: return scalar
    // What Windows has there, as browsers show it.
    case 0x80..<0xa0: return windows[Int(scalar.value - 0x80)]
    case 0..<0x20, 0x7f: return nil
    // Soft hyphens, zero-width spaces and word joiners, the byte-order mark, fillers.
    case 0xad, 0x200b, 0x2060...0x2065, 0xfeff, 0xfff9...0xfffb, 0x180e: return nil
    // Embeddings, overrides and isolates, which can show a text in a false order.
    case 0x202a...0x202e, 0x2066...0x206f: return nil
    case let value where value & 0xfffe == 0xfffe || 0xfdd0...0xfdef ~= value: return nil
    default: return scalar
    }
  }

  private static let windows: [Unicode.Scalar?] = [
    "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil, nil, "‘", "’",
    "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
  ]

  /// The text on one line, without blanks at its ends and without two spaces in a row.
  static func line(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard let clean = clean(scalar) else { continue }
      if clean == " ", result.last == " " { continue }
      result.append(clean)
    }
    return trimmed(String(result))
  }

  /// Without blanks of any kind at the ends.
  static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let start = scalars.drop { isBlank($0) }
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(start[...last])
  }

  static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar.value >= 0x80 && scalar.properties.isWhitespace
      || 0x09...0x0d ~= scalar.value
  }

  static func isASCIIPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: true
    default: false
    }
  }

  /// The text with the digits and signs that stand above or below the line, where it is a number:
  /// m², CO₂, 10⁻⁶.
  static func raised(_ text: String, _ isAbove: Bool) -> String {
    let raised = Array(isAbove ? "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻" : "₀₁₂₃₄₅₆₇₈₉₊₋₋")
    let plain = Array("0123456789+-−")
    let places = text.compactMap { plain.firstIndex(of: $0) }
    guard places.count == text.count, places.contains(where: { $0 < 10 }) else { return text }
    return String(places.map { raised[$0] })
  }

  /// Whether every version of CommonMark calls it punctuation.
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return isASCIIPunctuation(scalar) }
    return switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  /// Whether some version of CommonMark calls it punctuation.
  static func mayBePunctuation(_ scalar: Unicode.Scalar) -> Bool {
    if isPunctuation(scalar) { return true }
    return switch scalar.properties.generalCategory {
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
    default: false
    }
  }

  static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }
}
