internal import Glibc
internal import Synchronization

/// A bad line in front of a server: a TCP proxy in this process, that reads HTTP/1.1.
///
/// Where it cuts, what it flips and how long connections live follow from the seed, in the order of
/// connections and bytes; times are those of the machine. It has one thread, ended by ``stop()`` or
/// with the last reference. Making a connection succeeds at once here: its round trip is added to
/// the first request.
public final class WeakLink: Sendable {
  private let shared: WeakShared
  private let thread: Mutex<pthread_t?>
  public let port: Int

  /// - Parameters:
  ///   - target: `a.b.c.d:port` of the server.
  ///   - listen: `a.b.c.d:port`; port 0 takes a free one.
  /// - Throws: ``WeakLinkError`` when an address is none, or is taken.
  public init(
    to target: String, _ line: WeakLine = .clear, rules: [WeakRule] = [], seed: UInt64 = 1,
    listen: String = "127.0.0.1:0"
  ) throws(WeakLinkError) {
    guard let address = sockaddr_in(target), address.sin_port != 0 else { throw .address(target) }
    let listener = try weakListener(listen)
    port = listener.port
    let shared = WeakShared(listener.number, address, line, rules, seed)
    self.shared = shared
    var new = pthread_t()
    let context = Unmanaged.passRetained(shared)
    let code = pthread_create(
      &new, nil,
      { context in
        guard let context else { return nil }
        WeakLoop(Unmanaged<WeakShared>.fromOpaque(context).takeRetainedValue()).run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw .thread
    }
    thread = Mutex(new)
  }

  /// In front of a server on this machine.
  public convenience init(
    toPort port: Int, _ line: WeakLine = .clear, rules: [WeakRule] = [], seed: UInt64 = 1
  ) throws(WeakLinkError) {
    try self.init(to: "127.0.0.1:\(port)", line, rules: rules, seed: seed)
  }

  deinit { stop() }

  public var url: String { "http://127.0.0.1:\(port)" }

  public var log: WeakLog { shared.state.withLock { $0.log } }

  /// From now on these faults, and no answers are remembered from before.
  public func setRules(_ rules: [WeakRule]) {
    shared.state.withLock { state in
      state.rules = rules
      state.memory = [:]
    }
  }

  public func clearLog() {
    shared.state.withLock { state in
      state.firstRow += state.log.requests.count
      state.firstConnection += state.log.connections.count
      state.log = WeakLog()
    }
  }

  /// Cuts all connections and ends the thread; a second call does nothing.
  public func stop() {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    shared.state.withLock { $0.isStopping = true }
    shared.wake()
    pthread_join(running, nil)
  }
}

/// Why there is no link.
public enum WeakLinkError: Error, Sendable, Equatable, CustomStringConvertible {
  case address(String)
  case listen(String, errno: Int32)
  case thread

  public var description: String {
    switch self {
    case .address(let text): "\(text) is no address: write 127.0.0.1:8024"
    case .listen(let text, let code): "cannot listen on \(text): \(String(cString: strerror(code)))"
    case .thread: "no thread can be started"
    }
  }
}

/// What the link's thread and its owner both touch.
final class WeakShared: Sendable {
  struct State {
    var rules: [WeakRule]
    var log = WeakLog()
    /// How many rows and connections were in logs that have been cleared.
    var firstRow = 0
    var firstConnection = 0
    var memory: [String: WeakAnswer] = [:]
    var isStopping = false
  }

  let listener: Int32
  /// Its end for reading wakes the thread.
  let waker: Int32
  private let bell: Int32
  let target: sockaddr_in
  let line: WeakLine
  let seed: UInt64
  let state: Mutex<State>

  init(
    _ listener: Int32, _ target: sockaddr_in, _ line: WeakLine, _ rules: [WeakRule], _ seed: UInt64
  ) {
    self.listener = listener
    self.target = target
    self.line = line
    self.seed = seed
    state = Mutex(State(rules: rules))
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    (waker, bell) = (ends[0], ends[1])
  }

  deinit {
    close(listener)
    close(waker)
    close(bell)
  }

  func wake() {
    var byte: UInt8 = 1
    _ = write(bell, &byte, 1)
  }

  /// Uses up one stroke of the first rule that fits.
  func strike(_ row: Int?, where fits: (WeakFault) -> Bool) -> WeakFault? {
    state.withLock { state in
      guard let at = state.rules.firstIndex(where: { $0.times > 0 && fits($0.fault) }) else {
        return nil
      }
      state.rules[at].times -= 1
      let fault = state.rules[at].fault
      if let row, state.log.requests.indices.contains(row - state.firstRow) {
        state.log.requests[row - state.firstRow].faults.append(fault)
      }
      return fault
    }
  }

  func strikes(_ fault: WeakFault, _ row: Int) -> Bool { strike(row) { $0 == fault } != nil }

  func add(_ request: WeakLog.Request) -> Int {
    state.withLock { state in
      var request = request
      request.connection -= state.firstConnection
      state.log.requests.append(request)
      return state.firstRow + state.log.requests.count - 1
    }
  }

  func note(_ row: Int, _ change: (inout WeakLog.Request) -> Void) {
    state.withLock { $0.note(row, change) }
  }

  func note(connection: Int, _ change: (inout WeakLog.Connection) -> Void) {
    state.withLock { $0.note(connection: connection, change) }
  }

  /// Sends to a client and notes how much, at once: who has received it finds it in the log.
  func noting(_ row: Int?, connection: Int, _ send: () -> Int?) -> Int? {
    state.withLock { state in
      guard let sent = send() else { return nil }
      if let row { state.note(row) { $0.delivered += sent } }
      state.note(connection: connection) { $0.down += sent }
      return sent
    }
  }

  /// Under which name an answer is to be remembered; nil: not at all.
  func key(_ request: WeakHead, status: Int) -> String? {
    let rules = state.withLock { $0.rules.filter { $0.times > 0 }.map(\.fault) }
    let isHead = request.path.contains("/sync/") || request.path.hasSuffix("/checkpoint")
    if rules.contains(.freeze), isHead, [200, 304].contains(status) { return request.path }
    guard rules.contains(.replay), status == 200 else { return nil }
    return request.path.contains("/sync/") ? "sync" : request.path
  }

  func remember(_ key: String, _ answer: WeakAnswer) {
    state.withLock { if $0.memory[key] == nil { $0.memory[key] = answer } }
  }

  func remembered(_ request: WeakHead, _ row: Int) -> WeakAnswer? {
    guard let key = key(request, status: 200), let old = state.withLock({ $0.memory[key] }) else {
      return nil
    }
    _ = strike(row) { $0 == .freeze || $0 == .replay }
    return old
  }
}

extension WeakShared.State {
  mutating func note(_ row: Int, _ change: (inout WeakLog.Request) -> Void) {
    guard log.requests.indices.contains(row - firstRow) else { return }
    change(&log.requests[row - firstRow])
  }

  mutating func note(connection: Int, _ change: (inout WeakLog.Connection) -> Void) {
    guard log.connections.indices.contains(connection - firstConnection) else { return }
    change(&log.connections[connection - firstConnection])
  }
}
