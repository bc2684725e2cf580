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

  /// The places at which slots begin.
  private static let inside = 0xff_fff0

  private let slots = Table<24, UInt8>()
  private let history = BitHistory()
  /// Probability of a 1 for each context and state.
  private let maps = Table<11, UInt16>(0)
  private let origin = Table<3, Int>(0)
  private let shift = Table<3, UInt32>(0)
  private let hash = Table<3, UInt32>(0)
  private let wanted = Table<3, Int>(0)
  private let check = Table<3, UInt8>(0)
  private let found = Table<3, Int>(0)
  /// What each context says of this bit: the logit, and the probability less 32,768.
  private(set) var logits = SIMD8<Int16>(repeating: 0)
  private(set) var leanings = SIMD8<Int16>(repeating: 0)
  /// How many of the orders 2 to 6 had been before this half byte already.
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
    known = 0
    for context in 0..<Self.count {
      let first = wanted[context]
      let value = check[context]
      let isCounted = context > 0 && context < 6
      if slots[first] == value {
        found[context] = first & Self.inside
        if isCounted { known &+= 1 }
        continue
      }
      let second = first ^ 16
      if slots[second] == value {
        found[context] = second & Self.inside
        if isCounted { known &+= 1 }
        continue
      }
      let third = first ^ 32
      if slots[third] == value {
        found[context] = third & Self.inside
        if isCounted { known &+= 1 }
        continue
      }
      // States are numbered by what they have seen, so the smallest knows least.
      let a = slots[first &+ 1]
      let b = slots[second &+ 1]
      let c = slots[third &+ 1]
      let least = a <= b && a <= c ? first : b <= c ? second : third
      slots.clearSixteen(at: least)
      slots[least] = value
      found[context] = least & Self.inside
    }
  }

  // In `predict` and `update` no index can be outside: what `find` found is a multiple of 16 below
  // 2^24, a node is below 16, a context below 8 and a state a byte.

  @inline(__always) mutating func predict(_ node: Int, _ logistic: borrowing Logistic) {
    let node = node & 15
    @inline(__always) func look(_ context: Int) -> UInt16 {
      maps[inside: context &<< 8 | Int(slots[inside: found[inside: context] | node])]
    }
    let (a, b, c, d) = (look(0), look(1), look(2), look(3))
    let (e, f, g, h) = (look(4), look(5), look(6), look(7))
    logits = SIMD8(
      logistic.stretch(a), logistic.stretch(b), logistic.stretch(c), logistic.stretch(d),
      logistic.stretch(e), logistic.stretch(f), logistic.stretch(g), logistic.stretch(h))
    leanings = SIMD8(truncatingIfNeeded: SIMD8(a, b, c, d, e, f, g, h) &- 32768)
  }

  @inline(__always) func update(_ node: Int, _ bit: Int) {
    let node = node & 15
    // Half of the error, so that 16 bits hold it; with the shift a rate of 1/256.
    let target = SIMD8<Int16>(repeating: bit == 1 ? 16383 : -16384)
    let learnt = leanings &+ ((target &- (leanings &>> 1)) &>> 7)
    let new = SIMD8<UInt16>(truncatingIfNeeded: learnt) &+ 32768
    @inline(__always) func learn(_ context: Int) {
      let place = found[inside: context] | node
      let state = slots[inside: place]
      slots[inside: place] = history.next(state, bit)
      maps[inside: context &<< 8 | Int(state)] = new[context]
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
