extension Program {
  /// A script that has bash complete the program's commands and options.
  ///
  /// File names are what bash falls back to, for operands and for the values of options.
  public var completion: String {
    let function = "_\(name.replacing("-", with: "_"))"
    let names = commands.map(\.name).joined(separator: " ")
    let cases = commands.map { command in
      let options = command.options.map { "--\($0.name)" } + ["--help"]
      return "    \(command.name)) words='\(options.joined(separator: " "))' ;;"
    }
    return """
      # Completion of \(name) for bash, made by `\(name) completion`.
      \(function)() {
        local word=${COMP_WORDS[COMP_CWORD]} words=''
        COMPREPLY=()
        if ((COMP_CWORD == 1)); then
          mapfile -t COMPREPLY < <(compgen -W '\(names) help --help --version' -- "$word")
          return
        fi
        case ${COMP_WORDS[1]} in
          help) words='\(names)' ;;
      \(cases.joined(separator: "\n"))
        esac
        if [[ $word == -* || ${COMP_WORDS[1]} == help ]]; then
          mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
        fi
      }
      complete -o default -F \(function) \(name)

      """
  }
}
