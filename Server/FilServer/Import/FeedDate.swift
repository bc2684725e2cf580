internal import Text

/// Times as feeds write them.
enum FeedDate {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Seconds since 1970-01-01T00:00Z of `Wed, 02 Oct 2024 13:00:00 +0100` (RFC 822) or
  /// `2024-10-02T13:00:00+01:00` (RFC 3339); nil for what is neither.
  static func parse(_ text: String) -> Int? {
    let text = text.split { $0.isWhitespace }.joined(separator: " ")
    return rfc3339(text) ?? rfc822(text)
  }

  private static func rfc3339(_ text: String) -> Int? {
    guard text.utf8.count >= 20, let base = RFC3339.parse(text.prefix(19) + "Z") else { return nil }
    var rest = text.dropFirst(19)
    if rest.first == "." { rest = rest.dropFirst().drop { $0.isNumber } }
    return zone(String(rest)).map { base - $0 }
  }

  private static func rfc822(_ text: String) -> Int? {
    var words = text.split(separator: " ")[...]
    if words.first?.last == "," { words = words.dropFirst() }
    guard words.count >= 4, let day = Int(words[words.startIndex]),
      let month = months.firstIndex(of: words[words.startIndex + 1].prefix(3).lowercased()),
      var year = Int(words[words.startIndex + 2])
    else { return nil }
    if year < 100 { year += year < 70 ? 2000 : 1900 }
    var clock = words[words.startIndex + 3].split(separator: ":").map { pad(String($0), 2) }
    if clock.count == 2 { clock.append("00") }
    let date = "\(pad("\(year)", 4))-\(pad("\(month + 1)", 2))-\(pad("\(day)", 2))"
    guard let base = RFC3339.parse("\(date)T\(clock.joined(separator: ":"))Z") else { return nil }
    let name = words.count > 4 ? String(words[words.startIndex + 4]) : "GMT"
    return zone(name).map { base - $0 }
  }

  /// Seconds that a zone is before UTC.
  private static func zone(_ name: String) -> Int? {
    if ["Z", "GMT", "UT", "UTC"].contains(name.uppercased()) { return 0 }
    let digits = name.dropFirst().filter { $0 != ":" }
    guard let sign = name.first, sign == "+" || sign == "-", digits.count == 4,
      let number = Int(digits), number / 100 < 24, number % 100 < 60
    else { return nil }
    let seconds = (number / 100 * 60 + number % 100) * 60
    return sign == "+" ? seconds : -seconds
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    String(repeating: "0", count: max(0, width - text.count)) + text
  }
}

/// The words of a field, on one line.
func oneLine(_ text: String) -> String {
  text.split { $0.isWhitespace }.joined(separator: " ")
}
