public import FilProtocol
internal import Glibc

/// Which bodies a replica should have.
public enum SectionChoice: Sendable, Equatable {
  case all
  /// Headlines only.
  case none
  /// Those of the sections with these slugs, and of all sections below them.
  case sections([String])

  public init(text: String) {
    switch text {
    case "all": self = .all
    case "none": self = .none
    default: self = .sections(text.split(separator: ",").map(String.init))
    }
  }

  public var text: String {
    switch self {
    case .all: "all"
    case .none: "none"
    case .sections(let slugs): slugs.isEmpty ? "none" : slugs.joined(separator: ",")
    }
  }
}

/// What a sync is asked to do.
public struct SyncOptions: Sendable {
  /// Nil: as the last time; `all` the first time.
  public var choice: SectionChoice?
  /// Slugs of sections whose bodies come before the others, with those below them, the most important
  /// first; what is urgent or of À la Une comes before them.
  ///
  /// Nil: as the last time; none the first time.
  public var first: [String]?
  /// Hold at least the articles of so many days before the newest one; nil: as the last time, and
  /// everything the first time.
  public var days: Int?
  /// The most bytes that this sync may cost, sent and received; nil: no bound.
  public var budget: Int?
  /// How many attempts in a row may bring nothing before the source counts as offline.
  public var patience = 4
  /// The codec that is asked for; a source that does not have it is asked for deflate.
  public var codec = Codec.text
  /// Headlines now, the bodies with a later sync.
  public var headlinesOnly = false
  /// Whether later syncs may try this source by themselves; not for a stick that is there once.
  public var remembers = true
  /// The longest that a source may ask to be left alone, in seconds, before it counts as offline.
  var mostWait = 3_600
  /// Of the next object bring so many bytes, and no more: what a question about its cost needs.
  var probe: Int?
  public var clock = SyncClock.system

  public init() {}
}

/// Time and chance, as a sync sees them; tests give their own.
public struct SyncClock: Sendable {
  /// Seconds since 1970-01-01T00:00Z.
  ///
  /// It may be wrong; nothing depends on it but what is shown.
  public var now: @Sendable () -> Int
  /// Seconds since any moment, never going back.
  public var monotonic: @Sendable () -> Double
  /// Waits so many seconds, or until the call is cancelled.
  public var sleep: @Sendable (Double, Cancellation) -> Void
  /// In 0 ..< 1.
  public var random: @Sendable () -> Double

  public init(
    now: @escaping @Sendable () -> Int, monotonic: @escaping @Sendable () -> Double,
    sleep: @escaping @Sendable (Double, Cancellation) -> Void,
    random: @escaping @Sendable () -> Double
  ) {
    self.now = now
    self.monotonic = monotonic
    self.sleep = sleep
    self.random = random
  }

  public static let system = SyncClock(
    now: { time(nil) },
    monotonic: {
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    },
    sleep: { seconds, cancellation in
      var left = seconds
      while left > 0, !cancellation.isCancelled {
        usleep(UInt32(min(left, 0.1) * 1_000_000))
        left -= 0.1
      }
    },
    random: { Double.random(in: 0..<1) })
}

/// How far a sync is, for a person who waits.
public struct SyncProgress: Sendable {
  /// Of the object that is on its way: bytes that are here, and its size.
  public var done: Int
  public var total: Int
  /// Committed by this sync so far.
  public var headlines: Int
  public var bodies: Int
  /// Bytes of this sync per second.
  public var rate: Double

  public init(done: Int, total: Int, headlines: Int, bodies: Int, rate: Double) {
    self.done = done
    self.total = total
    self.headlines = headlines
    self.bodies = bodies
    self.rate = rate
  }
}

/// What a sync did.
public struct SyncReport: Sendable {
  /// The replica's version before and after.
  public var from = 0
  public var to = 0
  public var requests = 0
  /// Bytes as they crossed the socket, HTTP headers included.
  public var bytesReceived = 0
  public var bytesSent = 0
  /// Records and bodies that were committed.
  public var headlines = 0
  public var bodies = 0
  /// Bodies that should be here and are not yet.
  public var missingBodies = 0
  /// Texts that readers asked for and that are not here yet.
  public var openWishes = 0
  public var seconds = 0.0
  /// Everything that was chosen is here.
  public var complete = false
  /// When the newsroom signed the state that is held, in seconds since 1970-01-01T00:00Z.
  public var signed: Int?

  public init() {}

  /// What this sync and `next`, right after it, have done together.
  func followed(by next: SyncReport) -> SyncReport {
    // One that did not begin knows nothing of the replica.
    var both = next.to > 0 ? next : self
    both.from = from
    both.requests = requests + next.requests
    both.bytesReceived = bytesReceived + next.bytesReceived
    both.bytesSent = bytesSent + next.bytesSent
    both.headlines = headlines + next.headlines
    both.bodies = bodies + next.bodies
    both.seconds = seconds + next.seconds
    return both
  }

  mutating func add(_ traffic: Traffic) {
    bytesReceived += traffic.received
    bytesSent += traffic.sent
  }
}

/// A sync that did not come to its end: why, and what it did until then.
public struct SyncFailure: Error, Sendable {
  public var error: FilError
  public var report: SyncReport

  public init(error: FilError, report: SyncReport) {
    self.error = error
    self.report = report
  }
}
