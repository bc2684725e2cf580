import FilProtocol
import TestSupport

/// The ten thousand changes that `Protocol/state.md` describes.
enum Pin {
  static func roots() throws -> (log: Digest, state: Digest, size: Int) {
    var random = SplitMix64(seed: 0)
    var log = Merkle.Frontier()
    var state: [Digest] = []
    for version in 1...10_000 {
      let (a, b) = version == 1 ? (0, 0) : (random.next(), random.next())
      let number = state.count < 2 || a % 3 == 0 ? state.count : 1 + Int(a >> 8) % (state.count - 1)
      let content: Record.Content
      if number == 0 {
        content = .masthead(Masthead(name: "Pin"))
      } else if number < state.count, b % 8 == 0 {
        content = .retraction(Retraction(published: number, time: version, reason: "r"))
      } else {
        let word = (0..<8).map { UInt8(truncatingIfNeeded: b >> (56 - 8 * $0)) }
        guard let body = BodyHash(bytes: word + word) else { preconditionFailure("16 bytes") }
        content = .headline(
          Headline(
            published: number, updated: number < state.count ? version : nil,
            title: String(repeating: "水", count: 1 + Int(b >> 8) % 50), section: "s",
            flags: Headline.Flags(rawValue: Int(b % 4)), body: body, length: Int(b >> 16) % 1000))
      }
      let leaf = try Record(content, number: number, version: version).leaf
      log.append(leaf)
      if number == state.count { state.append(leaf) } else { state[number] = leaf }
    }
    return (log.root, Merkle.root(state), state.count)
  }
}
