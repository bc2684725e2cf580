/// The bit histories of eight contexts, in one hash table of 16 MiB.
///
/// A slot is 16 bytes and serves one context before one half of a byte: a check byte, then the
/// states of the 15 nodes of that nibble's tree. Three slots of one 64-byte line are looked at; the
/// one that has seen least gives way. In the sparse contexts both nibbles share a line, which
/// halves the cache misses (hashed slots by nibble: Mahoney, *Data Compression Explained*, 4.1.4).
struct ContextSlots: ~Copyable {
  static let count = 8
  /// Log2 of the slots of each context: orders 1 to 6, the word, the word and the one before.
  private static let sizes = [12, 15, 16, 17, 17, 18, 17, 18]

  private let slots = Table<24, UInt8>(0)
  private let history = BitHistory()
  /// Probability of a 1 (16 bits, less 32,768) for each context and state.
  private let maps = Table<11, Int16>(0)
  private let origin = Table<3, Int>(0)
  private let shift = Table<3, UInt32>(0)
  private let hash = Table<3, UInt32>(0)
  private let wanted = Table<3, Int>(0)
  private let check = Table<3, UInt8>(0)
  private let found = Table<3, Int>(0)
  private let cell = Table<3, Int>(0)
  /// The probabilities of this bit, and how many of the orders 2 to 6 have been here before.
  private(set) var probabilities = SIMD8<Int16>(repeating: 0)
  private(set) var known = 0
  /// Keeps the loads that warm the cache from being removed.
  private var touched: UInt8 = 0

  init() {
    var start = 0
    for (context, size) in Self.sizes.enumerated() {
      origin[context] = start
      shift[context] = UInt32(32 - size)
      start += 16 << size
    }
  }

  mutating func reset() {
    slots.fill(0)
    for context in 0..<Self.count {
      for state in 0..<256 { maps[context << 8 | state] = history.initialProbability(state) }
    }
  }

  /// Names what context `context` holds before a new byte; `find` has to follow.
  @inline(__always) func set(_ context: Int, _ value: UInt32) {
    var x = value ^ (UInt32(truncatingIfNeeded: context &+ 1) &* 0x27D4_EB2F)
    x = x &* 0x9E37_79B1
    x ^= x >> 15
    x = x &* 0x85EB_CA6B
    x ^= x >> 13
    hash[context] = x
    x = x &* 0x9E37_79B1
    wanted[context] = origin[context] &+ Int(x &>> shift[context]) &<< 4
    check[context] = max(1, UInt8(truncatingIfNeeded: x))
  }

  /// Names the slots of a byte's second half; `nibble` is the first half with a 1 before it.
  @inline(__always) mutating func setSecondHalf(_ nibble: Int) {
    for context in 0..<Self.count {
      let x = (hash[context] &+ UInt32(truncatingIfNeeded: nibble)) &* 0x2F0B_4C47
      let span = context < 3 || context == 6 ? 0xff0 : 0x30
      wanted[context] = wanted[context] ^ (Int(x >> 20) & span)
      check[context] = max(1, UInt8(truncatingIfNeeded: x >> 16))
    }
    find()
  }

  @inline(__always) mutating func find() {
    var sum: UInt8 = 0
    for context in 0..<Self.count { sum |= slots[wanted[context]] }
    touched = sum
    for context in 0..<Self.count {
      let first = wanted[context]
      let value = check[context]
      if slots[first] == value {
        found[context] = first
        continue
      }
      let second = first ^ 16
      if slots[second] == value {
        found[context] = second
        continue
      }
      let third = first ^ 32
      if slots[third] == value {
        found[context] = third
        continue
      }
      // States are numbered by what they have seen, so the smallest knows least.
      let a = slots[first &+ 1]
      let b = slots[second &+ 1]
      let c = slots[third &+ 1]
      let least = a <= b && a <= c ? first : b <= c ? second : third
      slots.clearSixteen(at: least)
      slots[least] = value
      found[context] = least
    }
  }

  @inline(__always) mutating func predict(_ node: Int) {
    var seen = 0
    @inline(__always) func look(_ context: Int) -> Int16 {
      let state = Int(slots[found[context] &+ node])
      if context > 0 && context < 6 { seen &+= state == 0 ? 0 : 1 }
      let index = context &<< 8 | state
      cell[context] = index
      return maps[index]
    }
    probabilities = SIMD8(
      look(0), look(1), look(2), look(3), look(4), look(5), look(6), look(7))
    known = seen
  }

  @inline(__always) func update(_ node: Int, _ bit: Int) {
    // Half of the error, so that 16 bits hold it; with the shift a rate of 1/256.
    let target = SIMD8<Int16>(repeating: bit == 1 ? 16383 : -16384)
    let new = probabilities &+ ((target &- (probabilities &>> 1)) &>> 7)
    @inline(__always) func learn(_ context: Int) {
      let index = cell[context]
      maps[index] = new[context]
      slots[found[context] &+ node] = history.next(index & 255, bit)
    }
    learn(0)
    learn(1)
    learn(2)
    learn(3)
    learn(4)
    learn(5)
    learn(6)
    learn(7)
  }
}
