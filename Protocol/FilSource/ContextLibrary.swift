internal import FilProtocol

/// Chooses the bodies that a new body is most like: deflate sees 32 KB back, so they must be the right 32 KB.
///
/// Bodies are compared by their rarer words and pairs of words: each one that two bodies share counts for its rarity,
/// squared. What room is left is filled with the newest bodies, which cost the index next to nothing.
struct ContextLibrary {
  /// How many older bodies are looked at; beyond that, age tells more than words do.
  private static let reach = 1_200
  /// How many of the best are named one by one: each costs the index a byte or two.
  private static let named = 24
  /// How many are named for a body after the first, by a codec that reads on.
  private static let later = 4

  private struct Book {
    let number: Int
    var size: Int
  }

  private var books: [Book] = []
  private var place: [Int: Int] = [:]
  private var shelves: [UInt32: [Int32]] = [:]
  private let codec: Codec
  /// Numbers whose bodies a codec that reads on has read in this object.
  private var read: Set<Int> = []
  private var isFirst = true

  /// `size`: how many numbers there are at N.
  ///
  /// `changed`: the numbers whose bodies the delta brings; their old bodies come in as well.
  init<A: Archive>(
    _ archive: A, _ context: BodyContext, size: Int, changed: [Int]
  ) throws(RenderError<A.Failure>) {
    codec = context.selection.codec
    guard context.from ?? 0 > 0, !changed.isEmpty else { return }
    let newest = max(context.floor * Limits.volume, size - ContextLibrary.reach, 1)..<max(size, 1)
    for number in changed.filter({ $0 < newest.lowerBound }) + Array(newest) {
      do {
        guard let text = try context.text(number, in: archive) else { continue }
        add(text, of: number)
      } catch {
        // A text that is not here cannot be named; the others can.
        guard case .missing = error else { throw RenderError(error) }
      }
    }
  }

  /// Begins without older bodies: for volume objects.
  init(_ codec: Codec) { self.codec = codec }

  /// Adds the body of `number`, in place of an older one of the same number.
  mutating func add(_ text: [UInt8], of number: Int) {
    let index: Int
    if let old = place[number] {
      index = old
      books[index].size = text.count
    } else {
      index = books.count
      books.append(Book(number: number, size: text.count))
      place[number] = index
    }
    for word in ContextLibrary.words(text) {
      if shelves[word]?.last != Int32(index) { shelves[word, default: []].append(Int32(index)) }
    }
  }

  /// The numbers whose bodies are the best context for `text`.
  ///
  /// `room`: how many bytes of context count.
  mutating func choose(for text: [UInt8], of number: Int, room: Int) -> NumberRanges {
    defer {
      isFirst = false
      read.insert(number)
    }
    guard !books.isEmpty else { return NumberRanges([]) }
    var scores: [Int32: Int] = [:]
    for word in ContextLibrary.words(text) {
      guard let shelf = shelves[word] else { continue }
      // log2 of (books / shelf) in sixteenths: integers, so that every machine chooses alike.
      let rarity = ContextLibrary.log2(books.count * 16 / shelf.count)
      // A common word says little and stands everywhere: beyond its reach a body is not looked at, or the
      // first copy of a large feed would cost the square of its size.
      guard rarity > 0 else { continue }
      for index in shelf.reversed() {
        if Int(index) + ContextLibrary.reach < books.count { break }
        scores[index, default: 0] += rarity * rarity
      }
    }
    var chosen: [Int] = []
    var size = 0
    if let own = place[number] {
      chosen.append(number)
      size += books[own].size
    }
    let best = scores.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
    // What was read in this object needs no second reading; a few old ones are worth it each time.
    let named = codec.readsOn && !isFirst ? ContextLibrary.later : ContextLibrary.named
    for (index, _) in best.prefix(named * 4) where chosen.count < named && size < room {
      let book = books[Int(index)]
      guard book.number != number, !read.contains(book.number) else { continue }
      chosen.append(book.number)
      size += book.size
    }
    let similar = Set(chosen)
    var newest = books.map(\.number).max() ?? 0
    while size < room, newest > 0, isFirst || !codec.readsOn {
      if let index = place[newest], !similar.contains(newest) {
        chosen.append(newest)
        size += books[index].size
      }
      newest -= 1
    }
    if codec.readsOn { read.formUnion(chosen) }
    return NumberRanges(chosen)
  }

  /// Hashes of the words of four bytes and more, and of pairs of words, each once.
  private static func words(_ text: [UInt8]) -> Set<UInt32> {
    var words: Set<UInt32> = []
    var hash: UInt32 = 2_166_136_261
    var length = 0
    var before: UInt32 = 0
    for byte in text + [32] {
      let isWord = byte >= 0x80 || (byte | 32 >= 97 && byte | 32 <= 122) || (48...57).contains(byte)
      if isWord {
        hash = (hash ^ UInt32(byte < 0x80 ? byte | 32 : byte)) &* 16_777_619
        length += 1
      } else {
        if length >= 4 { words.insert(hash) }
        if length >= 2 {
          words.insert(hash &* 31 &+ before)
          before = hash
        }
        hash = 2_166_136_261
        length = 0
      }
    }
    return words
  }

  /// log2 in sixteenths, from a value in sixteenths, at least 0.
  private static func log2(_ value: Int) -> Int {
    guard value > 16 else { return 0 }
    let whole = Int.bitWidth - 1 - value.leadingZeroBitCount
    return (whole - 4) * 16 + ((value << 4) >> whole) - 16
  }
}
