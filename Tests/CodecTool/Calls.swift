internal import FilProtocol
internal import FoundationEssentials
internal import Glibc

/// What a coder is told while it writes or reads one object, in order: enough to do it again.
///
/// In a file each call is a line with its letter and the size of its text, then the text.
struct Calls {
  enum Call: Equatable {
    /// Context.
    case prime([UInt8])
    /// A body begins.
    case restart
    /// A text to be packed, or that a unit stood for.
    case code([UInt8])

    fileprivate var letter: UInt8 {
      switch self {
      case .prime: UInt8(ascii: "P")
      case .restart: UInt8(ascii: "R")
      case .code: UInt8(ascii: "U")
      }
    }

    fileprivate var text: [UInt8] {
      switch self {
      case .prime(let text), .code(let text): text
      case .restart: []
      }
    }
  }

  var calls: [Call] = []

  var bytes: [UInt8] {
    calls.flatMap { [$0.letter] + Array(" \($0.text.count)\n".utf8) + $0.text }
  }

  init() {}

  /// Nil for what `bytes` would not have written.
  init?(_ bytes: [UInt8]) {
    var at = 0
    while at < bytes.count {
      guard let end = bytes[at...].firstIndex(of: 0x0A), end - at > 2,
        let size = Int(String(decoding: bytes[(at + 2)..<end], as: UTF8.self)),
        (0..<(bytes.count - end)).contains(size)
      else { return nil }
      let text = Array(bytes[(end + 1)..<(end + 1 + size)])
      switch bytes[at] {
      case UInt8(ascii: "P"): calls.append(.prime(text))
      case UInt8(ascii: "R"): calls.append(.restart)
      case UInt8(ascii: "U"): calls.append(.code(text))
      default: return nil
      }
      at = end + 1 + size
    }
  }

  /// All that is coded, in one piece.
  var plain: [UInt8] {
    calls.flatMap { call -> [UInt8] in
      if case .code(let text) = call { text } else { [] }
    }
  }

  /// All context that is not in what was coded before it: what other programs are primed with.
  var context: [UInt8] {
    var coded: [[UInt8]] = []
    var context: [UInt8] = []
    for call in calls {
      switch call {
      case .prime(let text):
        if !coded.contains(where: { $0.count >= text.count && $0.contains(text) }) {
          context += text
        }
      case .code(let text): coded.append(text)
      case .restart: break
      }
    }
    return context
  }

  func encode(_ codec: Codec) -> [[UInt8]] {
    var coder = UnitCoder(codec)
    var units: [[UInt8]] = []
    for call in calls {
      switch call {
      case .prime(let text): coder.prime(text)
      case .restart: coder.restart()
      case .code(let text): units.append(coder.encode(text))
      }
    }
    return units
  }

  /// Whether the units give the texts again.
  func decode(_ codec: Codec, _ units: [[UInt8]]) throws(FormatError) -> Bool {
    var coder = UnitCoder(codec)
    var next = 0
    for call in calls {
      switch call {
      case .prime(let text): coder.prime(text)
      case .restart: coder.restart()
      case .code(let text):
        guard try coder.decode(units[next], size: text.count) == text else { return false }
        next += 1
      }
    }
    return true
  }
}

extension Array where Element == UInt8 {
  fileprivate func contains(_ other: [UInt8]) -> Bool {
    guard let first = other.first else { return true }
    return indices.contains {
      self[$0] == first && $0 + other.count <= count
        && self[$0..<($0 + other.count)].elementsEqual(other)
    }
  }
}
