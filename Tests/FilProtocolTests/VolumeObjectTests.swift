import FilProtocol
import FilSource
import TestSupport
import Testing

/// Objects that bring a volume or the digests of all: right ones, and wrong ones [OBJ-3] [OBJ-10].
struct VolumeObjectTests {
  private let feed: MemoryFeed
  private let digests: [Digest]

  init() throws {
    feed = try DeltaTests.small()
    digests = feed.digests(asOf: feed.version)
  }

  private func records(
    _ bytes: [UInt8], volume: Int = 1, digest: Digest? = nil, version: Int? = nil
  ) throws -> [Record] {
    try VolumeReader.records(
      bytes, volume: volume, digest: digest ?? digests[volume], version: version ?? feed.version,
      origin: feed.origin)
  }

  private func failure(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return code(error) }
    return nil
  }

  @Test(arguments: [0, 1]) func `a volume has all its records`(volume: Int) throws {
    let bytes = try VolumeRenderer(feed).records(volume, digests[volume])
    #expect(
      try records(bytes, volume: volume) == feed.records(ofVolume: volume, asOf: feed.version))
  }

  @Test func `another volume, digest or version is refused`() throws {
    let bytes = try VolumeRenderer(feed).records(1, digests[1])
    #expect(failure { _ = try records(bytes, volume: 0) } == "wrongObject")
    #expect(failure { _ = try records(bytes, digest: digests[0]) } == "wrongObject")
    #expect(failure { _ = try records(bytes, volume: 0, digest: digests[1]) } == "wrongObject")
    #expect(failure { _ = try records(bytes, version: 301) } == "invalidValue")
    #expect(failure { _ = try records(bytes + [0]) } == "trailingBytes")
    #expect(failure { _ = try records([]) } == "truncated")
    #expect(failure { _ = try records(bytes.dropLast()) } == "truncated")
    let state = try VolumeRenderer(feed).state(feed.version)
    #expect(failure { _ = try records(state) } == "wrongObject")
  }

  private func forged(
    totals: (inout Totals) -> Void = { _ in }, volume: Int = 1, from first: Int = 256,
    size: Int? = nil, twice: Bool = false
  ) throws -> [UInt8] {
    let all = feed.records(ofVolume: 1, asOf: feed.version).filter { $0.number >= first }
    var writer = HeadlinesWriter(.deflate, context: [])
    for _ in 0..<(twice ? 2 : 1) { writer.entry(volume: volume, changed: all, blocks: []) }
    var sum = Totals()
    (sum.records, sum.headlineBytes, sum.headlinePlain) = (
      writer.records, writer.bytes.count, writer.plainBytes
    )
    totals(&sum)
    let preamble = VolumePreamble(
      volume: 1, digest: digests[1], size: size ?? 47, selection: .none, totals: sum)
    return Preamble.records(preamble).encoded + writer.bytes
  }

  @Test func `a volume that lies about itself is refused`() throws {
    #expect(try records(forged()).count == 47)
    #expect(failure { _ = try records(forged(totals: { $0.records += 1 })) } == "invalidValue")
    #expect(
      failure { _ = try records(forged(totals: { $0.headlinePlain += 1 })) } == "invalidValue")
    #expect(failure { _ = try records(forged(volume: 2)) } == "invalidValue")
    #expect(failure { _ = try records(forged(from: 257)) } == "wrongDigest")
    #expect(failure { _ = try records(forged(size: 48)) } == "wrongDigest")
    #expect(failure { _ = try records(forged(size: 46)) } == "invalidValue")
    #expect(failure { _ = try records(forged(twice: true)) } == "invalidValue")
    let half = try forged(
      totals: {
        $0.records /= 2
        $0.headlinePlain /= 2
      }, twice: true)
    #expect(failure { _ = try records(half) } == "invalidValue")
    let none = VolumePreamble(
      volume: 1, digest: digests[1], size: 47, selection: .none, totals: Totals())
    #expect(failure { _ = try records(Preamble.records(none).encoded) } == "invalidValue")
  }

  @Test func `a state lists the digests that were signed`() throws {
    let bytes = try VolumeRenderer(feed).state(feed.version)
    func read(_ bytes: [UInt8], origin: String? = nil, keys: [VerifierKey]? = nil) throws {
      let state = try VolumeReader.digests(
        bytes, origin: origin ?? feed.origin, keys: keys ?? [feed.key.verifier])
      #expect(state.digests == digests && state.head == feed.head())
    }
    try read(bytes)
    #expect(failure { try read(bytes, keys: []) } == "unsigned")
    #expect(failure { try read(bytes, origin: "autre.example") } == "unsigned")
    #expect(failure { try read(bytes + [0]) } == "trailingBytes")
    #expect(failure { try read(Array(bytes.dropLast())) } == "truncated")
    #expect(failure { try read([1, 2, 3]) } == "truncated")
    let other = Preamble.state(feed.head(), digests: digests.reversed()).encoded
    #expect(failure { try read(other) } == "wrongDigest")
    let volume = try VolumeRenderer(feed).records(1, digests[1])
    #expect(failure { try read(volume) } == "wrongObject")
  }

  private func bodies(
    _ bytes: [UInt8], volume: Int = 1, digest: Digest? = nil, selection: Selection = .all,
    held: Bool = false
  ) throws -> Int {
    let model = ReplicaModel(
      feed, at: feed.version, to: feed.version, selection: held ? .all : .none)
    var reader = VolumeBodiesReader(
      volume: volume, digest: digest ?? digests[volume], selection: selection,
      version: feed.version, origin: feed.origin, holdings: model)
    reader.push(bytes)
    var count = 0
    while let part = try reader.next() {
      model.store(part)
      if case .body = part { count += 1 }
      if case .end = part {
        #expect(reader.offset == bytes.count)
        return count
      }
    }
    throw FormatError(.truncated, "bodies")
  }

  // [OBJ-12] [OBJ-13]
  @Test func `a volume's bodies come, each verified`() throws {
    let bytes = try VolumeRenderer(feed).bodies(1, digests[1], .all)
    #expect(try bodies(bytes) == 47)
    #expect(try bodies(bytes, held: true) == 47)
    let sante = try #require(Selection(parsing: "sante"))
    let some = try VolumeRenderer(feed).bodies(1, digests[1], sante)
    #expect(try bodies(some, selection: sante) < 47)
    #expect(failure { _ = try bodies(some) } == "wrongObject")
    #expect(failure { _ = try bodies(bytes, volume: 0) } == "wrongObject")
    #expect(failure { _ = try bodies(bytes, digest: digests[0]) } == "wrongObject")
    #expect(failure { _ = try bodies(bytes + [0]) } == "trailingBytes")
    #expect(failure { _ = try bodies(Array(bytes.dropLast())) } == "truncated")
    let none = try VolumeRenderer(feed).bodies(1, digests[1], .none)
    #expect(try bodies(none, selection: .none) == 0)
    #expect(
      failure { _ = try bodies(none, volume: 0, digest: digests[1], selection: .none) }
        == "wrongObject")
    let records = try VolumeRenderer(feed).records(1, digests[1])
    #expect(failure { _ = try bodies(records) } == "wrongObject")
  }

  @Test func `a body of another volume is refused`() throws {
    func object(_ number: Int, count: Int = 1, volume: Int = 1) throws -> [UInt8] {
      let record = try #require(feed.record(number, asOf: feed.version))
      let text = try #require(record.headline.flatMap { feed.body($0.body) })
      var writer = BodiesWriter(UnitCoder(.deflate), first: (volume + 1) * 256)
      writer.body(text, of: number, context: NumberRanges([]), texts: [], record: record.bytes)
      var totals = Totals()
      (totals.bodies, totals.bodyPlain) = (count, text.count)
      let part = writer.finish()
      totals.bodyBytes = part.count
      let preamble = VolumePreamble(
        volume: volume, digest: digests[volume], size: 0, selection: .all, totals: totals)
      return Preamble.bodies(preamble).encoded + part
    }
    #expect(try bodies(object(260)) == 1)
    #expect(failure { _ = try bodies(object(260, count: 2)) } == "invalidValue")
    #expect(failure { _ = try bodies(object(12)) } == "wrongObject")
    #expect(failure { _ = try bodies(object(260, volume: 0), volume: 0) } == "wrongObject")
  }
}
