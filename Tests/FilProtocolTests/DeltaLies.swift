import FilProtocol
import TestSupport
import Testing

/// Something that a source could send instead of the right delta, and what must become of it.
struct Lie: Sendable, CustomTestStringConvertible {
  var name: String
  var outcome: Outcome
  var change: @Sendable (inout Forge) throws -> Void

  init(
    _ name: String, _ outcome: String, _ change: @escaping @Sendable (inout Forge) throws -> Void
  ) {
    self.name = name
    self.outcome = outcome == "complete" ? .complete : .failed(outcome)
    self.change = change
  }

  var testDescription: String { name }

  /// Against a delta with an entry for volume 0 (numbers 3, 7 and 40) and one for volume 1.
  static let plain: [Lie] = headLies + unitLies + entryLies + bodyLies

  private static let headLies: [Lie] = [
    Lie("nothing", "complete") { _ in },
    Lie("the head of an earlier version", "wrongDigest") {
      $0.preamble.checkpoint = try #require($0.feed.checkpoint(of: 304))
    },
    Lie("another selection", "wrongObject") { $0.preamble.selection = .none },
    Lie("another basis", "wrongObject") { $0.preamble.selection = Selection.all.on(.bare) },
    Lie("another from", "wrongObject") { $0.preamble.from = 300 },
    Lie("another floor", "wrongObject") {
      $0.preamble.floor = 1
      $0.preamble.path = (0..<8).map { SHA256.hash([$0]) }
    },
    Lie("signed by another key of that name", "unsigned") { forge in
      let key = try SigningKey(name: forge.feed.origin, seed: [UInt8](repeating: 9, count: 32))
      forge.preamble.checkpoint = SignedCheckpoint(
        signing: forge.preamble.checkpoint.checkpoint, with: [key])
    },
    Lie("signed by another key as well", "complete") { forge in
      let key = try SigningKey(name: forge.feed.origin, seed: [UInt8](repeating: 9, count: 32))
      forge.preamble.checkpoint = SignedCheckpoint(
        signing: forge.preamble.checkpoint.checkpoint, with: [key, forge.feed.key])
    },
    Lie("another digest", "wrongDigest") { $0.preamble.digests[1] = SHA256.hash([]) },
    Lie("digests in another order", "wrongDigest") { $0.preamble.digests.reverse() },
    Lie("a part's size too large", "truncated") { $0.totals = { $0.bodyBytes += 1 } }.waiting,
    Lie("a part's size too small", "truncated") { $0.totals = { $0.bodyBytes -= 1 } },
    Lie("a record too many in the totals", "invalidValue") { $0.totals = { $0.records += 1 } },
    Lie("a byte too many in the totals", "invalidValue") { $0.totals = { $0.headlinePlain += 1 } },
    Lie("a body too few in the totals", "invalidValue") { $0.totals = { $0.bodies -= 1 } },
    Lie("body bytes too few in the totals", "invalidValue") { $0.totals = { $0.bodyPlain -= 1 } },
  ]

  private var waiting: Lie {
    var copy = self
    copy.outcome = .waiting
    return copy
  }

  private static let unitLies: [Lie] = [
    Lie("a bomb", "overLimit") {
      $0.entries[0].units[0].packed = Deflate.compress([UInt8](repeating: 0, count: 4_000_000))
    },
    Lie("a unit longer than stated", "overLimit") {
      $0.entries[0].units[0].statedPlain = $0.entries[0].units[0].plain.count - 1
    },
    Lie("a unit shorter than stated", "truncated") {
      $0.entries[0].units[0].statedPlain = $0.entries[0].units[0].plain.count + 1
    },
    Lie("bytes after a unit's end", "trailingBytes") {
      $0.entries[0].units[0].packed =
        Deflate.compress($0.entries[0].units[0].plain) + [UInt8](repeating: 7, count: 100)
    },
    Lie("a unit that is no deflate", "invalidValue") {
      $0.entries[0].units[0].packed = [7, 7, 7]
    },
    Lie("a unit over its limit", "overLimit") {
      $0.entries[0].units[0].statedPlain = Limits.unitPlainBytes + 1
    },
    Lie("a unit without records", "invalidValue") { $0.entries[0].units[0].plain = [] },
    Lie("records out of order", "notCanonical") {
      $0.entries[1].units[0].plain = $0.plain(7) + $0.plain(3) + $0.plain(40)
    },
    Lie("a record twice", "notCanonical") {
      $0.entries[1].units[0].plain = $0.plain(3) + $0.plain(3) + $0.plain(7) + $0.plain(40)
    },
    Lie("a record missing", "wrongDigest") {
      $0.entries[1].units[0].plain = $0.plain(3) + $0.plain(40)
    },
    Lie("a superseded record", "wrongDigest") {
      let old = try #require($0.feed.record(3, asOf: 303)).bytes
      $0.entries[1].units[0].plain = old + $0.plain(7) + $0.plain(40)
    },
    Lie("a record of V", "invalidValue") {
      $0.entries[1].units[0].plain = $0.plain(2) + $0.plain(3) + $0.plain(7) + $0.plain(40)
    },
    Lie("a record of a version to come", "invalidValue") { forge in
      let headline = try #require(forge.feed.record(41, asOf: 301)?.headline)
      let record = try Record(.headline(headline), number: 41, version: forge.feed.version + 1)
      forge.entries[1].units[0].plain += record.bytes
    },
    Lie("a record that the newsroom did not write", "wrongDigest") { forge in
      var headline = try #require(forge.feed.record(40, asOf: forge.feed.version)?.headline)
      headline.title = "Faux"
      let record = try Record(.headline(headline), number: 40, version: 302)
      forge.entries[1].units[0].plain = forge.plain(3) + forge.plain(7) + record.bytes
    },
    Lie("a record of another volume", "invalidValue") {
      $0.entries[1].units[0].plain += $0.plain(301)
    },
    Lie("a record of the volume before", "invalidValue") {
      $0.entries[0].units[0].plain = $0.plain(40) + $0.plain(301) + $0.plain(302)
    },
    Lie("a record beyond the state", "invalidValue") { forge in
      let headline = try #require(forge.feed.record(41, asOf: 301)?.headline)
      let record = try Record(.headline(headline), number: 303, version: 305)
      forge.entries[0].units[0].plain += record.bytes
    },
    Lie("half a record", "truncated") { $0.entries[0].units[0].plain.removeLast() },
  ]

  private static let entryLies: [Lie] = [
    Lie("a volume missing", "wrongDigest") { $0.entries.removeFirst() },
    Lie("all volumes missing", "wrongDigest") { $0.entries = [] },
    Lie("an entry twice", "invalidValue") { $0.entries.append($0.entries[0]) },
    Lie("an entry of a volume that did not change", "invalidValue") { $0.entries[0].volume = 2 },
    Lie("an entry above all volumes", "overLimit") { $0.entries[0].volume = 32_768 },
    Lie("two entries exchanged", "invalidValue") {
      ($0.entries[0].volume, $0.entries[1].volume) = (0, 1)
    },
    Lie("few records in blocks", "notCanonical") {
      $0.entries[1] = $0.entry(0, [3, 7, 40], inBlocks: true)
    },
  ]

  private static let bodyLies: [Lie] = [
    Lie("another text", "wrongDigest") { $0.bodies[0].text[0] ^= 1 },
    Lie("a text too long", "overLimit") { $0.bodies[0].text.append(33) },
    Lie("a text too short", "truncated") { $0.bodies[0].text.removeLast() },
    Lie("bytes after a body's end", "trailingBytes") {
      $0.bodies[0].packed = Deflate.compress($0.bodies[0].text) + [0]
    },
    Lie("the texts of two bodies exchanged", "*") {
      ($0.bodies[0].text, $0.bodies[1].text) = ($0.bodies[1].text, $0.bodies[0].text)
    },
    Lie("a body that V has already", "wrongObject") {
      let hash = try #require($0.feed.record(5, asOf: 301)?.headline?.body)
      $0.bodies.append(Forge.Body(number: 5, text: try #require($0.feed.body(hash))))
    },
    Lie("a body of a withdrawn article", "wrongObject") {
      $0.bodies.append(Forge.Body(number: 7, text: [1]))
    },
    Lie("a body beyond the state", "wrongObject") {
      $0.bodies.append(Forge.Body(number: 400, text: [1]))
    },
    Lie("a body twice", "wrongObject") { $0.bodies.append($0.bodies[0]) },
    Lie("a body missing, and the totals fit", "complete") { $0.bodies.removeLast() },
    Lie("a unit of a body longer than the part", "truncated") { forge in
      forge.index = { plain in
        var first = 303
        var entries = (try? BodyIndex.decode(plain, after: &first)) ?? []
        entries[entries.count - 1].size += 1
        first = 303
        return BodyIndex.encode(entries[...], after: &first)
      }
    },
    Lie("an index that names nothing", "invalidValue") { $0.index = { _ in [0] } },
    Lie("an index cut short", "truncated") { $0.index = { Array($0.dropLast()) } },
  ]

  /// Against a delta with 100 changes in volume 0, in blocks.
  static let blocks: [Lie] = [
    Lie("nothing", "complete") { _ in },
    Lie("many records as one unit", "notCanonical") {
      $0.entries[0] = $0.entry(0, Array(1...100), inBlocks: false)
    },
    Lie("a block digest that is wrong", "wrongDigest") {
      $0.entries[0].blocks[7] = SHA256.hash([])
    },
    Lie("a block digest missing", "wrongDigest") { $0.entries[0].blocks.removeLast() },
    Lie("nine block digests", "overLimit") { $0.entries[0].blocks.append(SHA256.hash([])) },
    Lie("the volume's digest alone for its blocks", "wrongDigest") {
      $0.entries[0].blocks = [$0.preamble.digests[0]]
      $0.entries[0].units = [$0.entries[0].units[2]]
    },
    Lie("five digests that fold, for eight blocks", "wrongDigest") {
      let eight = $0.entries[0].blocks
      $0.entries[0].blocks = eight[0..<4] + [Merkle.root(eight[4...])]
    },
    Lie("two halves for eight blocks", "wrongDigest") {
      let eight = $0.entries[0].blocks
      $0.entries[0].blocks = [Merkle.root(eight[0..<4]), Merkle.root(eight[4...])]
      $0.entries[0].units.removeFirst(2)
    },
    Lie("a block twice", "notCanonical") { $0.entries[0].units[1] = $0.entries[0].units[0] },
    Lie("a block under another number", "invalidValue") { $0.entries[0].units[0].block = 5 },
    Lie("a block that the volume at N has not", "*") {
      let leaves = $0.feed.leaves(ofVolume: 0, asOf: $0.feed.version)
      $0.entries[0].blocks = [Merkle.root(leaves[0..<128]), Merkle.root(leaves[128...])]
      $0.entries[0].units = [$0.entries[0].units[0]]
    },
    Lie("a block above all", "overLimit") { $0.entries[0].units[0].block = 8 },
    Lie("no unit", "invalidValue") { $0.entries[0].statedUnits = 0 },
    Lie("more units than blocks", "invalidValue") { $0.entries[0].statedUnits = 9 },
    Lie("a block missing", "wrongDigest") { $0.entries[0].units.removeFirst() },
    Lie("a record in the first block that the newsroom did not write", "wrongDigest") { forge in
      var headline = try #require(forge.feed.record(96, asOf: forge.feed.version)?.headline)
      headline.title = "Faux"
      let record = try Record(.headline(headline), number: 96, version: 302)
      forge.entries[0].units[0].plain = record.bytes + (97...100).flatMap(forge.plain)
    },
    Lie("a record of a block missing", "wrongDigest") {
      $0.entries[0].units[1].plain = (65..<96).flatMap($0.plain)
    },
  ]

  /// Against a delta above floor 1, in which the masthead changed.
  static let masthead: [Lie] = [
    Lie("nothing", "complete") { _ in },
    Lie("a path that is wrong", "wrongDigest") { $0.preamble.path[3] = SHA256.hash([]) },
    Lie("the masthead withheld", "wrongDigest") { $0.entries.removeAll { $0.volume == 0 } },
    Lie("another masthead", "wrongDigest") { forge in
      let record = try Record(.masthead(Masthead(name: "Faux")), number: 0, version: 302)
      forge.entries[1].units[0].plain = record.bytes
    },
    Lie("more than the masthead", "invalidValue") {
      $0.entries[1].units[0].plain += $0.plain(3)
    },
    Lie("an article for the masthead", "invalidValue") {
      $0.entries[1].units[0].plain = $0.plain(3)
    },
    Lie("the masthead in blocks", "invalidValue") {
      let leaves = $0.feed.leaves(ofVolume: 0, asOf: $0.feed.version)
      $0.entries[1].blocks = (0..<8).map { Merkle.root(leaves[$0 * 32..<($0 + 1) * 32]) }
      $0.entries[1].units[0].block = 0
    },
    Lie("a body below the floor", "wrongObject") {
      let hash = try #require($0.feed.record(3, asOf: $0.feed.version)?.headline?.body)
      $0.bodies.append(Forge.Body(number: 3, text: try #require($0.feed.body(hash))))
    },
  ]
}
