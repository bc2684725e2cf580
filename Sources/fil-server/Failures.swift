internal import FilServer
internal import HTTP
internal import Terminal

extension Failure {
  /// What a newsroom's error means for the one who gave the command: one case, one status.
  init(_ error: NewsroomError) {
    let status: ExitStatus =
      switch error {
      case .exists, .input: .usage
      case .noNewsroom, .unknownNumber: .notFound
      case .busy: .busy
      case .damaged: .damaged
      case .key: .untrusted
      case .witness(let witness):
        switch witness {
        case .silent: .offline
        case .foreign, .differs: .untrusted
        case .ahead: .behind
        }
      case .database:
        switch error.code {
        case "damaged": .damaged
        case "busy": .busy
        default: .failed
        }
      case .rehearsal, .file: .failed
      }
    self.init(status, error.code, error.description)
  }

  init(_ error: InputError) { self.init(NewsroomError.input(error)) }

  init(_ error: ServingError) {
    switch error {
    case .newsroom(let error): self.init(error)
    case .server(let error):
      if case .address = error {
        self = .usage(error.description)
      } else {
        self.init(.failed, "listen", error.description)
      }
    }
  }
}

/// Runs `work`; a newsroom's error becomes the command's.
func attempt<R>(_ work: () throws(NewsroomError) -> R) throws(Failure) -> R {
  do throws(NewsroomError) { return try work() } catch { throw Failure(error) }
}

/// Reads a file of the operator's.
func reading<R>(_ work: () throws(InputError) -> R) throws(Failure) -> R {
  do throws(InputError) { return try work() } catch { throw Failure(error) }
}

/// The options of all commands that write.
let writing = [
  Command.Option(
    "witness", "FILE|URL|none", help: "from now on, where the last checkpoint is remembered"),
  Command.Option("restored", help: "the newsroom is a restored backup: pass what the witness saw"),
  Command.Option("json", help: "print one JSON value, errors too"),
]

/// The newsroom in the first operand, with the witness that was named.
func open(_ arguments: Arguments, _ command: String) throws(Failure) -> Newsroom {
  try attempt { () throws(NewsroomError) in
    let newsroom = try Newsroom(
      arguments.operands[0], purpose: "fil-server \(command) is writing to it")
    if let witness = arguments["witness"] { try newsroom.use(witness: witness) }
    return newsroom
  }
}
