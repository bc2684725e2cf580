internal import FilClient
internal import FilProtocol
internal import Terminal
internal import Text

let listCommand = Command(
  "list", "REPLICA", summary: "liste les articles, les plus récents d'abord",
  options: [
    Command.Option("section", "S", help: "d'une rubrique et de ses sous-rubriques"),
    Command.Option("tag", "T", help: "d'une étiquette"),
    Command.Option("limit", "N", help: "au plus N (50 sinon)"),
    jsonOption,
  ],
  example: "fil list gao.db --section societe --limit 10"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  var filter = Replica.Filter()
  filter.section = arguments["section"]
  filter.tag = arguments["tag"]
  filter.limit = try arguments.integer("limit", in: 1...1_000_000) ?? 50
  let wanted = filter
  let articles = try attempt(replica.path) { () throws(FilError) in try replica.articles(wanted) }
  if arguments.has("json") {
    Output.line(JSON(articles.map { JSON($0) }).text)
    return .done
  }
  let titles = try sectionTitles(replica)
  for article in articles { Output.line(entry(article, titles)) }
  if articles.isEmpty { Output.line("Aucun article.") }
  return .done
}

let readCommand = Command(
  "read", "REPLICA NUMÉRO", summary: "montre un article", options: [jsonOption],
  example: "fil read gao.db 12"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  guard let number = Int(arguments.operands[1]) else {
    throw .usage("\(arguments.operands[1]) : ce n'est pas un numéro d'article")
  }
  let found = try attempt(replica.path) { () throws(FilError) in
    guard let article = try replica.article(number) else { throw .notFound("article \(number)") }
    return article
  }
  if arguments.has("json") {
    Output.line(JSON(found, withBody: true).text)
  } else {
    show(found, try sectionTitles(replica))
  }
  return found.bodyState == .missing ? .notFound : .done
}

let searchCommand = Command(
  "search", "REPLICA MOT…", summary: "cherche des mots, sans regarder accents ni majuscules",
  options: [Command.Option("limit", "N", help: "au plus N (20 sinon)"), jsonOption],
  example: "fil search gao.db securite marche"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  let limit = try arguments.integer("limit", in: 1...1_000_000) ?? 20
  let words = arguments.operands.dropFirst().joined(separator: " ")
  let hits = try attempt(replica.path) { () throws(FilError) in
    try replica.search(words, limit: limit)
  }
  if arguments.has("json") {
    let values = hits.map { hit -> JSON in
      guard case .object(var fields) = JSON(hit.article) else { return .null }
      fields["snippet"] = JSON(
        hit.snippet.map { ["text": .string($0.text), "match": .bool($0.isMatch)] })
      return .object(fields)
    }
    Output.line(JSON(values).text)
    return .done
  }
  let titles = try sectionTitles(replica)
  let marks = Output.isTerminal(.standard) ? ("\u{1B}[1m", "\u{1B}[0m") : ("[", "]")
  for hit in hits {
    Output.line(entry(hit.article, titles))
    let text = hit.snippet.map { run in
      let clean = safe(run.text).split(whereSeparator: \.isNewline).joined(separator: " ")
      return run.isMatch ? marks.0 + clean + marks.1 : clean
    }
    Output.line("        " + text.joined())
  }
  if hits.isEmpty { Output.line("Pas de résultats.") }
  return .done
}

private func sectionTitles(_ replica: Replica) throws(Failure) -> [String: String] {
  let masthead = try attempt(replica.path) { () throws(FilError) in try replica.masthead() }
  return Dictionary(
    (masthead?.sections ?? []).map { ($0.slug, $0.title) }, uniquingKeysWith: { first, _ in first })
}

/// Text of the feed as a terminal may have it: no control characters.
private func safe(_ text: String) -> String { Text.stripped(text, isLine: false) }

private func entry(_ article: Article, _ sections: [String: String]) -> String {
  let number = String(article.number)
  let place = String(repeating: " ", count: max(0, 5 - number.count)) + number
  let date = FrenchDate.date(article.published)
  guard article.isReadable else { return "\(place)  (il faut une version plus récente de fil)" }
  if let retracted = article.retracted {
    return
      "\(place)  \(date)  retiré le \(FrenchDate.date(retracted)) : \(safe(article.reason ?? ""))"
  }
  var marks = ""
  if article.isUrgent { marks += "[URGENT] " }
  if article.isUne { marks += "[À la Une] " }
  if article.bodyState == .missing { marks += "(texte à venir) " }
  let section = sections[article.section] ?? article.section
  return "\(place)  \(date)  \(safe(section)) · \(marks)\(safe(article.title))"
}

private func show(_ article: Article, _ sections: [String: String]) {
  guard article.isReadable else {
    return Output.line("Article \(article.number) : il faut une version plus récente de fil.")
  }
  if let retracted = article.retracted {
    Output.line("Article \(article.number), retiré le \(FrenchDate.date(retracted)).")
    return Output.line(safe(article.reason ?? ""))
  }
  let width = min(Output.width(.standard), 90)
  func paragraph(_ text: String) {
    for line in Text.wrap(safe(text), width) { Output.line(line) }
  }
  paragraph(article.title)
  let section = sections[article.section] ?? article.section
  let author = article.author.isEmpty ? "" : ", \(article.author)"
  paragraph("\(FrenchDate.date(article.published)), \(section)\(author)")
  if let updated = article.updated {
    paragraph(
      "Corrigé le \(FrenchDate.date(updated))\(article.note.isEmpty ? "." : " : \(article.note)")")
  }
  if !article.tags.isEmpty { paragraph(article.tags.joined(separator: ", ")) }
  Output.line("")
  switch article.bodyState {
  case .outdated: paragraph("Une version corrigée de ce texte est en route ; voici l'ancienne.\n")
  case .missing:
    paragraph(
      "\(article.summary)\n\nLe texte n'est pas encore ici : il viendra avec la prochaine synchronisation."
    )
  case .none: paragraph(article.summary)
  case .current: break
  }
  for block in safe(article.body ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
    // Tables, lists, quotes and headings keep their lines.
    let isPlain = block.first.map { $0.isLetter || $0 == "«" || $0.isNumber } ?? false
    if isPlain { paragraph(String(block)) } else { Output.line(String(block)) }
  }
}
