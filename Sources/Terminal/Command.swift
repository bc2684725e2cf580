/// A command of a program, declared once: the parser and the help are made from it.
public struct Command: Sendable {
  /// `--name`, or `--name VALUE` where `value` says what the value is.
  public struct Option: Sendable {
    public let name: String
    public let value: String?
    public let help: String

    public init(_ name: String, _ value: String? = nil, help: String) {
      self.name = name
      self.value = value
      self.help = help
    }
  }

  public let name: String
  /// What stands after the name, as in `DIR NUMBER FILE.md`; `…` after a word lets it repeat, and
  /// brackets around it let it be left out.
  public let operands: String
  public let summary: String
  public let options: [Option]
  /// A line that can be pasted.
  public let example: String
  public let run: @Sendable (Arguments) throws(Failure) -> ExitStatus

  public init(
    _ name: String, _ operands: String, summary: String, options: [Option] = [], example: String,
    run: @escaping @Sendable (Arguments) throws(Failure) -> ExitStatus
  ) {
    self.name = name
    self.operands = operands
    self.summary = summary
    self.options = options
    self.example = example
    self.run = run
  }

  /// The first line of the help.
  public func usage(program: String) -> String {
    let rest = options.map { " [\(Command.spelling($0))]" }.joined()
    return "\(program) \(name) \(operands)\(rest)"
  }

  func help(program: String, _ language: Language) -> String {
    let title = language("usage:", "usage :")
    var text = "\(summary)\n\n\(title) \(usage(program: program))\n"
    if !options.isEmpty {
      let width = options.map { Command.spelling($0).count }.max() ?? 0
      text += "\n"
      for option in options {
        let name = Command.spelling(option)
        text += "  \(name)\(String(repeating: " ", count: width - name.count + 2))\(option.help)\n"
      }
    }
    return text + "\n\(language("example:", "exemple :")) \(example)\n"
  }

  static func spelling(_ option: Option) -> String {
    "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
  }

  /// How many operands it takes.
  var operandCount: ClosedRange<Int> {
    var (least, most) = (0, 0)
    for word in operands.split(separator: " ") {
      if !word.hasPrefix("[") { least += 1 }
      most = word.contains("…") ? Int.max : most == Int.max ? most : most + 1
    }
    return least...max(least, most)
  }
}

/// What was given to a command: everything named is declared by it.
public struct Arguments: Sendable {
  private var values: [String: String] = [:]
  private var flags: Set<String> = []
  public private(set) var operands: [String] = []
  private let language: Language

  /// Whether help was asked for.
  var wantsHelp: Bool { flags.contains("help") }

  /// Reads the words after the command's name; `--` ends the options.
  init(
    _ words: some Sequence<String>, of command: Command, _ language: Language
  ) throws(Failure) {
    self.language = language
    var words = words.makeIterator()
    while let word = words.next() {
      if word == "--" {
        while let rest = words.next() { operands.append(rest) }
      } else if !word.hasPrefix("-") || word == "-" {
        operands.append(word)
      } else if word == "--help" || word == "-h" {
        flags.insert("help")
      } else {
        try take(option: word, of: command) { words.next() }
      }
    }
  }

  private mutating func take(
    option word: String, of command: Command, next: () -> String?
  ) throws(Failure) {
    let parts = word.drop { $0 == "-" }
      .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard word.hasPrefix("--"),
      let option = command.options.first(where: { $0.name == parts[0] })
    else {
      let known = command.options.map { "--\($0.name)" }.joined(separator: ", ")
      throw .usage(
        language(
          "unknown option \(word); \(command.name) knows \(known.isEmpty ? "none" : known)",
          "option inconnue \(word) ; \(command.name) connaît \(known.isEmpty ? "aucune" : known)"))
    }
    guard let kind = option.value else {
      guard parts.count == 1 else {
        throw .usage(
          language("--\(option.name) takes no value", "--\(option.name) ne prend pas de valeur"))
      }
      flags.insert(option.name)
      return
    }
    guard let value = parts.count == 2 ? String(parts[1]) : next() else {
      throw .usage(
        language(
          "--\(option.name) needs a value: --\(option.name) \(kind)",
          "--\(option.name) demande une valeur : --\(option.name) \(kind)"))
    }
    guard values.updateValue(value, forKey: option.name) == nil else {
      throw .usage(
        language("--\(option.name) was given twice", "--\(option.name) est donné deux fois"))
    }
  }

  public func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The value of an option, nil where it was not given.
  public subscript(_ option: String) -> String? { values[option] }

  /// The value of an option that the command cannot do without.
  public func required(_ option: String) throws(Failure) -> String {
    guard let value = values[option] else {
      throw .usage(language("--\(option) is missing", "--\(option) manque"))
    }
    return value
  }

  /// The value as a whole number of `range`.
  public func integer(_ option: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let value = values[option] else { return nil }
    guard let number = Int(value), range.contains(number) else {
      throw .usage(
        language(
          "--\(option) \(value): not a number from \(range.lowerBound) to \(range.upperBound)",
          "--\(option) \(value) : un nombre de \(range.lowerBound) à \(range.upperBound)"))
    }
    return number
  }

  /// The value as a number of bytes, such as `50k`.
  public func size(_ option: String) throws(Failure) -> Int? {
    guard let value = values[option] else { return nil }
    guard let size = Size.parse(value) else {
      throw .usage(
        language(
          "--\(option) \(value): not a size; write bytes, or 50k, 2M (k is 1,000)",
          "--\(option) \(value) : écrivez des octets, ou 50k, 2M (k = 1 000)"))
    }
    return size
  }
}

/// Sizes as people write them.
public enum Size {
  /// Bytes; `k`, `M` and `G` are thousands, millions and thousand millions, nothing else is read.
  public static func parse(_ text: String) -> Int? {
    let units: [Character: Int] = ["k": 1_000, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000]
    let unit = text.last.flatMap { units[$0] }
    let digits = unit == nil ? text[...] : text.dropLast()
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(digits) else {
      return nil
    }
    let (size, overflow) = value.multipliedReportingOverflow(by: unit ?? 1)
    return overflow ? nil : size
  }
}
