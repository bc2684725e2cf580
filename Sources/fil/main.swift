internal import FilProtocol
internal import Terminal

exit(
  Program(
    "fil", summary: "fil : lire les nouvelles d'une rédaction, même quand la ligne est mauvaise.",
    commands: [
      syncCommand, costCommand, budgetCommand, watchCommand, doctorCommand,
      listCommand, readCommand, searchCommand, wantCommand, bulletinCommand,
      statusCommand, verifyCommand, exportCommand, importCommand,
      kioskCommand, serveStdioCommand,
    ], language: .french, version: Release.version
  ).run(Array(CommandLine.arguments.dropFirst())))
