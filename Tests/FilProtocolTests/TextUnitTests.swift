import FilProtocol
import FilSource
import TestSupport
import Testing

/// When the text of a codec-2 unit is there, and when its context is read.
struct TextUnitTests {
  private static let codec = Selection.all.coded(.text)

  /// Seventeen articles, of which the last five and a correction are the delta.
  private static func delta() throws -> (feed: MemoryFeed, bytes: [UInt8]) {
    let feed = try MemoryFeed.sample(12)
    var news = News(seed: 4)
    for _ in 0..<5 { try feed.publish(&news) }
    try feed.correct(3, &news)
    try feed.sign(time: 1_800_000_100)
    let renderer = try DeltaRenderer(
      feed, from: 13, to: feed.version, selection: codec, floor: 0)
    return (feed, try renderer.render())
  }

  /// [COD-8] No unit waits for a byte of the next one.
  @Test func `each headline and each body is there with its last byte`() throws {
    let (feed, bytes) = try Self.delta()
    let model = ReplicaModel(feed, at: 13, to: feed.version)
    var reader = DeltaReader(model.request(Self.codec), holdings: model)
    var texts = 0
    for (place, byte) in bytes.enumerated() {
      reader.push([byte])
      while let part = try reader.next() {
        model.store(part)
        guard case .end = part else {
          switch part {
          case .headlines, .body:
            texts += 1
            #expect(reader.offset == place + 1, "waited for \(place + 1 - reader.offset) bytes")
          default: break
          }
          continue
        }
        #expect(place == bytes.count - 1)
        break
      }
    }
    #expect(texts == 7)
    #expect(model.isComplete())
  }

  /// [COD-8] What a text begins with is known when four bytes more have come than it settled.
  @Test func `a reader lags by at most four bytes`() throws {
    var news = News(seed: 9)
    let text = news.text(6)
    var model = TextModel()
    let whole = model.compress(text.span)
    for size in stride(from: 0, to: text.count, by: 7) {
      model.reset()
      let start = Array(text[..<size])
      let unit = model.compress(start.span)
      let same = zip(unit, whole).prefix { $0 == $1 }.count
      #expect(unit.count - same <= 4, "\(size)")
    }
  }

  @Test(arguments: Codec.allCases) func `context is not read where there is nothing to decode`(
    codec: Codec
  ) throws {
    var coder = UnitCoder(codec)
    let context = [UInt8](repeating: 97, count: 5_000)
    coder.prime(context)
    coder.restart()
    #expect(coder.learnt == 0)
    _ = coder.encode([97, 98])
    #expect(coder.learnt == (codec == .text ? 5_000 : 0))
  }
}
