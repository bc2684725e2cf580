import FilProtocol
import FilSource
import TestSupport
import Testing

/// Bytes that were cut, flipped or made up: a named error, or a wait for more, and never a trap.
struct HostileSweep {
  /// Five articles more on twelve: a delta of about 3 KB.
  private static func feed() throws -> MemoryFeed {
    let feed = try MemoryFeed.sample(12)
    var news = News(seed: 4)
    for _ in 0..<5 { try feed.publish(&news) }
    try feed.correct(3, &news)
    try feed.retract(5)
    try feed.sign(time: 1_800_000_100)
    return feed
  }

  private static func delta(_ feed: MemoryFeed) throws -> [UInt8] {
    try DeltaRenderer(feed, from: 13, to: feed.version, selection: .all, floor: 0).render()
  }

  private static func flips(_ bytes: [UInt8]) -> some Sequence<[UInt8]> {
    (0..<bytes.count * 8).lazy.map { bit in
      var copy = bytes
      copy[bit / 8] ^= 1 << (bit % 8)
      return copy
    }
  }

  @Test(
    arguments: [Vectors.headline, Vectors.retraction, Vectors.masthead].map {
      CBORItem.array($0).encoded
    })
  func `every prefix of a record is truncated`(bytes: [UInt8]) {
    for size in bytes.indices {
      #expect(throws: FormatError(.truncated, "")) { try Record(decoding: Array(bytes[..<size])) }
    }
  }

  @Test func `every prefix of a note is truncated`() throws {
    let signed = try Vectors.signed()
    let bytes = signed.note
    for size in bytes.indices {
      // The signed lines and the empty one are a note without signatures: unsigned.
      if size == signed.checkpoint.text.utf8.count + 1 {
        #expect(try SignedCheckpoint(note: Array(bytes[..<size])).signatures.isEmpty)
        continue
      }
      #expect(throws: FormatError(.truncated, "")) {
        try SignedCheckpoint(note: Array(bytes[..<size]))
      }
    }
  }

  @Test func `every prefix of a framed object waits for more`() throws {
    let feed = try Self.feed()
    let state = Preamble.state(feed.head(), digests: feed.digests(asOf: feed.version)).encoded
    let volumes = VolumeRenderer(feed)
    let digest = feed.digests(asOf: feed.version)[0]
    let made = try Vectors.delta()
    let objects = [
      state, try volumes.records(0, digest), try volumes.bodies(0, digest, .all),
      made, try Self.delta(feed),
    ]
    for bytes in objects {
      let origin = bytes == made ? "askia24.net/fil" : feed.origin
      for size in bytes.indices {
        if scan(Array(bytes[..<size]), origin: origin) != .waiting { Issue.record("\(size)") }
      }
    }
  }

  @Test func `every prefix of a preamble's bytes is truncated, or trailing`() throws {
    let bytes = Array(try Vectors.delta().dropFirst(8))
    for size in bytes.indices {
      #expect(throws: FormatError(.truncated, "")) {
        try Preamble(decoding: Array(bytes[..<size]), origin: "askia24.net/fil")
      }
    }
  }

  @Test func `every prefix of a delta gives what is verified and waits for more`() throws {
    let feed = try Self.feed()
    let bytes = try Self.delta(feed)
    for size in bytes.indices {
      let model = ReplicaModel(feed, at: 13, to: feed.version)
      if model.read(Array(bytes[..<size])) != .waiting { Issue.record("prefix of \(size)") }
    }
  }

  /// [REP-3] A flip that is not seen changed nothing of what is given out.
  @Test func `every flipped bit of a delta is refused, or changes nothing`() throws {
    let feed = try Self.feed()
    let bytes = try Self.delta(feed)
    var complete = 0
    for copy in Self.flips(bytes) {
      let model = ReplicaModel(feed, at: 13, to: feed.version)
      switch model.read(copy) {
      case .complete:
        complete += 1
        if !model.isComplete() { Issue.record("a flip ended in another state") }
      case .waiting, .failed: break
      }
    }
    // Unused bits at the end of a deflate stream, and lengths that another choice of context keeps.
    #expect(complete < bytes.count / 4)
  }

  @Test func `every flipped bit of a record is refused, or changes its leaf`() throws {
    for items in [Vectors.headline, Vectors.retraction, Vectors.masthead] {
      let bytes = CBORItem.array(items).encoded
      let leaf = try Record(decoding: bytes).leaf
      for copy in Self.flips(bytes) {
        guard let record = try? Record(decoding: copy) else { continue }
        #expect(record.bytes == copy && record.leaf != leaf)
      }
    }
  }

  @Test func `no flipped bit of a note is verified`() throws {
    let signed = try Vectors.signed()
    let keys = [Vectors.key.verifier]
    for copy in Self.flips(signed.note) {
      guard let other = try? SignedCheckpoint(note: copy) else { continue }
      #expect(other.note == copy)
      #expect(throws: TrustError.self) {
        try other.verified(origin: "askia24.net/fil", keys: keys)
      }
    }
  }

  @Test func `every flipped bit of a volume is refused, or changes nothing`() throws {
    let feed = try Self.feed()
    let digest = feed.digests(asOf: feed.version)[0]
    let right = feed.records(ofVolume: 0, asOf: feed.version)
    let bytes = try VolumeRenderer(feed).records(0, digest)
    for copy in Self.flips(bytes) {
      let records = try? VolumeReader.records(
        copy, volume: 0, digest: digest, version: feed.version, origin: feed.origin)
      if let records, records != right { Issue.record("another volume") }
    }
    for size in bytes.indices {
      #expect(throws: ReadError<Never>.self) {
        try VolumeReader.records(
          Array(bytes[..<size]), volume: 0, digest: digest, version: feed.version,
          origin: feed.origin)
      }
    }
  }

  /// 200,000 inputs to each decoder: some of noise, some of a right input with a few bytes changed.
  @Test(arguments: Decoder.all) func `made-up bytes trap nowhere`(decoder: Decoder) throws {
    var random = SplitMix64(seed: 2_026)
    let seed = try decoder.seed()
    for round in 0..<200_000 {
      var bytes: [UInt8]
      if round % 2 == 0 {
        bytes = (0..<Int(random.next() % 48)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      } else {
        bytes = seed
        for _ in 0...random.next() % 3 where !bytes.isEmpty {
          let place = Int(random.next() % UInt64(bytes.count))
          switch random.next() % 3 {
          case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
          case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + Int(random.next() % 4)))
          default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
          }
        }
      }
      decoder.decode(bytes)
    }
  }

  struct Decoder: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var seed: @Sendable () throws -> [UInt8]
    var decode: @Sendable ([UInt8]) -> Void

    static let all: [Decoder] = [
      Decoder(testDescription: "record") {
        CBORItem.array(Vectors.headline).encoded
      } decode: {
        _ = try? Record(decoding: $0)
      },
      Decoder(testDescription: "masthead") {
        CBORItem.array(Vectors.masthead).encoded
      } decode: {
        _ = try? Record(decoding: $0)
      },
      Decoder(testDescription: "note") {
        try Vectors.signed().note
      } decode: {
        _ = try? SignedCheckpoint(note: $0)
      },
      Decoder(testDescription: "key") {
        Array(Vectors.key.verifier.description.utf8)
      } decode: {
        _ = try? VerifierKey(parsing: String(decoding: $0, as: UTF8.self))
      },
      Decoder(testDescription: "path") {
        Array("/fil/v1/delta/12-345/culture,sante.bare/7".utf8)
      } decode: {
        let path = String(decoding: $0, as: UTF8.self)
        if let resource = Resource(path: path) { #expect(resource.path == path) }
      },
      Decoder(testDescription: "index") {
        [2, 6, 5, 3, 2, 5, 0, 11, 0x80, 2, 3, 7, 0]
      } decode: {
        var first = 300
        _ = try? BodyIndex.decode($0, after: &first)
      },
      Decoder(testDescription: "unit") {
        Deflate.compress(Array("Le marché de Gao a rouvert ce matin.".utf8))
      } decode: {
        _ = try? Deflate.decompress($0, size: 37)
      },
      Decoder(testDescription: "preamble") {
        try Vectors.delta()
      } decode: {
        _ = scan($0, origin: "askia24.net/fil")
      },
      Decoder(testDescription: "headlines and bodies") {
        try HostileSweep.delta(HostileSweep.feed())
      } decode: {
        _ = scan($0, origin: "essai.example/fil", step: 500)
      },
    ]
  }
}
