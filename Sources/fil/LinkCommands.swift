internal import Dispatch
internal import FilClient
internal import Terminal

let fromOption = Command.Option(
  "from", "URL,URL",
  help: "adresses, dossiers ou fichiers .fil, essayés l'un après l'autre (sinon, les derniers)")

/// The sources that were named, or those that are known.
func sources(_ arguments: Arguments, _ replica: Replica) throws(Failure) -> [any Source] {
  let named = arguments["from"]?.split(separator: ",").map { String($0) }
  let known = try attempt(replica.path) { () throws(FilError) in try replica.knownSources() }
  let addresses = named ?? known
  guard !addresses.isEmpty else {
    throw .usage("--from manque : la première fois, dites où est la rédaction")
  }
  return addresses.map(SourceAddress.source)
}

let costCommand = Command(
  "cost", "REPLICA", summary: "dit ce que coûterait la synchronisation, avant de la payer",
  options: [
    fromOption,
    Command.Option(
      "sections", "A,B", help: "si l'on voulait ces rubriques : rien n'en est gardé ni changé"),
    Command.Option("tariff", "PRIX", help: "FCFA par mégaoctet (2.5 sinon)"), jsonOption,
  ],
  example: "fil cost gao.db --sections securite,sante --tariff 2.5"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  let tariff = Double(arguments["tariff"] ?? "2.5") ?? -1
  guard tariff >= 0 else { throw .usage("--tariff : un prix par mégaoctet, comme 2.5") }
  guard let source = try sources(arguments, replica).first else { return .failed }
  let cost: SyncCost
  if let sections = arguments["sections"] {
    let choice = SectionChoice.sections(sections.split(separator: ",").map(String.init))
    cost = try attempt(replica.path) { () throws(FilError) in
      try replica.cost(of: choice, from: source)
    }
  } else {
    do throws(SyncFailure) { cost = try replica.cost(from: source) } catch {
      throw Failure(error.error, path: replica.path)
    }
  }
  let price = cost.price(perMegabyte: tariff)
  if arguments.has("json") {
    Output.line(
      JSON.object([
        "bytes": .integer(cost.bytes), "headlines": JSON(cost.headlines),
        "bodies": JSON(cost.bodies), "seconds": cost.seconds.map(JSON.number) ?? .null,
        "price": .number(price), "bytesSpent": .integer(cost.bytesSpent),
      ]).text)
    return .done
  }
  let time = cost.seconds.map { ", environ \(Int($0)) s" } ?? ""
  let centimes = Int((price * 100).rounded())
  let bodies = cost.bodies.map { "\($0) textes" } ?? "puis des textes, que ce compte n'a pas"
  Output.line(
    "\(cost.bytes) octets à venir : \(cost.headlines ?? 0) titres, \(bodies)\(time), "
      + "\(centimes / 100),\(centimes % 100 / 10)\(centimes % 10) FCFA.")
  return .done
}

let budgetCommand = Command(
  "budget", "REPLICA", summary: "borne ce que les synchronisations peuvent coûter",
  options: [
    Command.Option("day", "OCTETS", help: "par jour, comme 200k ; 0 : sans borne"),
    Command.Option("month", "OCTETS", help: "par 30 jours, comme 5M ; 0 : sans borne"), jsonOption,
  ],
  example: "fil budget gao.db --day 200k --month 5M"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  let day = try arguments.size("day")
  let month = try arguments.size("month")
  let now = SyncClock.system.now()
  let spending = try attempt(replica.path) { () throws(FilError) in
    let held = try replica.spending(now: now)
    if day != nil || month != nil {
      let new = held.bounded(day: day, month: month)
      try replica.setBudget(day: new.day, month: new.month)
    }
    return try replica.spending(now: now)
  }
  if arguments.has("json") {
    Output.line(
      JSON.object([
        "day": JSON(spending.day), "month": JSON(spending.month),
        "spentToday": .integer(spending.spentToday),
        "spentThisMonth": .integer(spending.spentThisMonth), "left": JSON(spending.left),
      ]).text)
    return .done
  }
  func bound(_ bytes: Int?) -> String { bytes.map { "sur \($0)" } ?? "(sans borne)" }
  Output.line("Aujourd'hui  \(spending.spentToday) octets \(bound(spending.day))")
  Output.line("30 jours     \(spending.spentThisMonth) octets \(bound(spending.month))")
  return .done
}

let watchCommand = Command(
  "watch", "REPLICA", summary: "synchronise de temps en temps, jusqu'à Ctrl-C",
  options: [
    fromOption, Command.Option("every", "DURÉE", help: "entre deux synchronisations, 15m sinon"),
    Command.Option(
      "between", "H-H",
      help: "les textes entre ces heures locales, comme 22-6 ; les titres toujours"),
    Command.Option(
      "wait", "SECONDES",
      help:
        "garde la ligne ouverte, 45 par exemple : les nouvelles viennent aussitôt, pour 30 ko par heure"
    ),
    Command.Option("count", "N", help: "s'arrêter après N synchronisations"),
  ],
  example: "fil watch gao.db --every 15m --between 22-6"
) { (arguments) throws(Failure) in
  let signals = Signals()
  let replica = try open(arguments)
  var plan = WatchPlan()
  plan.every = Double(try arguments.duration("every") ?? 900)
  plan.wait = try arguments.integer("wait", in: 1...60)
  plan.count = try arguments.integer("count", in: 1...1_000_000)
  if let text = arguments["between"] {
    // Of 22:00 the hour counts.
    let hours = text.split(separator: "-").compactMap {
      Int($0.hasSuffix(":00") ? $0.dropLast(3) : $0)
    }
    guard hours.count == 2, hours.allSatisfy({ (0...24).contains($0) }) else {
      throw .usage("--between : deux heures, comme 22-6 ou 22:00-06:00")
    }
    plan.hours = (hours[0], hours[1])
  }
  let list = try sources(arguments, replica)
  let cancellation = Cancellation()
  DispatchQueue.global().async { if signals.wait(seconds: 1 << 30) { cancellation.cancel() } }
  replica.watch(list, plan, cancellation: cancellation) { result in
    switch result {
    case .success(let report):
      Output.line(
        "version \(report.to) : \(report.headlines) titres, \(report.bodies) textes, "
          + "\(report.bytesReceived + report.bytesSent) octets")
    case .failure(let failure):
      Output.error("fil: \(Failure(failure.error, path: replica.path).message)")
    }
  }
  return .done
}
