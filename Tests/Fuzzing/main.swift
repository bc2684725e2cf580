internal import FilProtocol
internal import Glibc

#if FUZZING
  internal import CLibFuzzer
#endif

// fil-fuzz seeds FOLDER: writes where fuzzing begins.
// fil-fuzz random N SEED: decodes N inputs that are noise, or a seed with a few bytes changed.
// fil-fuzz FILE…: decodes each file, such as one that libFuzzer left.
// With -DFUZZING, fil-fuzz CORPUS… -max_total_time=30: libFuzzer; `.ci/fuzz` builds and runs it.
nonisolated(unsafe) var trial = try Trial()
let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "seeds" where words.count == 2:
  for (place, seed) in try Trial.seeds().enumerated() {
    try write(seed, "\(words[1])/seed-\(place)")
  }
case "random" where words.count == 3:
  try sweep(Int(words[1]) ?? 1_000, seed: UInt64(words[2]) ?? 1, &trial)
default:
  #if FUZZING
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    exit(
      LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        unsafe trial.run(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
      })
  #else
    for path in words { trial.run(try bytes(of: path)) }
    print("\(words.count) inputs")
  #endif
}
