internal import FilProtocol

/// One input, decoded by what its first byte names; a claim that does not hold stops the process.
///
/// 0: a codec-2 unit (then whether the model is primed, the plain size in two bytes, the unit). 1: any object, cut
/// by the scanner. 2: a delta from nothing (then its codec), read and verified. 3: everything small.
struct Trial: ~Copyable {
  private var model = TextModel()
  private let specimen: Specimen

  init() throws { specimen = try Specimen() }

  /// `afresh`: the model forgets first, so that what it accepts can be compared with what it would write.
  mutating func run(_ input: [UInt8], afresh: Bool = true) {
    guard let kind = input.first else { return }
    let bytes = Array(input.dropFirst())
    switch kind % 4 {
    case 0: unit(bytes, afresh)
    case 1: scan(bytes)
    case 2: read(bytes)
    default: small(bytes)
    }
  }

  private mutating func unit(_ bytes: [UInt8], _ afresh: Bool) {
    guard bytes.count >= 3 else { return }
    // At most 2,047: a text that is longer is read by the same steps, and takes its time.
    let size = Int(bytes[1]) | Int(bytes[2] & 7) << 8
    let unit = Array(bytes.dropFirst(3))
    let isPrimed = bytes[0] % 2 == 1
    if afresh { begin(isPrimed) }
    guard let text = try? model.decompress(unit.span, plainSize: size) else { return }
    precondition(text.count == size, "a text of another size")
    guard afresh else { return }
    begin(isPrimed)
    precondition(model.compress(text.span) == unit, "a unit that would not have been written")
  }

  private mutating func begin(_ isPrimed: Bool) {
    model.reset()
    if isPrimed { for text in Specimen.texts { model.prime(text.span) } }
  }

  private func scan(_ bytes: [UInt8]) {
    var scanner = ObjectScanner(origin: Specimen.origin)
    var at = 0
    while at < bytes.count {
      let next = min(bytes.count, at + 100)
      scanner.push(bytes[at..<next])
      at = next
      do {
        while let piece = try scanner.next() { if piece == .end { return } }
      } catch { return }
    }
  }

  private func read(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let holder = Holder()
    var reader = DeltaReader(
      specimen.request(first % 2 == 0 ? .text : .deflate), holdings: holder)
    reader.push(bytes.dropFirst())
    do {
      while let part = try reader.next() {
        holder.store(part)
        if case .body(_, let hash, let text) = part {
          precondition(BodyHash(of: text) == hash, "a body that was not verified")
        }
        if case .end = part { return }
      }
    } catch { return }
  }

  private func small(_ bytes: [UInt8]) {
    if let record = try? Record(decoding: bytes) {
      precondition(record.bytes == bytes, "a record that would not have been written")
    }
    if let note = try? SignedCheckpoint(note: bytes) { precondition(note.note == bytes) }
    _ = try? Preamble(decoding: bytes, origin: Specimen.origin)
    var first = 300
    _ = try? BodyIndex.decode(bytes, after: &first)
    _ = try? Deflate.decompress(bytes, size: 200)
    let text = String(decoding: bytes, as: UTF8.self)
    _ = try? VerifierKey(parsing: text)
    if let resource = Resource(path: text) { precondition(resource.path == text) }
  }
}

extension Trial {
  /// Inputs that all decoders accept: where fuzzing begins.
  static func seeds() throws -> [[UInt8]] {
    let specimen = try Specimen()
    var seeds: [[UInt8]] = []
    var model = TextModel()
    for (place, text) in Specimen.texts.enumerated() {
      model.reset()
      if place > 0 { for text in Specimen.texts { model.prime(text.span) } }
      let size = [UInt8(place > 0 ? 1 : 0), UInt8(text.count & 255), UInt8(text.count >> 8)]
      seeds.append([0] + size + model.compress(text.span))
    }
    for (place, codec) in [Codec.text, .deflate].enumerated() {
      let delta = try specimen.delta(codec)
      seeds.append([1] + delta)
      seeds.append([2, UInt8(place)] + delta)
    }
    let record = try Record(.masthead(Masthead(name: "Essai")), number: 0, version: 1)
    seeds.append([3] + record.bytes)
    seeds.append([3] + Array("\(specimen.key.verifier)".utf8))
    seeds.append([3] + Array("/fil/v1/delta/12-345/culture,sante.bare.c2/7".utf8))
    return seeds
  }
}
