internal import FilClient
internal import Terminal
internal import Text

let wantCommand = Command(
  "want", "REPLICA [NUMÉRO…]",
  summary: "demande le texte d'articles que le choix des rubriques laisse de côté",
  options: [
    Command.Option("forget", help: "retire la demande au lieu de la faire"), jsonOption,
  ],
  example: "fil want gao.db 812 815"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  var numbers: [Int] = []
  for word in arguments.operands.dropFirst() {
    guard let number = Int(word), number > 0 else {
      throw .usage("\(word) : ce n'est pas un numéro d'article")
    }
    numbers.append(number)
  }
  // Nil: there is no such article here.
  var outcomes: [(number: Int, outcome: WishOutcome?)] = []
  for number in numbers {
    try attempt(replica.path) { () throws(FilError) in
      if arguments.has("forget") { return try replica.forgetWish(number) }
      do throws(FilError) { outcomes.append((number, try replica.want(number))) } catch {
        guard case .notFound = error else { throw error }
        outcomes.append((number, nil))
      }
    }
  }
  let status = outcomes.contains { $0.outcome == nil } ? ExitStatus.notFound : .done
  let open = try attempt(replica.path) { () throws(FilError) in try replica.wishes() }
  if arguments.has("json") {
    Output.line(
      JSON.object([
        "asked": JSON(
          outcomes.map {
            ["number": .integer($0.number), "outcome": JSON($0.outcome?.rawValue)]
          }),
        "open": JSON(open.map { .integer($0.number) }),
      ]).text)
    return status
  }
  for (number, outcome) in outcomes {
    Output.line("Article \(number) : \(outcome?.words ?? "introuvable, ou pas encore ici.")")
  }
  if numbers.isEmpty || arguments.has("forget") {
    for article in open {
      let title = Text.stripped(article.title, isLine: true)
      Output.line("\(article.number)  \(FrenchDate.date(article.published))  \(title)")
    }
    if open.isEmpty { Output.line("Aucun texte n'est demandé.") }
  }
  return status
}

extension WishOutcome {
  fileprivate var words: String {
    switch self {
    case .queued: "demandé ; son texte viendra à la prochaine synchronisation."
    case .here: "son texte est déjà ici."
    case .noText: "il n'a pas d'autre texte que son résumé."
    case .retracted: "il a été retiré par la rédaction."
    case .full: "trop de textes sont déjà demandés ; réessayez après une synchronisation."
    }
  }
}
