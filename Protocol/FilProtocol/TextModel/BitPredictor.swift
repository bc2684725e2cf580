/// Predicts a text bit by bit, highest bit of each byte first, and learns from each bit.
struct BitPredictor: ~Copyable {
  private let logistic = Logistic()
  private var contexts = ContextSlots()
  private var match = MatchModel()
  private var mixer = Mixer()
  private var refinement = Refinement()
  /// The last eight bytes, the newest lowest.
  private var last: UInt64 = 0
  private var word: UInt32 = 0
  private var wordBefore: UInt32 = 0
  /// The bits of this byte with a 1 before them, of this nibble likewise, and their number.
  private var partial = 1
  private var node = 1
  private var count = 0
  private var mixed: Int32 = 0

  /// The probability that the next bit is a 1, of 65,536: 32 to 65,503.
  ///
  /// Made when it is asked for: who only learns needs none.
  var probability: Int32 {
    @inline(__always) get {
      max(32, min(65503, (logistic.squash(mixed) &+ refinement.refined) >> 1))
    }
  }

  init() { reset() }

  mutating func reset() {
    contexts.reset()
    match.reset()
    mixer.reset()
    refinement.reset(logistic)
    last = 0
    word = 0
    wordBefore = 0
    beginByte()
    predict()
  }

  @inline(__always) mutating func update(_ bit: Int) {
    let bit32 = Int32(truncatingIfNeeded: bit)
    refinement.update(bit32)
    mixer.update(bit32)
    contexts.update(node, bit)
    match.update(bit)
    partial = partial &<< 1 | bit
    node = node &<< 1 | bit
    count &+= 1
    if count == 4 {
      contexts.setSecondHalf(partial)
      node = 1
    } else if count == 8 {
      endByte(partial & 255)
    }
    predict()
  }

  private mutating func endByte(_ byte: Int) {
    last = last &<< 8 | UInt64(truncatingIfNeeded: byte)
    let isCapital = byte >= 0x41 && byte <= 0x5a
    let folded = isCapital ? byte &+ 32 : byte
    let isLetter = folded >= 0x61 && folded <= 0x7a || folded >= 0x80
    if isLetter || folded >= 0x30 && folded <= 0x39 {
      word = (word &+ UInt32(truncatingIfNeeded: folded) &+ 1) &* 0x2F0B_4C47
      word ^= word >> 15
    } else if word != 0 {
      wordBefore = word
      word = 0
    }
    match.append(byte)
    beginByte()
  }

  @inline(__always) private mutating func beginByte() {
    partial = 1
    node = 1
    count = 0
    let four = UInt32(truncatingIfNeeded: last)
    let older = UInt32(truncatingIfNeeded: last >> 32)
    let six = four &+ ((older & 0xffff) &+ 1) &* 0x6F4F_2A35
    contexts.set(0, four & 0xff)
    contexts.set(1, four & 0xffff)
    contexts.set(2, four & 0xff_ffff)
    contexts.set(3, four)
    contexts.set(4, four &+ ((older & 0xff) &+ 1) &* 0x6F4F_2A35)
    contexts.set(5, six)
    contexts.set(6, word &+ (four & 0xff) &* 0x3D4D_51CB)
    contexts.set(7, word &+ wordBefore &* 0x6F4F_2A35 &+ (four & 0xff))
    var seven = (six &+ (older >> 16 & 0xff) &* 0x27D4_EB2F) &* 0x9E37_79B1
    seven ^= seven >> 15
    match.prepare(seven &* 0x85EB_CA6B)
    contexts.find()
    match.find()
  }

  @inline(__always) private mutating func predict() {
    contexts.predict(node, logistic)
    match.predict(partial, count, logistic)
    let place = word == 0 ? 0 : match.length > 0 ? 512 : 256
    mixed = mixer.mix(
      contexts.logits, Mixer.others(contexts.leanings, match.logit, match.lean),
      match.level &<< 3 | contexts.known, place | partial,
      contexts.known &<< 3 | count, logistic)
    refinement.place(mixed, Int(last & 255), partial)
  }
}
