/// What a service writes about itself: one line per event, for the journal and for people.
///
/// A line is `event=published version=12`; under systemd it begins with its priority, `<6>`. Nothing
/// about readers is written, no path, no article text, no key. Thread-safe.
public struct Log: Sendable {
  /// How much a line matters; the raw value is syslog's priority.
  public enum Level: Int, Sendable, CaseIterable, Comparable {
    case error = 3
    case warning = 4
    case info = 6
    case debug = 7

    /// The word on the command line.
    public init?(word: String) {
      guard let level = Level.allCases.first(where: { $0.word == word }) else { return nil }
      self = level
    }

    public var word: String { "\(self)" }

    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  private let level: Level
  private let hasPriority: Bool
  private let write: @Sendable (String) -> Void

  /// Writes what matters at least as much as `level`.
  public init(
    _ level: Level = .info, hasPriority: Bool = ServiceManager.hasJournal,
    write: @escaping @Sendable (String) -> Void = { Output.write($0, to: .error) }
  ) {
    self.level = level
    self.hasPriority = hasPriority
    self.write = write
  }

  /// Writes `event` with its fields, in the order given.
  public func callAsFunction(
    _ level: Level, _ event: String,
    _ fields: KeyValuePairs<String, any CustomStringConvertible> = [:]
  ) {
    guard level <= self.level else { return }
    var line = hasPriority ? "<\(level.rawValue)>" : ""
    line += "event=\(event)"
    for (name, value) in fields { line += " \(name)=\(Log.quoted(value.description))" }
    write(line + "\n")
  }

  /// A value as it is where it is one plain word, else in quotes and on one line.
  private static func quoted(_ value: String) -> String {
    let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x3D }
    if isPlain, !value.isEmpty { return value }
    var text = ""
    for character in value.unicodeScalars {
      switch character {
      case "\"", "\\": text += "\\\(character)"
      case "\u{0}"..<" ", "\u{7F}": text += " "
      default: text.unicodeScalars.append(character)
      }
    }
    return "\"\(text)\""
  }
}

extension Command.Option {
  /// `--log`, of every service.
  public static func log(help: String) -> Command.Option {
    Command.Option("log", "LEVEL", help: help)
  }
}

extension Arguments {
  /// The log that `--log` asks for; without it, what an operator wants to know.
  public func log() throws(Failure) -> Log {
    guard let word = self["log"] else { return Log() }
    guard let level = Log.Level(word: word) else {
      throw .usage("--log \(word): error, warning, info, debug")
    }
    return Log(level)
  }
}
