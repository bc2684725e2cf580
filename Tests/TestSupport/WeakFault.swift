/// One thing that a line, a carrier or an enemy does to what passes.
public enum WeakFault: Sendable, Hashable {
  /// The connection ends after so many bytes towards the client, heads included.
  case cut(Int)
  /// The connection ends after so many seconds of the line's.
  case cutAfter(Double)
  /// As `cut`, with a reset.
  case reset(Int)
  /// As `cut`, but silent: the connection stays open.
  case stall(Int)
  /// A packet with more than so many bytes never comes, and with it the answer that it begins.
  case blackHole(Int)
  /// One bit of a body changes, every so many bytes on average.
  case flip(Int)
  /// The server has answered, but the answer and the connection are gone.
  case lose
  /// The first answer to any `sync`, and the first to each other path, is given again and again.
  case replay
  /// The first answer to each `sync` and `checkpoint` path is given again and again.
  case freeze
  /// `Range` is ignored: 200 with the whole.
  case wholeRange
  /// A range begins so many bytes later than was asked; negative: earlier. Its head says so.
  case otherRange(Int)
  case stripTag
  case weakenTag
  /// Bodies come with `Content-Encoding: gzip`.
  case gzip
  /// 200 with a page.
  case portal
  /// 302 to another host.
  case redirect
  /// A body without a length that never ends.
  case endless
  /// A body of a terabyte.
  case terabyte
  /// One byte in so many seconds of the line's.
  case drip(Double)

  /// All faults, with figures that suit an object of some kilobytes.
  public static let samples: [WeakFault] = [
    .cut(900), .cutAfter(2), .reset(1_100), .stall(700), .blackHole(1_300), .flip(3_000), .lose,
    .replay, .freeze, .wholeRange, .otherRange(-100), .otherRange(50), .stripTag, .weakenTag,
    .gzip, .portal, .redirect, .endless, .terabyte, .drip(3),
  ]

  /// Whether the bytes that reach the client are the server's, each under the place it has there.
  public var keepsBytes: Bool {
    switch self {
    case .flip, .replay, .freeze, .wholeRange, .otherRange, .stripTag, .weakenTag, .gzip, .portal,
      .redirect, .endless, .terabyte:
      false
    case .cut, .cutAfter, .reset, .stall, .blackHole, .lose, .drip: true
    }
  }
}

extension WeakFault: CustomStringConvertible {
  private static let plain: [String: WeakFault] = [
    "lose": .lose, "replay": .replay, "freeze": .freeze, "whole-range": .wholeRange,
    "strip-tag": .stripTag, "weaken-tag": .weakenTag, "gzip": .gzip, "portal": .portal,
    "redirect": .redirect, "endless": .endless, "terabyte": .terabyte,
  ]

  private static let counted: [String: (make: @Sendable (Double) -> WeakFault, usual: Double)] = [
    "cut": ({ .cut(Int($0)) }, 5_000), "cut-after": ({ .cutAfter($0) }, 5),
    "reset": ({ .reset(Int($0)) }, 5_000), "stall": ({ .stall(Int($0)) }, 5_000),
    "black-hole": ({ .blackHole(Int($0)) }, 1_300), "flip": ({ .flip(Int($0)) }, 5_000),
    "other-range": ({ .otherRange(Int($0)) }, -100), "drip": ({ .drip($0) }, 3),
  ]

  /// What can be written; the ones with a number take another after a colon.
  public static var names: [String] {
    (plain.keys + counted.map { "\($0.key):\(Int($0.value.usual))" }).sorted()
  }

  public init?(_ text: some StringProtocol) {
    let parts = String(text).split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false
    ).map { String($0) }
    guard let name = parts.first else { return nil }
    if parts.count == 1, let fault = Self.plain[name] {
      self = fault
      return
    }
    guard let (make, usual) = Self.counted[name] else { return nil }
    guard let number = parts.count == 1 ? usual : Double(parts[1]), abs(number) < 1e12 else {
      return nil
    }
    self = make(number)
  }

  public var description: String {
    switch self {
    case .cut(let count): "cut:\(count)"
    case .cutAfter(let seconds): "cut-after:\(seconds)"
    case .reset(let count): "reset:\(count)"
    case .stall(let count): "stall:\(count)"
    case .blackHole(let count): "black-hole:\(count)"
    case .flip(let count): "flip:\(count)"
    case .otherRange(let shift): "other-range:\(shift)"
    case .drip(let seconds): "drip:\(seconds)"
    default: Self.plain.first { $0.value == self }?.key ?? ""
    }
  }
}

/// A fault and how often it strikes.
public struct WeakRule: Sendable, Hashable {
  public var fault: WeakFault
  public var times: Int

  public init(_ fault: WeakFault, times: Int = .max) {
    self.fault = fault
    self.times = times
  }

  /// Reads `cut:5000`, or `cut:5000*2` for twice.
  public init?(_ text: some StringProtocol) {
    let parts = String(text).split(
      separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
    guard let fault = parts.first.flatMap({ WeakFault($0) }) else { return nil }
    guard let times = parts.count == 1 ? .max : Int(parts[1]), times > 0 else { return nil }
    self.init(fault, times: times)
  }
}
