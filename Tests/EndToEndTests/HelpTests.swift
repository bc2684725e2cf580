import Foundation
import Testing

/// What the programs say of themselves, in their help, the manual pages and the completion.
@Suite struct HelpTests {
  /// A command and its options, as the help of a program has them.
  private func commands(_ tool: Tool) throws -> [String: Set<String>] {
    let list = try Tool.run(tool.url, ["help"]).output
    let names = list.split(separator: "\n").filter { $0.hasPrefix("  ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    var commands: [String: Set<String>] = [:]
    for name in names {
      commands[name] = Set(try help(tool, name).matches(of: optionLine).map { String($0.1) })
    }
    return commands
  }

  private var optionLine: Regex<(Substring, Substring)> {
    /(?m)^ +--([a-z0-9-]+)/
  }

  private func help(_ tool: Tool, _ command: String) throws -> String {
    try Tool.run(tool.url, [command, "--help"]).output
  }

  /// A command and its options, as a manual page has them: `.Ss` begins a command.
  private func manual(_ path: String) throws -> [String: Set<String>] {
    let text = try String(contentsOf: Tool.root.appending(path: path), encoding: .utf8)
    var commands: [String: Set<String>] = [:]
    var command: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix(".Ss ") {
        command = String(line.dropFirst(4))
        commands[String(line.dropFirst(4))] = []
      } else if line.hasPrefix(".Sh ") {
        command = nil
      } else if line.hasPrefix(".It Fl -"), let command {
        let option = line.dropFirst(8).prefix { $0 != " " }
        commands[command]?.insert(String(option))
      }
    }
    return commands
  }

  @Test(arguments: [
    (Tool.fil, "Client/Packaging/man/fil.1"), (.fil, "Client/Packaging/man/fil.fr.1"),
    (.server, "Server/Packaging/man/fil-server.1"),
    (.server, "Server/Packaging/man/fil-server.fr.1"),
  ])
  func `a manual page has every command and option, and no other`(
    _ tool: Tool, _ page: String
  ) throws {
    let (help, manual) = (try commands(tool), try manual(page))
    #expect(Set(help.keys) == Set(manual.keys))
    for (name, options) in help { #expect(options == manual[name], "\(page): \(name)") }
  }

  @Test(arguments: [Tool.fil, .server])
  func `every command has an example that begins with its name`(_ tool: Tool) throws {
    let commands = try commands(tool)
    #expect(commands.count > 5)
    for name in commands.keys {
      #expect(try help(tool, name).contains(" \(tool.rawValue) \(name) "), "\(name)")
    }
  }

  @Test(arguments: [Tool.fil, .server])
  func `bash completes every command and option`(_ tool: Tool) throws {
    for (name, options) in try commands(tool) {
      #expect(try completions(tool, [String(name.dropLast())]).contains(name))
      #expect(try completions(tool, [name, "--"]).isSuperset(of: options.map { "--\($0)" }))
    }
  }

  /// What bash offers after these words.
  private func completions(_ tool: Tool, _ words: [String]) throws -> Set<String> {
    let script = """
      source <("$0" completion)
      COMP_WORDS=(\(([tool.rawValue] + words).map { "'\($0)'" }.joined(separator: " ")))
      COMP_CWORD=\(words.count)
      "_${1//-/_}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let result = try Tool.run(
      URL(filePath: "/bin/bash"), ["-c", script, tool.url.path(), tool.rawValue])
    #expect(result.error == "")
    return Set(result.output.split(separator: "\n").map(String.init))
  }
}
