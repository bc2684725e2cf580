internal import Database
internal import FilClient
internal import FilProtocol
internal import Files
internal import Terminal

extension Failure {
  /// What an error of the library means for the person at the keyboard, in French.
  init(_ error: FilError, path: String) {
    let status = ExitStatus(rawValue: error.status) ?? .failed
    self.init(status, error.code, Failure.message(error, path))
  }

  private static func message(_ error: FilError, _ path: String) -> String {
    switch error {
    case .offline(let detail):
      "hors connexion (\(detail)). Ce qui a été reçu est gardé : relancez quand la ligne revient."
    case .budgetSpent:
      "le budget est épuisé. Ce qui a été reçu est gardé : la suite viendra à la prochaine synchronisation."
    case .untrusted(let error): trust(error)
    case .malformed(let error):
      "la source a envoyé autre chose que le fil (\(error)). Rien n'en a été gardé : essayez une autre source."
    case .damaged(let place):
      "\(path) est abîmé (\(place)). Lancez : fil verify \(path) --repair, puis fil sync \(path)"
    case .busy: "\(path) est déjà en cours de synchronisation : attendez qu'elle se termine."
    case .notFound(let what): "\(what) : introuvable, ou pas encore ici."
    case .behind:
      "cette source est en retard sur ce que vous avez déjà : essayez-en une autre, ou plus tard."
    case .cancelled: "interrompu. Ce qui a été reçu est gardé."
    case .usage(let what): what
    case .database(let error):
      error.isBusy
        ? "\(path) est occupé par un autre programme : réessayez."
        : "\(path) ne peut pas être lu ou écrit : \(error.message)"
    case .file(let error):
      error.isFull
        ? "le disque est plein (\(error.path)) : libérez de la place, puis relancez." : "\(error)"
    }
  }

  private static func trust(_ error: TrustError) -> String {
    switch error.code {
    case .forked:
      "deux versions signées se contredisent (\(error.subject)). Les preuves sont gardées : prévenez la rédaction et ne changez rien."
    case .unsigned, .badSignature, .wrongOrigin:
      "la signature n'est pas celle de la rédaction (\(error)). Rien n'a été gardé : vérifiez la clé, ou changez de source."
    default:
      "la source n'a pas donné ce que la rédaction a signé (\(error)). Rien n'en a été gardé : essayez une autre source."
    }
  }
}

/// Runs `work` on the replica at `path`; an error of the library becomes the command's.
func attempt<R>(_ path: String, _ work: () throws(FilError) -> R) throws(Failure) -> R {
  do throws(FilError) { return try work() } catch { throw Failure(error, path: path) }
}

/// Opens the replica named by the first operand.
func open(_ arguments: Arguments, key: VerifierKey? = nil) throws(Failure) -> Replica {
  let path = arguments.operands[0]
  return try attempt(path) { () throws(FilError) in try Replica(path: path, key: key) }
}

/// Every command that prints can print JSON.
let jsonOption = Command.Option("json", help: "imprime une valeur JSON, aussi pour les erreurs")
