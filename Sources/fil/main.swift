internal import Terminal

exit(
  Program(
    "fil", summary: "fil : lire les nouvelles d'une rédaction, même quand la ligne est mauvaise.",
    commands: [
      syncCommand, costCommand, budgetCommand, watchCommand, listCommand,
      readCommand, wantCommand, searchCommand, statusCommand, verifyCommand,
      exportCommand, importCommand,
      serveStdioCommand,
    ], language: .french
  ).run(Array(CommandLine.arguments.dropFirst())))
