internal import Terminal

exit(program.run(Array(CommandLine.arguments.dropFirst())))
