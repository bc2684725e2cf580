import Synchronization
import Terminal
import Testing

@Suite struct `Commands and their words` {
  /// What a program with one command makes of `words`.
  private func run(
    _ words: [String], operands: String = "DIR [FILE…]",
    _ look: @escaping @Sendable (Arguments) throws(Failure) -> Void = { _ in }
  ) -> (status: Terminal.ExitStatus, ran: Bool) {
    let ran = Mutex(false)
    let command = Command(
      "do", operands, summary: "does it",
      options: [
        Command.Option("size", "BYTES", help: "how much"),
        Command.Option("count", "N", help: "how many"), Command.Option("flag", help: "whether"),
      ], example: "p do x"
    ) { (arguments) throws(Failure) in
      ran.withLock { $0 = true }
      try look(arguments)
      return .done
    }
    let status = Program("p", summary: "a program", commands: [command]).run(words)
    return (status, ran.withLock { $0 })
  }

  @Test func `options stand anywhere, with a blank or an equals sign, until two dashes`() {
    let words = ["do", "--size=5k", "dir", "--flag", "--count", "3", "--", "--flag"]
    let result = run(words) { (arguments) throws(Failure) in
      #expect(arguments.operands == ["dir", "--flag"])
      #expect(arguments.has("flag"))
      #expect(try arguments.size("size") == 5000)
      #expect(try arguments.integer("count", in: 1...3) == 3)
    }
    #expect(result.status == .done)
    #expect(result.ran)
  }

  @Test(arguments: [
    [], ["other"], ["do"], ["do", "dir", "--nope"], ["do", "dir", "-x"],
    ["do", "dir", "--size"], ["do", "dir", "--flag=yes"], ["do", "dir", "--count=1", "--count=2"],
  ])
  func `a wrong command line is status 2 and does nothing`(_ words: [String]) {
    let result = run(words)
    #expect(result.status == .usage)
    #expect(!result.ran)
  }

  @Test func `too many operands are refused`() {
    #expect(run(["do", "a", "b"], operands: "DIR").status == .usage)
    #expect(run(["do", "a", "b"], operands: "DIR [FILE]").status == .done)
    #expect(run(["do", "a", "b", "c"], operands: "DIR [FILE]").status == .usage)
    #expect(run(["do", "a", "b", "c"], operands: "DIR FILE…").status == .done)
  }

  @Test func `a value out of range is a usage error`() {
    let result = run(["do", "dir", "--count", "9"]) { (arguments) throws(Failure) in
      _ = try arguments.integer("count", in: 1...3)
    }
    #expect(result.status == .usage)
  }

  @Test func `help runs nothing`() {
    for words in [["help"], ["help", "do"], ["do", "--help"], ["--help"]] {
      let result = run(words)
      #expect(result.status == .done)
      #expect(!result.ran)
    }
  }

  @Test func `sizes are in thousands`() {
    #expect(Size.parse("50k") == 50_000)
    #expect(Size.parse("2M") == 2_000_000)
    #expect(Size.parse("7") == 7)
    for bad in ["", "k", "-1", "1.5k", "5 k", "1kk", "99999999999G"] {
      #expect(Size.parse(bad) == nil)
    }
  }

  @Test func `JSON has sorted keys, plain slashes and explicit nulls`() {
    let value: JSON = ["b": JSON(Int?.none), "a": ["x/y", 1, true], "c": JSON(String?.none)]
    #expect(value.text == #"{"a":["x/y",1,true],"b":null,"c":null}"#)
  }

  @Test func `the completion knows every command and option`() {
    let command = Command(
      "do", "DIR", summary: "does it", options: [Command.Option("size", "BYTES", help: "how much")],
      example: "p do x"
    ) { (_) throws(Failure) in .done }
    let text = Program("a-p", summary: "a program", commands: [command]).completion
    #expect(text.contains("complete -o default -F _a_p a-p"))
    #expect(text.contains("do) words='--size --help' ;;"))
    #expect(text.contains("'do help --help --version'"))
  }

  @Test func `the version runs nothing`() {
    let result = run(["--version"])
    #expect(result.status == .done)
    #expect(!result.ran)
  }
}
