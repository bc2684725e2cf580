internal import Dispatch
internal import FilClient
internal import FilKiosk
internal import HTTP
internal import Terminal

let kioskCommand = Command(
  "kiosk", "REPLICA", summary: "montre le fil comme un journal, dans un navigateur",
  options: [
    Command.Option(
      "listen", "ADRESSE", help: "où répondre (127.0.0.1:8080 sinon) ; port 0 : un port libre"),
    Command.Option(
      "name", "NOM,NOM", help: "noms de cette machine sur le réseau, comme kiosque.local"),
    Command.Option(
      "kiosk", help: "écran partagé : revient à l'accueil et oublie, ne mène pas ailleurs"),
    Command.Option(
      "idle", "SECONDES", help: "sans toucher, avant de revenir à l'accueil (120 sinon)"),
    Command.Option("sync-every", "DURÉE", help: "synchronise tous les 30m, 2h …"),
    fromOption,
    Command.Option(
      "relay", help: "donne aussi le fil aux voisins : fil sync … --from http://ce-kiosque"),
    Command.Option("old-after", "DURÉE", help: "dit que les nouvelles sont vieilles après 24h …"),
    Command.Option(
      "metrics", "ADRESSE", help: "mesures pour Prometheus, à /metrics de cette autre adresse"),
  ],
  example: "fil kiosk gao.db --listen 0.0.0.0:8080 --sync-every 30m"
) { (arguments) throws(Failure) in
  // Before any thread: SIGTERM and Ctrl-C then ask for an orderly end.
  let signals = Signals()
  let replica = try open(arguments)
  var options = KioskOptions(token: token())
  options.isShared = arguments.has("kiosk")
  options.idle = try arguments.integer("idle", in: 20...86_400) ?? options.idle
  options.oldAfter = try arguments.duration("old-after") ?? options.oldAfter
  options.names = Set((arguments["name"] ?? "").lowercased().split(separator: ",").map(String.init))
  let syncing = try Syncing(arguments, replica)
  options.syncs = syncing?.log
  let handler = KioskHandler(Kiosk(replica, options))
  let relay =
    arguments.has("relay")
    ? try attempt(replica.path) { () throws(FilError) in try Relay(replica) } : nil
  var settings = ServerOptions(address: arguments["listen"] ?? "127.0.0.1:8080")
  settings.threads = 4
  // Neighbours that wait for news at the relay have 64 of them at most.
  settings.connectionLimit = 512
  // Many telephones may come from the one address of a hotspot.
  settings.perAddressLimit = 256
  settings.bodyLimit = 4_096
  settings.headLimit = 8_192
  let metrics = Metrics()
  metrics.addProcess()
  metrics.add(replica)
  settings.observe = { metrics.count(kiosk: $0) }
  let server: Server
  let measuring: Server?
  do throws(ServerError) {
    measuring = try arguments["metrics"].map { (address) throws(ServerError) in
      try Server(ServerOptions(address: address)) { metrics.answer($0) }
    }
    server = try Server(settings) { request in
      // Nothing of the sync protocol is a secret or changes anything: any name will do.
      if let relay, request.path.hasPrefix("/fil/v1/") { return relay.answer(request) }
      return handler.answer(request, now: SyncClock.system.now())
    }
  } catch { throw Failure(.failed, "listen", "\(error)") }
  let end = settings.address.lastIndex(of: ":") ?? settings.address.endIndex
  Output.line("Le journal est ouvert : http://\(settings.address[..<end]):\(server.port)/")
  if let measuring { Output.line("Les mesures : port \(measuring.port)") }
  ServiceManager.ready()
  syncing?.start()
  while !signals.wait(seconds: 3_600) {}
  ServiceManager.stopping()
  server.stop()
  measuring?.stop()
  syncing?.stop()
  return .done
}

let bulletinCommand = Command(
  "bulletin", "REPLICA", summary: "les nouvelles à lire à la radio, par rubrique, avec les durées",
  options: [
    Command.Option("hours", "N", help: "les N heures avant la dernière mise à jour (24 sinon)"),
    jsonOption,
  ],
  example: "fil bulletin gao.db --hours 24"
) { (arguments) throws(Failure) in
  let replica = try open(arguments)
  let hours = try arguments.integer("hours", in: 1...8_784) ?? 24
  let bulletin = try attempt(replica.path) { () throws(FilError) in
    try Bulletin(replica, hours: hours)
  }
  if arguments.has("json") {
    Output.line(JSON(bulletin).text)
  } else {
    Output.write(bulletin.plainText)
  }
  return .done
}

/// What a form must bring back: new at every start, and nobody's guess.
private func token() -> String {
  (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
}

/// The syncs of a kiosk, on a thread of their own.
private final class Syncing: Sendable {
  let log = SyncLog()
  private let replica: Replica
  private let sources: [any Source]
  private let plan: WatchPlan
  private let cancellation = FilClient.Cancellation()
  private let ended = DispatchSemaphore(value: 0)

  /// Nil: the kiosk is not to sync.
  init?(_ arguments: Arguments, _ replica: Replica) throws(Failure) {
    guard let every = try arguments.duration("sync-every") else {
      guard arguments["from"] == nil else {
        throw .usage("--from demande --sync-every : dites tous les combien, comme 30m")
      }
      return nil
    }
    self.replica = replica
    var plan = WatchPlan()
    plan.every = Double(every)
    self.plan = plan
    self.sources = try fil.sources(arguments, replica)
  }

  func start() {
    DispatchQueue(label: "sync").async { [self] in
      replica.watch(
        sources, plan, cancellation: cancellation,
        onSync: { result in
          log.note(result, now: SyncClock.system.now())
          guard case .failure(let failure) = result else { return }
          Output.error("fil: \(Failure(failure.error, path: replica.path).message)")
        }, onProgress: { log.note($0) })
      ended.signal()
    }
  }

  /// Asks the sync to end, and waits for it: what was received is kept.
  func stop() {
    cancellation.cancel()
    _ = ended.wait(timeout: .now() + 30)
  }
}

extension Arguments {
  /// The value as seconds: a number with `s`, `m`, `h` or `j`.
  func duration(_ option: String) throws(Failure) -> Int? {
    guard let value = self[option] else { return nil }
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "j": 86_400]
    guard let unit = value.last.flatMap({ units[$0] }), let count = Int(value.dropLast()),
      (1...1_000_000).contains(count)
    else { throw .usage("--\(option) \(value) : écrivez une durée, comme 90s, 30m, 2h ou 1j") }
    return count * unit
  }
}

extension JSON {
  fileprivate init(_ bulletin: Bulletin) {
    let parts = bulletin.parts.map { part -> JSON in
      [
        "title": .string(part.title), "seconds": .integer(part.seconds),
        "items": JSON(
          part.items.map { item -> JSON in
            [
              "article": JSON(item.article), "text": .string(item.text),
              "seconds": .integer(item.seconds),
            ]
          }),
      ]
    }
    self = [
      "name": .string(bulletin.name), "from": .time(bulletin.hours.lowerBound),
      "to": .time(bulletin.hours.upperBound - 1), "seconds": .integer(bulletin.seconds),
      "parts": JSON(parts), "cut": .bool(bulletin.isCut),
      "corrected": JSON(bulletin.corrected.map { JSON($0) }),
      "retracted": JSON(bulletin.retracted.map { JSON($0) }),
    ]
  }
}
