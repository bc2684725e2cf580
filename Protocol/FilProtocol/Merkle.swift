/// The tree of RFC 6962 §2.1 over SHA-256, which covers the state and the log alike [STA-1].
public enum Merkle {
  /// The hash of one record.
  public static func leaf(_ record: [UInt8]) -> Digest { SHA256.hash(prefix: 0, record.span) }

  public static func node(_ left: Digest, _ right: Digest) -> Digest {
    SHA256.hash(prefix: 1, left.bytes.span, right)
  }

  /// The root over `hashes`, which are hashed already: leaves, or roots of aligned subtrees of the
  /// same size (the last may be smaller) [STA-3].
  public static func root(_ hashes: some Sequence<Digest>) -> Digest {
    var tree = Frontier()
    for hash in hashes { tree.append(hash) }
    return tree.root
  }

  /// The audit path of the first leaf, from the leaf up [STA-5]; `leaves` is not empty.
  public static func firstPath(_ leaves: [Digest]) -> [Digest] {
    var path: [Digest] = []
    var size = leaves.count
    while size > 1 {
      let left = leftSize(size)
      path.append(root(leaves[left..<size]))
      size = left
    }
    return path.reversed()
  }

  /// The root to which `path` leads from the first leaf.
  public static func root(first leaf: Digest, path: [Digest]) -> Digest {
    path.reduce(leaf) { node($0, $1) }
  }

  /// How long the audit path of the first of `size` leaves is.
  static func firstPathLength(_ size: Int) -> Int {
    size <= 1 ? 0 : Int.bitWidth - (size - 1).leadingZeroBitCount
  }

  /// The largest power of two below `size`, which is at least 2.
  private static func leftSize(_ size: Int) -> Int {
    1 << (Int.bitWidth - 1 - (size - 1).leadingZeroBitCount)
  }

  /// A tree that grows at its end, kept as the roots of its full subtrees: O(log n) memory.
  public struct Frontier: Sendable {
    private var roots: [Digest] = []
    public private(set) var count = 0

    public init() {}

    public mutating func append(_ hash: Digest) {
      var merged = hash
      var rest = count
      while rest & 1 == 1 {
        merged = Merkle.node(roots.removeLast(), merged)
        rest >>= 1
      }
      roots.append(merged)
      count += 1
    }

    public var root: Digest {
      guard var result = roots.last else { return SHA256.hash([]) }
      for left in roots.dropLast().reversed() { result = Merkle.node(left, result) }
      return result
    }
  }
}
