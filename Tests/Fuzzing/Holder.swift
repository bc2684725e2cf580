internal import FilProtocol

/// What a replica holds while it reads a first copy: what was verified, and nothing before.
final class Holder: Holdings {
  typealias Failure = Never

  private var records: [Int: Record] = [:]
  private var bodies: [BodyHash: [UInt8]] = [:]

  func digests(asOf version: Int) -> [Digest] { [] }
  func record(_ number: Int, asOf version: Int) -> Record? { version > 0 ? records[number] : nil }
  func records(ofVolume volume: Int, asOf version: Int) -> [Record] { [] }
  func body(_ hash: BodyHash) -> [UInt8]? { bodies[hash] }

  func store(_ part: DeltaReader<Holder>.Part) {
    switch part {
    case .headlines(_, let new): for record in new { records[record.number] = record }
    case .body(_, let hash, let text): bodies[hash] = text
    case .preamble, .headlinesEnd, .end: break
    }
  }
}

/// A small signed feed, so that fuzzing begins behind the signature.
struct Specimen {
  static let origin = "essai.example/fil"
  static let texts = [
    "Le marché de Gao a rouvert ce matin. « Nous attendions depuis deux semaines », dit un marchand d'oignons.",
    "La piste d'Ansongo est de nouveau ouverte aux camions, selon la commune. La piste reste sablonneuse.",
    "An bɛ taa dugu kɔnɔ sini. قالت البلدية إن الأشغال تبدأ في الربيع.",
  ].map { Array($0.utf8) }

  let key: SigningKey
  private let records: [Record]

  init() throws {
    key = try SigningKey(name: Self.origin, seed: [UInt8](repeating: 7, count: 32))
    var records = [try Record(.masthead(Masthead(name: "Essai")), number: 0, version: 1)]
    for text in Self.texts {
      let headline = Headline(
        published: 1_790_000_000, title: "Le marché rouvre", summary: "Deux semaines après.",
        section: "societe", tags: ["gao"], author: "Rédaction", body: BodyHash(of: text),
        length: text.count)
      records.append(
        try Record(.headline(headline), number: records.count, version: records.count + 1))
    }
    self.records = records
  }

  /// The delta from nothing.
  func delta(_ codec: Codec) throws -> [UInt8] {
    let root = Merkle.root(records.map(\.leaf))
    let checkpoint = try Checkpoint(
      origin: Self.origin, version: records.count, logRoot: root, stateSize: records.count,
      stateRoot: Merkle.root([root]), time: 1_800_000_000)
    var totals = Totals()
    var headlines = HeadlinesWriter(codec, context: [])
    headlines.entry(volume: 0, changed: records, blocks: [])
    totals.records = headlines.records
    totals.headlinePlain = headlines.plainBytes
    totals.headlineBytes = headlines.bytes.count
    let part = headlines.bytes
    var bodies = BodiesWriter(headlines.end(), first: records.count)
    for (record, text) in zip(records.dropFirst(), Self.texts).reversed() {
      bodies.body(
        text, of: record.number, context: NumberRanges([]), texts: [], record: record.bytes)
    }
    totals.bodies = bodies.bodies
    totals.bodyPlain = bodies.plainBytes
    let rest = bodies.finish()
    totals.bodyBytes = rest.count
    let preamble = DeltaPreamble(
      checkpoint: SignedCheckpoint(signing: checkpoint, with: [key]), from: 0,
      selection: .all.coded(codec), floor: 0, volumes: NumberRanges([0]), digests: [root], path: [],
      context: NumberRanges([]), totals: totals)
    return Preamble.delta(preamble).encoded + part + rest
  }

  func request(_ codec: Codec) -> DeltaRequest {
    DeltaRequest(
      origin: Self.origin, keys: [key.verifier], from: 0, selection: .all.coded(codec), floor: 0,
      highest: nil)
  }
}
