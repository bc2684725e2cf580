import FilProtocol
import FilSource
import TestSupport
import Testing

/// What a replica holds of a feed at one version, and what a delta brought since: in memory.
///
/// Everything that is stored is compared with the feed first: nothing that the newsroom did not sign
/// is ever given out.
final class ReplicaModel: Holdings {
  typealias Failure = Never

  let feed: MemoryFeed
  let from: Int
  let to: Int
  let floor: Int
  var old: [Int: Record] = [:]
  var new: [Int: Record] = [:]
  var bodies: [BodyHash: [UInt8]] = [:]
  var heldDigests: [Digest]

  /// Holds all of `from`, from `floor` on, with the bodies of `selection`; follows to `to`.
  init(
    _ feed: MemoryFeed, at from: Int, to: Int, floor: Int = 0, selection: Selection = .all
  ) {
    self.feed = feed
    self.from = from
    self.to = to
    self.floor = floor
    heldDigests = from == 0 ? [] : feed.digests(asOf: from)
    for number in 0..<feed.size where number == 0 || number / Limits.volume >= floor {
      guard let record = feed.record(number, asOf: from) else { continue }
      old[number] = record
      if let headline = selection.wants(record) { bodies[headline.body] = feed.body(headline.body) }
    }
  }

  func digests(asOf version: Int) -> [Digest] { version == from ? heldDigests : [] }

  func record(_ number: Int, asOf version: Int) -> Record? {
    if version == from { return old[number] }
    return version == to ? new[number] ?? old[number] : nil
  }

  func records(ofVolume volume: Int, asOf version: Int) -> [Record] {
    let numbers = volume * Limits.volume..<(volume + 1) * Limits.volume
    return numbers.compactMap { record($0, asOf: version) }
  }

  func body(_ hash: BodyHash) -> [UInt8]? { bodies[hash] }

  /// Stores what a reader gave out, and compares it with the feed.
  func store(
    _ part: DeltaReader<ReplicaModel>.Part, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    switch part {
    case .headlines(_, let records):
      for record in records {
        if record.bytes != feed.record(record.number, asOf: to)?.bytes {
          Issue.record("record \(record.number) is not the feed's", sourceLocation: sourceLocation)
        }
        new[record.number] = record
      }
    case .body(let number, let hash, let text):
      if text != feed.body(hash) || feed.record(number, asOf: to)?.headline?.body != hash {
        Issue.record("body \(number) is not the feed's", sourceLocation: sourceLocation)
      }
      bodies[hash] = text
    case .preamble, .headlinesEnd, .end: break
    }
  }

  /// Whether all of `to` is there: the oracle is the feed's own fold of its log.
  func isComplete(_ selection: Selection = .all) -> Bool {
    (0..<(feed.checkpoint(of: to)?.checkpoint.stateSize ?? 0)).allSatisfy { number in
      guard number == 0 || number / Limits.volume >= floor else { return true }
      let record = feed.record(number, asOf: to)
      guard record == self.record(number, asOf: to) else { return false }
      guard number / Limits.volume >= floor, let headline = selection.wants(record) else {
        return true
      }
      return bodies[headline.body] == feed.body(headline.body)
    }
  }
}

/// How reading an object ended.
enum Outcome: Equatable, Sendable, CustomStringConvertible {
  case complete
  /// All bytes were read and more are waited for.
  case waiting
  case failed(String)

  var description: String {
    switch self {
    case .complete: "complete"
    case .waiting: "waiting"
    case .failed(let code): code
    }
  }
}

extension ReplicaModel {
  func request(_ selection: Selection = .all) -> DeltaRequest {
    DeltaRequest(
      origin: feed.origin, keys: [feed.key.verifier], from: from, selection: selection,
      floor: floor, highest: from == 0 ? nil : feed.checkpoint(of: from)?.checkpoint)
  }

  /// Reads a delta in pieces of `step` bytes and stores what it gives.
  func read(
    _ bytes: [UInt8], _ request: DeltaRequest? = nil, step: Int = .max,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> Outcome {
    var reader = DeltaReader(request ?? self.request(), holdings: self)
    var at = 0
    var ended = false
    do {
      repeat {
        let next = min(bytes.count, at + min(step, bytes.count))
        reader.push(bytes[at..<next])
        at = next
        while let part = try reader.next() {
          store(part, sourceLocation: sourceLocation)
          if case .end = part {
            ended = true
            break
          }
        }
        if ended, try reader.next() != nil { return .failed("a part after the end") }
      } while at < bytes.count
    } catch { return .failed(code(error)) }
    return ended ? .complete : .waiting
  }
}

/// Cuts an object with the scanner alone.
func scan(_ bytes: [UInt8], origin: String, step: Int = .max) -> Outcome {
  var scanner = ObjectScanner(origin: origin)
  var at = 0
  var ended = false
  do {
    repeat {
      let next = min(bytes.count, at + min(step, bytes.count))
      scanner.push(bytes[at..<next])
      at = next
      while let piece = try scanner.next() { if piece == .end { ended = true } }
    } while at < bytes.count
  } catch { return .failed(error.code.rawValue) }
  return ended ? .complete : .waiting
}
