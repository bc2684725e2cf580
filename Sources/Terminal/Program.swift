/// The language in which a program speaks of its own command line.
public enum Language: Sendable {
  case english, french

  func callAsFunction(_ english: String, _ french: String) -> String {
    self == .english ? english : french
  }
}

/// A program of several commands.
public struct Program: Sendable {
  public let name: String
  public let summary: String
  public let commands: [Command]
  public let language: Language
  /// What `--version` says.
  public let version: String

  public init(
    _ name: String, summary: String, commands: [Command], language: Language = .english,
    version: String = ""
  ) {
    self.language = language
    self.version = version
    self.name = name
    self.summary = summary
    self.commands = commands
  }

  public var help: String {
    let width = commands.map { $0.name.count }.max() ?? 0
    let list = commands.map {
      "  \($0.name)\(String(repeating: " ", count: width - $0.name.count + 2))\($0.summary)\n"
    }
    let usage = language("usage: \(name) COMMAND …", "usage : \(name) COMMANDE …")
    let more = language(
      "\(name) COMMAND --help says more, with an example.",
      "\(name) COMMANDE --help en dit plus, avec un exemple.")
    return "\(summary)\n\n\(usage)\n\n\(list.joined())\n\(more)\n"
  }

  /// Runs the command that `words` (without the program's name) ask for, and tells its failure.
  ///
  /// With `--json` a failure is one JSON value on the output, else a line on the error output.
  public func run(_ words: [String]) -> ExitStatus {
    do throws(Failure) {
      return try dispatch(words)
    } catch {
      if words.contains("--json") {
        Output.line(error.json.text)
      } else {
        Output.error("\(name): \(error.message)")
      }
      return error.status
    }
  }

  private func dispatch(_ words: [String]) throws(Failure) -> ExitStatus {
    guard let first = words.first else {
      Output.write(help, to: .error)
      return .usage
    }
    if ["help", "--help", "-h"].contains(first) {
      if words.count > 1, let command = commands.first(where: { $0.name == words[1] }) {
        Output.write(command.help(program: name, language))
      } else {
        Output.write(help)
      }
      return .done
    }
    if words == ["--version"] {
      Output.line("\(name) \(version)")
      return .done
    }
    if words == ["completion"] {
      Output.write(completion)
      return .done
    }
    guard let command = commands.first(where: { $0.name == first }) else {
      throw .usage(
        language(
          "there is no command \(first); `\(name) help` lists them",
          "il n'y a pas de commande \(first) ; `\(name) help` les énumère"))
    }
    let arguments = try Arguments(words.dropFirst(), of: command, language)
    if arguments.wantsHelp {
      Output.write(command.help(program: name, language))
      return .done
    }
    guard command.operandCount.contains(arguments.operands.count) else {
      throw .usage(
        language(
          "\(command.name) takes \(command.operands), \(arguments.operands.count) were given; ",
          "\(command.name) demande \(command.operands), il y en a \(arguments.operands.count) ; ")
          + "`\(name) \(command.name) --help`")
    }
    return try command.run(arguments)
  }
}
