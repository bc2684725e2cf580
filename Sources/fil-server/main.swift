internal import FilProtocol
internal import Terminal

// `fil-server`: a newsroom's commands. All that they do is in FilServer; here are words and exits.

exit(
  Program(
    "fil-server", summary: "fil-server keeps and publishes the feed of a newsroom.",
    commands: [
      initCommand, publishCommand, correctCommand, retractCommand, mastheadCommand, importCommand,
      serveCommand, keyCommand, statusCommand, fsckCommand, backupCommand, exportCommand,
    ], version: Release.version
  ).run(Array(CommandLine.arguments.dropFirst())))
