internal import Terminal

exit(
  Program(
    "fil-crowd", summary: "fil-crowd makes a replica of many invented articles, to measure with.",
    commands: [makeCommand]
  ).run(Array(CommandLine.arguments.dropFirst())))
