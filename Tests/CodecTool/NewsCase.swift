internal import FilProtocol
internal import FilSource
internal import FoundationEssentials
internal import TestSupport

/// What a newsroom had, and what it has by now: the deltas between the two, and what coders are told for them.
///
/// An article with the id of an older one is its correction.
struct NewsCase {
  private let feed = MemoryFeed()
  private let from: Int
  private let wanted: Selection

  init(old: [Corpus.Article], new: [Corpus.Article], _ wanted: Selection) throws {
    self.wanted = wanted
    var numbers: [Int: Int] = [:]
    try feed.append(.masthead(Masthead(name: "Essai")), number: 0)
    for article in old { try Self.append(article, to: feed, &numbers) }
    try feed.sign(time: 1_800_000_000)
    from = old.isEmpty ? 0 : feed.version
    for article in new { try Self.append(article, to: feed, &numbers) }
    try feed.sign(time: 1_800_000_001)
  }

  private static func append(
    _ article: Corpus.Article, to feed: MemoryFeed, _ numbers: inout [Int: Int]
  ) throws {
    let body = Array(article.text.utf8)
    var headline = article.headline(body)
    if let number = numbers[article.id] {
      headline.updated = headline.published + 86_400
      headline.note = "Une faute corrigée."
      try feed.append(.headline(headline), number: number, body: body)
    } else {
      numbers[article.id] = feed.size
      try feed.append(.headline(headline), number: feed.size, body: body)
    }
  }

  func delta(_ codec: Codec) throws -> [UInt8] {
    try DeltaRenderer(
      feed, from: from, to: feed.version, selection: wanted.coded(codec), floor: 0
    ).render()
  }

  /// What a coder is told to read `object`, which is read for it.
  func calls(_ codec: Codec, _ object: [UInt8]) throws -> Calls {
    var context = BodyContext(
      from: from, to: feed.version, selection: wanted.coded(codec), floor: 0)
    var scanner = ObjectScanner(origin: feed.origin)
    var coder = UnitCoder(codec)
    var calls = Calls()
    scanner.push(object)
    while let piece = try scanner.next() {
      switch piece {
      case .preamble(.delta(let preamble)):
        for record in try context.records(preamble.context, asOf: from, in: feed) {
          coder.prime(record)
          calls.calls.append(.prime(record))
        }
      case .unit(_, let bytes, let size):
        calls.calls.append(.code(try coder.decode(bytes, size: size)))
      case .body(let entry, let bytes):
        guard let (headline, record) = context.wanted(entry.number, since: from, in: feed)
        else { throw FormatError(.invalidValue, "body") }
        coder.restart()
        calls.calls.append(.restart)
        for text in try context.texts(entry.context, in: feed) + [record.bytes] {
          coder.prime(text)
          calls.calls.append(.prime(text))
        }
        calls.calls.append(.code(try coder.decode(bytes, size: headline.length)))
        context.bring(entry.number)
      case .preamble, .entry, .index, .end: break
      }
    }
    return calls
  }

  /// The same texts with all older bodies as context, and all older records.
  func withAll(_ calls: Calls) -> Calls {
    var all = Calls()
    let old = (0..<feed.size).compactMap { feed.record($0, asOf: from) }
    all.calls = old.map { .prime($0.bytes) }
    var isFirst = true
    for (place, call) in calls.calls.enumerated() {
      switch call {
      case .restart:
        if isFirst {
          all.calls += old.compactMap { $0.headline.flatMap { feed.body($0.body) } }.map {
            .prime($0)
          }
        }
        isFirst = false
      // Of the named texts only the article's own record, the last one before its body.
      case .prime:
        guard place + 1 < calls.calls.count, case .code = calls.calls[place + 1], !isFirst else {
          continue
        }
        all.calls.append(call)
      case .code: all.calls.append(call)
      }
    }
    return all
  }
}
