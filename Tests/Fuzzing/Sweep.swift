internal import FilProtocol
internal import Glibc

/// Files that cannot be read or written.
struct FileTrouble: Error { var path: String }

func bytes(of path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw FileTrouble(path: path) }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
  return bytes
}

func write(_ bytes: [UInt8], _ path: String) throws {
  guard let file = fopen(path, "wb") else { throw FileTrouble(path: path) }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw FileTrouble(path: path) }
}

/// Half noise, half seeds with a few bytes changed; prints what the process held at most.
///
/// Two models are there at most: that of the trial, and that of a delta.
/// The model forgets once in 64 inputs only: it is then decoding from states that no text leads to.
func sweep(_ count: Int, seed: UInt64, _ trial: inout Trial) throws {
  var random = Draw(state: seed)
  let seeds = try Trial.seeds()
  for round in 0..<count {
    var input: [UInt8]
    if random.below(2) == 0 {
      input = (0..<(1 + random.below(60))).map { _ in random.byte() }
      // A plain size that some unit could have.
      if input.count > 3, input[0] % 4 == 0 { input[3] = 0 }
    } else {
      input = seeds[random.below(seeds.count)]
      // Each delta makes a model of its own, which takes a thousand times as long as the rest.
      if input[0] == 2, random.below(16) > 0 { input = seeds[random.below(3)] }
      for _ in 0...random.below(3) {
        let place = random.below(input.count)
        switch random.below(3) {
        case 0: input[place] = random.byte()
        case 1: input.insert(random.byte(), at: place)
        default: if input.count > 1 { input.remove(at: place) }
        }
      }
    }
    trial.run(input, afresh: round % 64 == 0)
  }
  var usage = rusage()
  // 0 is RUSAGE_SELF, whose type the two C libraries do not agree on.
  getrusage(0, &usage)
  print("\(count) inputs, at most \(usage.ru_maxrss / 1_024) MiB")
}

/// SplitMix64.
struct Draw {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
}
