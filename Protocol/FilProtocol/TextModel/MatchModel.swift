/// The last MiB of text, and the byte that followed where the last seven bytes occurred before.
struct MatchModel: ~Copyable {
  private static let shortest = 7

  private let text = Table<20, UInt8>()
  /// By hash of the last seven bytes: a position below, 12 bits to check it above.
  private let places = Table<18, UInt32>()
  /// Probability (16 bits) that the expected bit comes, by length and recent misses.
  private let trust = Table<7, UInt16>(0)
  private var position = 0
  private var pointer = 0
  private(set) var length = 0
  private var misses = 0
  private var expected = 0
  private var candidate: UInt32 = 0
  private var place = 0
  private var mark: UInt32 = 0
  /// The row of `trust` in use, or -1; and the bit that is expected.
  private var row = -1
  private var expectedBit = 0
  /// 0 without a match, else 1 to 7 by its length.
  private(set) var level = 0
  private(set) var logit: Int16 = 0
  private(set) var lean: Int16 = 0

  mutating func reset() {
    text.fill(0)
    places.fill(0)
    for index in 0..<128 { trust[index] = UInt16(65536 - 65536 / (min(index & 31, 30) + 2)) }
    position = 0
    pointer = 0
    length = 0
    misses = 0
    expected = 0
  }

  /// A byte came: the match goes on or ends.
  @inline(__always) mutating func append(_ byte: Int) {
    text[position] = UInt8(truncatingIfNeeded: byte)
    position &+= 1
    guard length > 0 else { return }
    pointer &+= 1
    if expected == byte {
      length = min(length &+ 1, 65535)
      if length & 15 == 0 && misses > 0 { misses &-= 1 }
    } else {
      length = 0
      misses = min(misses &+ 1, 3)
    }
  }

  /// Begins to load what `find` will need; `hash` is of the last seven bytes.
  @inline(__always) mutating func prepare(_ hash: UInt32) {
    place = Int(hash >> 14)
    mark = hash & 0xfff
    candidate = places[place]
  }

  @inline(__always) mutating func find() {
    if length == 0 && candidate != 0 && candidate >> 20 == mark {
      let start = Int(candidate & 0xf_ffff)
      var same = 0
      while same < 32 && text[start &- 1 &- same] == text[position &- 1 &- same] { same &+= 1 }
      if same >= Self.shortest {
        length = same
        pointer = start
        if same >= 16 { misses = 0 }
      }
    }
    places[place] = UInt32(truncatingIfNeeded: position & 0xf_ffff) | mark << 20
    expected = Int(text[pointer])
  }

  /// Predicts the bit after `partial`, the byte's first bits (`count` of them) with a 1 before.
  @inline(__always) mutating func predict(
    _ partial: Int, _ count: Int, _ logistic: borrowing Logistic
  ) {
    guard length > 0 && (expected | 256) &>> (8 &- count) == partial else {
      row = -1
      level = 0
      logit = 0
      lean = 0
      return
    }
    expectedBit = (expected &>> (7 &- count)) & 1
    let step = length < 16 ? length : 16 &+ min((length &- 16) >> 3, 15)
    row = step | misses << 5
    level = 1 &+ min(6, step >> 2)
    let p = trust[row]
    let strength = logistic.stretch(p)
    let half = Int16(truncatingIfNeeded: (Int(p) &- 32768) >> 3)
    logit = expectedBit == 1 ? strength : 0 &- strength
    lean = expectedBit == 1 ? half : 0 &- half
  }

  @inline(__always) func update(_ bit: Int) {
    guard row >= 0 else { return }
    let p = Int(trust[row])
    trust[row] = UInt16(truncatingIfNeeded: p &+ (((expectedBit == bit ? 65535 : 0) &- p) >> 7))
  }
}
