import FilProtocol
import TestSupport
import Testing

/// The trees against the recursive definition of RFC 6962 §2.1 [STA-1] [STA-2] [STA-3] [STA-5].
final class MerkleTests {
  private var known: [Range<Int>: Digest] = [:]
  private static let leaves = (0..<600).map { Merkle.leaf([UInt8($0 >> 8), UInt8($0 & 0xFF)]) }

  private func split(_ size: Int) -> Int {
    var k = 1
    while k * 2 < size { k *= 2 }
    return k
  }

  /// The definition, which remembers what it was asked before.
  private func naive(_ range: Range<Int>) -> Digest {
    guard !range.isEmpty else { return SHA256.hash([]) }
    guard range.count > 1 else { return Self.leaves[range.lowerBound] }
    if let root = known[range] { return root }
    let middle = range.lowerBound + split(range.count)
    let halves = [naive(range.lowerBound..<middle), naive(middle..<range.upperBound)]
    let root = SHA256.hash([1] + halves[0].bytes + halves[1].bytes)
    known[range] = root
    return root
  }

  private func naivePath(_ size: Int) -> [Digest] {
    size == 1 ? [] : naivePath(split(size)) + [naive(split(size)..<size)]
  }

  @Test func `leaves and nodes are told apart`() {
    #expect(Merkle.leaf([1, 2]) == SHA256.hash([0, 1, 2]))
    #expect(
      "\(SHA256.hash([]))" == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `the root is that of the definition for every size`() {
    var frontier = Merkle.Frontier()
    for size in 0...600 {
      let expected = naive(0..<size)
      if size % 37 == 0 { #expect(Merkle.root(Self.leaves[..<size]) == expected) }
      #expect(frontier.root == expected && frontier.count == size)
      if size < 600 { frontier.append(Self.leaves[size]) }
    }
  }

  @Test(arguments: [32, 256]) func `aligned subtrees fold to the root for every size`(width: Int) {
    for size in 1...600 {
      let roots = stride(from: 0, to: size, by: width).map {
        naive($0..<min($0 + width, size))
      }
      #expect(Merkle.root(roots) == naive(0..<size))
    }
  }

  @Test func `the path of the first leaf is that of the definition for every size`() {
    for size in 1...256 {
      let leaves = Array(Self.leaves[..<size])
      let path = Merkle.firstPath(leaves)
      #expect(path == naivePath(size))
      #expect(Merkle.root(first: leaves[0], path: path) == naive(0..<size))
      #expect(path.count <= 8)
    }
  }

  @Test func `the example of the specification holds`() throws {
    let digests = [Merkle.root(Self.leaves[..<256]), Merkle.root(Self.leaves[256..<300])]
    #expect(Merkle.root(Self.leaves[..<300]) == Merkle.node(digests[0], digests[1]))
    let blocks = [Merkle.root(Self.leaves[256..<288]), Merkle.root(Self.leaves[288..<300])]
    #expect(digests[1] == Merkle.node(blocks[0], blocks[1]))
  }

  @Test func `a feed's digests fold to the root it signed`() throws {
    let feed = try MemoryFeed.sample(600, sentences: 1)
    let head = feed.head().checkpoint
    #expect(head.volumes == 3 && head.size(ofVolume: 2) == 89 && head.size(ofVolume: 3) == 0)
    let leaves = (0..<601).compactMap { feed.record($0, asOf: 601)?.leaf }
    #expect(Merkle.root(leaves) == head.stateRoot)
    #expect(head.logRoot == head.stateRoot)
  }
}
