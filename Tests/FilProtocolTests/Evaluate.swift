import FilProtocol
import TestSupport
import Testing

/// Reads the input of a vector: the value it gives, or a throw; encoding must give the input back.
struct Structure: Sendable {
  var name: String
  var value: @Sendable (Vector) throws -> JSON
  var make: @Sendable () throws -> [Vector]

  static let all: [Structure] = [
    .varint, .cbor, .record, .merkle, .path, .note, .vkey, .selection, .resource, .deflate,
    .preamble, .index, .time, .object, .bundle,
  ]

  static func named(_ name: String) throws -> Structure {
    try #require(all.first { $0.name == name })
  }
}

extension JSON {
  init(_ digest: Digest) { self = .text("\(digest)") }
  init(_ texts: [String]) { self = .array(texts.map { .text($0) }) }
  init(_ ranges: NumberRanges) {
    self = .array(ranges.ranges.map { [.integer($0.lowerBound), .integer($0.count)] })
  }
  init(_ totals: Totals) {
    self = .array(
      [
        totals.records, totals.headlineBytes, totals.headlinePlain, totals.bodies,
        totals.bodyBytes, totals.bodyPlain,
      ].map { .integer($0) })
  }

  init(_ checkpoint: Checkpoint) {
    self = [
      "version": .integer(checkpoint.version), "logRoot": JSON(checkpoint.logRoot),
      "stateSize": .integer(checkpoint.stateSize), "stateRoot": JSON(checkpoint.stateRoot),
      "time": .integer(checkpoint.time),
    ]
  }

  init(_ record: Record) {
    let members: JSON =
      switch record.content {
      case .headline(let headline): JSON(headline)
      case .retraction(let retraction):
        [
          "kind": "retraction", "published": .integer(retraction.published),
          "time": .integer(retraction.time), "reason": .text(retraction.reason),
          "erased": .integer(retraction.erased),
        ]
      case .masthead(let masthead): JSON(masthead)
      case .unreadable: ["kind": "unreadable"]
      }
    guard case .object(var all) = members else { preconditionFailure("an object") }
    all["number"] = .integer(record.number)
    all["version"] = .integer(record.version)
    all["leaf"] = JSON(record.leaf)
    self = .object(all)
  }

  private init(_ headline: Headline) {
    self = [
      "kind": "headline", "published": .integer(headline.published),
      "updated": headline.updated.map { .integer($0) } ?? nil, "title": .text(headline.title),
      "summary": .text(headline.summary), "section": .text(headline.section),
      "tags": JSON(headline.tags), "author": .text(headline.author),
      "language": .text(headline.language), "flags": .integer(headline.flags.rawValue),
      "note": .text(headline.note), "body": "\(headline.body)",
      "length": .integer(headline.length), "erased": .integer(headline.erased),
    ]
  }

  private init(_ masthead: Masthead) {
    self = [
      "kind": "masthead", "name": .text(masthead.name), "about": .text(masthead.about),
      "contact": .text(masthead.contact), "language": .text(masthead.language),
      "sections": .array(
        masthead.sections.map { [.text($0.slug), .text($0.title), .text($0.parent)] }),
      "keys": JSON(masthead.keys.map(\.description)),
    ]
  }

  var keys: [VerifierKey] {
    get throws { try self["keys"].array.map { try VerifierKey(parsing: $0.text ?? "") } }
  }

  var bytes: [UInt8] { Hex.decode(text ?? "") ?? [] }
}

/// What verification says of a signed checkpoint.
private func verification(_ signed: SignedCheckpoint, _ with: JSON?) throws -> JSON {
  do {
    _ = try signed.verified(origin: with?["origin"].text ?? "", keys: try with?.keys ?? [])
    return "ok"
  } catch let error as TrustError { return .text(error.code.rawValue) }
}

extension Structure {
  static let varint = Structure(name: "varint") { vector in
    var bytes = try vector.bytes()[...]
    let value = try Structure.varint(&bytes)
    guard bytes.isEmpty else { throw FormatError(.trailingBytes, "varint") }
    var back: [UInt8] = []
    back.appendVarint(value)
    #expect(try back == vector.bytes())
    return ["integer": .integer(value)]
  } make: {
    Vectors.varint
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) throws(FormatError) -> Int {
    let all = Array(bytes)
    var span = all.span
    let value = try span.varint("varint")
    bytes = bytes.suffix(span.count)
    return value
  }

  static let cbor = Structure(name: "cbor") { vector in
    let bytes = try vector.bytes()
    var span = bytes.span
    try span.cborSkip("item")
    guard span.isEmpty else { throw FormatError(.trailingBytes, "item") }
    var rest = bytes[...]
    let item = CBORItem(&rest)
    #expect(item.encoded == bytes && rest.isEmpty)
    return ["item": item.json]
  } make: {
    Vectors.cbor
  }

  static let record = Structure(name: "record") { vector in
    let bytes = try vector.bytes()
    let record = try Record(decoding: bytes)
    #expect(record.bytes == bytes)
    let lengths: [UInt8: UInt8] = [1: 0x90, 2: 0x87, 3: 0x89]
    if record.content != .unreadable, lengths[bytes[1]] == bytes[0] {
      let back = try Record(record.content, number: record.number, version: record.version)
      #expect(back.bytes == bytes)
    }
    return JSON(record)
  } make: {
    Vectors.record
  }

  private static func leaves(_ vector: Vector) throws -> [Digest] {
    try vector.input.split(separator: " ").map { Merkle.leaf(try #require(Hex.decode($0))) }
  }

  static let merkle = Structure(name: "merkle") { vector in
    let leaves = try leaves(vector)
    return ["size": .integer(leaves.count), "root": JSON(Merkle.root(leaves))]
  } make: {
    Vectors.merkle
  }

  static let path = Structure(name: "path") { vector in
    let leaves = try leaves(vector)
    let path = Merkle.firstPath(leaves)
    #expect(Merkle.root(first: leaves[0], path: path) == Merkle.root(leaves))
    return ["path": .array(path.map { JSON($0) }), "root": JSON(Merkle.root(leaves))]
  } make: {
    Vectors.path
  }

  static let note = Structure(name: "note") { vector in
    let signed = try SignedCheckpoint(note: Array(vector.input.utf8))
    #expect(signed.note == Array(vector.input.utf8))
    guard case .object(var value) = JSON(signed.checkpoint) else { return nil }
    value["origin"] = .text(signed.checkpoint.origin)
    value["signatures"] = JSON(signed.signatures.map { "\($0.name) \(Hex.encode($0.bytes))" })
    value["verification"] = try verification(signed, vector.with)
    value["tag"] = .text(signed.checkpoint.tag)
    return .object(value)
  } make: {
    try Vectors.note()
  }

  static let vkey = Structure(name: "vkey") { vector in
    let key = try VerifierKey(parsing: vector.input)
    #expect(key.description == vector.input)
    return [
      "name": .text(key.name), "id": .text(Hex.encode(key.id)),
      "publicKey": .text(Hex.encode(key.publicKey)),
    ]
  } make: {
    try Vectors.vkey()
  }

  static let selection = Structure(name: "selection") { vector in
    guard let selection = Selection(parsing: vector.input) else {
      throw FormatError(.invalidValue, "selection")
    }
    #expect(selection.description == vector.input)
    let wanted: JSON =
      switch selection.wanted {
      case .all: "all"
      case .none: "none"
      case .sections(let slugs): JSON(slugs)
      }
    return [
      "wanted": wanted, "basis": .text(selection.basis.rawValue),
      "codec": .integer(selection.codec.rawValue),
    ]
  } make: {
    Vectors.selection
  }

  static let resource = Structure(name: "resource") { vector in
    guard let resource = Resource(path: vector.input) else {
      throw FormatError(.invalidValue, "path")
    }
    #expect(resource.path == vector.input)
    var value: [String: JSON] = ["immutable": .bool(resource.isImmutable)]
    switch resource {
    case .checkpoint: value["kind"] = "checkpoint"
    case .sync(let from, let selection, let floor):
      value["kind"] = "sync"
      value["from"] = .integer(from)
      value["selection"] = "\(selection)"
      switch floor {
      case .volume(let volume): value["floor"] = .integer(volume)
      case .days(let days): value["days"] = .integer(days)
      }
    case .delta(let from, let to, let selection, let floor):
      value["kind"] = "delta"
      value["from"] = .integer(from)
      value["to"] = .integer(to)
      value["selection"] = "\(selection)"
      value["floor"] = .integer(floor)
    case .state(let version):
      value["kind"] = "state"
      value["version"] = .integer(version)
    case .volume(let volume, let digest):
      value["kind"] = "volume"
      value["volume"] = .integer(volume)
      value["digest"] = JSON(digest)
    case .bodies(let volume, let digest, let selection):
      value["kind"] = "bodies"
      value["volume"] = .integer(volume)
      value["digest"] = JSON(digest)
      value["selection"] = "\(selection)"
    case .body(let hash):
      value["kind"] = "body"
      value["hash"] = "\(hash)"
    }
    return .object(value)
  } make: {
    Vectors.resource
  }

  static let deflate = Structure(name: "codec-1") { vector in
    var coder = UnitCoder(.deflate)
    for _ in 0..<(vector.with?["repeat"].integer ?? 1) {
      coder.prime(vector.with?["context"].bytes ?? [])
    }
    let size = vector.with?["size"].integer ?? 0
    return ["plain": .text(Hex.encode(try coder.decode(try vector.bytes(), size: size)))]
  } make: {
    Vectors.deflate
  }

  static let preamble = Structure(name: "preamble") { vector in
    var scanner = ObjectScanner(origin: vector.with?["origin"].text ?? "")
    let bytes = try vector.bytes()
    scanner.push(bytes)
    guard case .preamble(let preamble)? = try scanner.next() else {
      throw FormatError(.truncated, "preamble")
    }
    #expect(preamble.encoded == bytes)
    switch preamble {
    case .delta(let delta):
      return [
        "kind": "delta", "checkpoint": JSON(delta.checkpoint.checkpoint),
        "signatures": JSON(delta.checkpoint.signatures.map { Hex.encode($0.bytes) }),
        "from": .integer(delta.from), "selection": "\(delta.selection)",
        "floor": .integer(delta.floor), "volumes": JSON(delta.volumes),
        "digests": .array(delta.digests.map { JSON($0) }),
        "path": .array(delta.path.map { JSON($0) }), "context": JSON(delta.context),
        "totals": JSON(delta.totals),
      ]
    case .state(let signed, let digests):
      return [
        "kind": "state", "checkpoint": JSON(signed.checkpoint),
        "signatures": JSON(signed.signatures.map { Hex.encode($0.bytes) }),
        "digests": .array(digests.map { JSON($0) }),
      ]
    case .records(let volume):
      return [
        "kind": "records", "volume": .integer(volume.volume), "digest": JSON(volume.digest),
        "size": .integer(volume.size), "totals": JSON(volume.totals),
      ]
    case .bodies(let volume):
      return [
        "kind": "bodies", "volume": .integer(volume.volume), "digest": JSON(volume.digest),
        "selection": "\(volume.selection)", "totals": JSON(volume.totals),
      ]
    }
  } make: {
    try Vectors.preamble()
  }

  static let index = Structure(name: "index") { vector in
    let first = vector.with?["first"].integer ?? 0
    var previous = first
    let entries = try BodyIndex.decode(try vector.bytes(), after: &previous)
    previous = first
    #expect(BodyIndex.encode(entries[...], after: &previous) == (try vector.bytes()))
    return [
      "bodies": .array(
        entries.map {
          [
            "number": .integer($0.number), "size": .integer($0.size), "context": JSON($0.context),
          ]
        })
    ]
  } make: {
    Vectors.index
  }

  static let time = Structure(name: "time") { vector in
    let held = try SignedCheckpoint(note: Array((vector.with?["note"].text ?? "").utf8))
    let signed = try SignedCheckpoint(renewing: held.checkpoint, field: vector.input)
    #expect(signed.timeField == vector.input)
    return [
      "time": .integer(signed.checkpoint.time),
      "verification": try verification(signed, vector.with),
      "note": .text(String(decoding: signed.note, as: UTF8.self)),
    ]
  } make: {
    try Vectors.time()
  }

  static let object = Structure(name: "object") { vector in
    let feed = try Vectors.feed(vector.with?["to"].integer ?? 0)
    let key = try VerifierKey(parsing: vector.with?["key"].text ?? "")
    #expect(key == feed.key.verifier)
    let from = vector.with?["from"].integer ?? 0
    let model = ReplicaModel(feed, at: from, to: feed.version)
    let outcome = model.read(try vector.bytes())
    if case .failed(let code) = outcome { return ["failed": .text(code)] }
    #expect(outcome == .complete && model.isComplete())
    let brought = model.new.values.sorted { $0.number < $1.number }
    return [
      "version": .integer(feed.version),
      "records": .array(
        brought.map { record in
          [
            "number": .integer(record.number), "version": .integer(record.version),
            "title": record.headline.map { .text($0.title) } ?? nil,
            "body": record.headline.map { "\($0.body)" } ?? nil,
            "bytes": .text(Hex.encode(record.bytes)),
          ]
        }),
      "bodies": .array(
        model.bodies.keys.map { "\($0)" }.sorted().map { hash in
          let bytes = BodyHash(hex: hash).flatMap { model.bodies[$0] } ?? []
          return ["hash": .text(hash), "text": .text(String(decoding: bytes, as: UTF8.self))]
        }),
    ]
  } make: {
    try Vectors.object()
  }
}
