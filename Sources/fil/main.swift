internal import FilProtocol
internal import Terminal

exit(
  Program(
    "fil", summary: "fil : lire les nouvelles d'une rédaction, même quand la ligne est mauvaise.",
    commands: [
      syncCommand, costCommand, budgetCommand, watchCommand, listCommand,
      readCommand, searchCommand, statusCommand, verifyCommand, doctorCommand, kioskCommand, bulletinCommand,
      serveStdioCommand,
    ], language: .french, version: Release.version
  ).run(Array(CommandLine.arguments.dropFirst())))
