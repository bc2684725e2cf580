/// A day and a time of the proleptic Gregorian calendar, without a zone.
struct CivilTime: Equatable {
  var year: Int
  var month: Int
  var day: Int
  var hour: Int
  var minute: Int
  var second: Int

  /// From seconds since 1970-01-01T00:00Z, or from the nearest that ``RFC3339/range`` has.
  ///
  /// The days are counted in eras of 400 years that begin on 1 March.
  init(seconds: Int) {
    let seconds = min(max(seconds, RFC3339.range.lowerBound), RFC3339.range.upperBound)
    let rest = (seconds % 86400 + 86400) % 86400
    let days = (seconds - rest) / 86400
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
  }

  /// Seconds since 1970-01-01T00:00Z of midnight of a day, which must exist.
  static func seconds(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return (era * 146_097 + dayOfEra - 719_468) * 86400
  }

  static func daysIn(month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }
}

/// Times as `2026-02-20T14:05:09Z` (RFC 3339, whole seconds, UTC).
public enum RFC3339 {
  /// The seconds since 1970-01-01T00:00Z that can be written: the years 0000 to 9999.
  public static let range = -62_167_219_200...253_402_300_799

  /// The text for a time; one outside of ``range`` is written as the nearest inside.
  public static func format(_ seconds: Int) -> String {
    let time = CivilTime(seconds: seconds)
    let date = "\(pad(time.year, 4))-\(pad(time.month, 2))-\(pad(time.day, 2))"
    return date + "T\(pad(time.hour, 2)):\(pad(time.minute, 2)):\(pad(time.second, 2))Z"
  }

  /// The time that ``format(_:)`` writes so; nil for every other spelling.
  public static func parse(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 else { return nil }
    for (index, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":"), (19, "Z")] {
      guard bytes[index] == mark.utf8.first else { return nil }
    }
    guard let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]),
      let day = digits(bytes[8..<10]), let hour = digits(bytes[11..<13]),
      let minute = digits(bytes[14..<16]), let second = digits(bytes[17..<19]),
      1...12 ~= month, day >= 1, day <= CivilTime.daysIn(month: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return nil }
    return CivilTime.seconds(year: year, month: month, day: day)
      + hour * 3600 + minute * 60 + second
  }

  private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return bytes.reduce(0) { $0 * 10 + Int($1) - 0x30 }
  }
}

/// Dates as French readers write them, in UTC, which is the time of Gao all year.
public enum FrenchDate {
  private static let months = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
  ]

  /// « 20 février 2026 », « 1er mars 2026 ».
  ///
  /// `seconds` since 1970-01-01T00:00Z.
  public static func date(_ seconds: Int) -> String {
    let time = CivilTime(seconds: seconds)
    let day = time.day == 1 ? "1er" : "\(time.day)"
    return "\(day) \(months[time.month - 1]) \(time.year)"
  }

  /// « vendredi 20 février 2026 », as ``date(_:)``.
  public static func day(_ seconds: Int) -> String {
    // 1 January 1970 was a Thursday.
    let day = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
    return "\(weekdays[((day % 7) + 7) % 7]) \(date(seconds))"
  }

  /// « février 2026 », as ``date(_:)``.
  public static func month(_ seconds: Int) -> String {
    let time = CivilTime(seconds: seconds)
    return "\(months[time.month - 1]) \(time.year)"
  }

  /// « de février 2026 », « d’août 2026 », as ``date(_:)``.
  public static func ofMonth(_ seconds: Int) -> String {
    let month = month(seconds)
    return (month.first.map { "ao".contains($0) } ?? false ? "d’" : "de ") + month
  }

  private static let weekdays = [
    "jeudi", "vendredi", "samedi", "dimanche", "lundi", "mardi", "mercredi",
  ]

  /// « 20 février 2026 à 14:05 », as ``date(_:)``.
  public static func dateAndTime(_ seconds: Int) -> String {
    let time = CivilTime(seconds: seconds)
    return "\(date(seconds)) à \(pad(time.hour, 2)):\(pad(time.minute, 2))"
  }
}

private func pad(_ number: Int, _ width: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.count)) + text
}
