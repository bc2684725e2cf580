internal import Terminal

exit(program.run(words()))
