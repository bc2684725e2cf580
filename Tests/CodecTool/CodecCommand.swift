internal import FilProtocol
internal import FoundationEssentials
internal import Glibc
internal import Terminal
internal import TestSupport

let program = Program(
  "fil-codecs", summary: "fil-codecs measures what the codecs make of given news.",
  commands: [caseCommand, codeCommand])

private let caseCommand = Command(
  "case", "FOLDER", summary: "renders a delta with each codec, and writes what other programs need",
  options: [
    Command.Option("old", "FILE", help: "the articles of V, one JSON object per line"),
    Command.Option("new", "FILE", help: "those that come, or that are corrected"),
    Command.Option("headlines", help: "without bodies"),
  ],
  example: "fil-codecs case /tmp/douze --old 400.jsonl --new 12.jsonl"
) { (arguments) throws(Failure) in
  guard let folder = arguments.operands.first else { throw .usage("name a folder") }
  let old = try articles(try arguments.required("old"))
  let new = try articles(try arguments.required("new"))
  do {
    let news = try NewsCase(old: old, new: new, arguments.has("headlines") ? .none : .all)
    var sizes: [String: JSON] = [:]
    for codec in Codec.allCases {
      let object = try news.delta(codec)
      let calls = try news.calls(codec, object)
      try write(calls.bytes, "\(folder)/codec-\(codec.rawValue)")
      sizes["codec-\(codec.rawValue)"] = .integer(object.count)
      guard codec == .text else { continue }
      try write(news.withAll(calls).bytes, "\(folder)/all")
      try write(calls.context, "\(folder)/context")
      try write(calls.plain, "\(folder)/plain")
    }
    Output.line(JSON.object(sizes).text)
  } catch { throw Failure(.failed, "case", "\(error)") }
  return .done
}

private let codeCommand = Command(
  "code", "FILE", summary: "packs and unpacks what `case` wrote; prints bytes and CPU seconds",
  options: [
    Command.Option("codec", "N", help: "1 or 2"),
    Command.Option("times", "N", help: "how often; the median is printed (3)"),
  ],
  example: "fil-codecs code /tmp/douze/codec-2 --codec 2"
) { (arguments) throws(Failure) in
  guard let path = arguments.operands.first, let bytes = FileManager.default.contents(atPath: path),
    let calls = Calls(Array(bytes))
  else { throw .usage("name a file that `case` wrote") }
  let number = try arguments.integer("codec", in: 1...2) ?? 2
  guard let codec = Codec(rawValue: number) else { throw .usage("no codec \(number)") }
  let times = try arguments.integer("times", in: 1...99) ?? 3
  var units: [[UInt8]] = []
  var (encoding, decoding): ([Double], [Double]) = ([], [])
  do {
    for _ in 0..<times {
      let start = cpuSeconds()
      units = calls.encode(codec)
      let middle = cpuSeconds()
      guard try calls.decode(codec, units) else {
        throw Failure(.failed, "code", "other texts came back")
      }
      encoding.append(middle - start)
      decoding.append(cpuSeconds() - middle)
    }
  } catch let error as Failure { throw error } catch {
    throw Failure(.failed, "code", "\(error)")
  }
  let payload = units.map(\.count).reduce(0, +)
  let answer: [String: JSON] = [
    "payload": .integer(payload), "plain": .integer(calls.plain.count),
    "encode": .number(median(encoding)), "decode": .number(median(decoding)),
  ]
  Output.line(JSON.object(answer).text)
  return .done
}

/// The articles in a file, in order.
private func articles(_ path: String) throws(Failure) -> [Corpus.Article] {
  guard let data = FileManager.default.contents(atPath: path) else {
    throw .usage("\(path) cannot be read")
  }
  do {
    return try data.split(separator: 0x0A).map {
      try JSONDecoder().decode(Corpus.Article.self, from: Data($0))
    }
  } catch { throw .usage("\(path): \(error)") }
}

private func write(_ bytes: [UInt8], _ path: String) throws {
  try Data(bytes).write(to: URL(filePath: path))
}

private func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
