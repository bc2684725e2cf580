internal import FilProtocol
internal import FilSource
internal import Files
internal import HTTP
internal import Synchronization
internal import Terminal
internal import TestSupport

let makeCommand = Command(
  "make", "FOLDER",
  summary:
    "a newsroom in memory, and FOLDER/replica.db as a sync would leave it; then it serves and goes on publishing",
  options: [
    Command.Option("articles", "N", help: "how many (100000)"),
    Command.Option("samples", "DIR", help: "whose sentences are mixed (Server/Samples)"),
    Command.Option(
      "more", "N", help: "articles that are published every two seconds while somebody syncs (20)"),
  ],
  example: "fil-crowd make /tmp/crowd --articles 100000"
) { (arguments) throws(Failure) in
  let signals = Signals()
  let count = try arguments.integer("articles", in: 1...1_000_000) ?? 100_000
  let more = try arguments.integer("more", in: 0...10_000) ?? 20
  let folder = arguments.operands[0]
  do {
    let crowd = try Crowd(samples: arguments["samples"] ?? "Server/Samples")
    try crowd.publish(count)
    _ = try ReplicaFile(path: "\(folder)/replica.db", of: crowd.feed)
    let cache = try RenderCache(folder: "\(folder)/served", bound: 1 << 30)
    let service = Service(crowd.feed, cache: cache)
    var settings = ServerOptions(address: "127.0.0.1:0")
    settings.threads = 2
    let asked = Mutex(false)
    let server = try Server(settings) { request in
      asked.withLock { $0 = true }
      return service.answer(request)
    }
    Output.line("listening on http://127.0.0.1:\(server.port)")
    while !signals.wait(seconds: 2) {
      // What nobody has asked for would come all at once later.
      let isAsked = asked.withLock { asked in
        defer { asked = false }
        return asked
      }
      if isAsked { try crowd.publish(more) }
    }
    server.stop()
  } catch { throw Failure(.failed, "crowd", "\(error)") }
  return .done
}

/// Articles of mixed sentences: the same for the same samples.
private final class Crowd {
  let feed = MemoryFeed(origin: "foule.example/fil")
  private var random = SplitMix64(seed: 24)
  private var sentences: [String] = []

  init(samples: String) throws {
    for entry in try Files.list(samples) where entry.name.first?.isNumber == true {
      let bytes = try Files.read("\(samples)/\(entry.name)", atMost: 1 << 20)
      let text = String(decoding: bytes, as: UTF8.self)
      guard let body = text.split(separator: "---\n", maxSplits: 2).last else { continue }
      sentences += body.split(whereSeparator: { $0 == "\n" || $0 == "." })
        .map { $0.drop { $0 == " " } + "." }.filter { $0.count > 40 && $0.count < 300 }
    }
    try feed.append(.masthead(Masthead(name: "Foule 24", sections: Crowd.sections)), number: 0)
  }

  private static let sections = [
    Masthead.Section(slug: "nord-actu", title: "Nord Actu"),
    Masthead.Section(slug: "politique", title: "Politique"),
    Masthead.Section(slug: "securite", title: "Sécurité"),
    Masthead.Section(slug: "societe", title: "Société"),
    Masthead.Section(slug: "culture", title: "Culture", parent: "societe"),
    Masthead.Section(slug: "sante", title: "Santé", parent: "societe"),
  ]

  private func pick(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
  private func sentence() -> String { sentences[pick(sentences.count)] }

  /// Appends `count` articles, forty minutes apart, and signs.
  func publish(_ count: Int) throws {
    var time = 0
    for _ in 0..<count {
      let number = feed.size
      time = 1_500_000_000 + number * 2_400
      // One word in each stands in some ten of a hundred thousand.
      let rare = "mot\(pick(10_000))"
      let body = Array(
        ((0..<14).map { _ in sentence() }.joined(separator: " ") + " " + rare + ".").utf8)
      let words = sentence().split(separator: " ")
      let headline = Headline(
        published: time, title: words.prefix(9).joined(separator: " "), summary: sentence(),
        section: Crowd.sections[pick(Crowd.sections.count)].slug,
        tags: ["gao", "thème \(pick(300))"], author: "Rédaction",
        flags: pick(20) == 0 ? .une : [], body: BodyHash(of: body), length: body.count)
      try feed.append(.headline(headline), number: number, body: body)
    }
    try feed.sign(time: time + 60)
  }
}
