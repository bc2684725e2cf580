import Glibc
import HTTP
import Synchronization

/// A thread that runs `body`; `join` waits for its end.
final class TestThread: Sendable {
  private let body: @Sendable () -> Void
  private let thread = Mutex(pthread_t())

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
    thread.withLock { thread in
      _ = pthread_create(
        &thread, nil,
        { context in
          Unmanaged<TestThread>.fromOpaque(context!).takeRetainedValue().body()
          return nil
        }, Unmanaged.passRetained(self).toOpaque())
    }
  }

  func join() { pthread_join(thread.withLock { $0 }, nil) }
}

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Waits a bounded time for something that another thread does.
func eventually(_ condition: () -> Bool) -> Bool {
  let end = seconds() + 5
  while seconds() < end {
    if condition() { return true }
    usleep(2000)
  }
  return condition()
}

/// A connected TCP socket on loopback, for what no client of ours would do.
struct RawClient: ~Copyable {
  let number: Int32

  init(port: Int) {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(port: UInt16(port))
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var limit = timeval(tv_sec: 8, tv_usec: 0)
    setsockopt(
      number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(number) }

  /// Whether the bytes could be sent.
  @discardableResult
  func send(_ text: String) -> Bool {
    let bytes = [UInt8](text.utf8)
    return Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  /// What comes until the other end closes, or nothing comes for 8 s (nil).
  func readAll() -> String? {
    var all: [UInt8] = []
    while true {
      let (count, bytes) = receive(number)
      if count == 0 { return String(decoding: all, as: UTF8.self) }
      if count < 0 { return errno == ECONNRESET ? String(decoding: all, as: UTF8.self) : nil }
      all += bytes
    }
  }

  func readOnce() -> String { String(decoding: receive(number).1, as: UTF8.self) }
}

func receive(_ number: Int32) -> (Int, [UInt8]) {
  var buffer = [UInt8](repeating: 0, count: 65536)
  let count = recv(number, &buffer, buffer.count, 0)
  return (count, Array(buffer.prefix(max(0, count))))
}

func loopback(port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
  return address
}

/// A server of one connection at a time, that counts bytes and answers what it is told to.
///
/// After each chunk received, `script` says what to send; nil closes the connection, an empty text
/// says nothing.
final class RawServer: Sendable {
  let port: Int
  private let listener: Int32
  private let counts = Mutex((received: 0, sent: 0, text: "", connection: Int32(-1)))
  private let thread = Mutex<TestThread?>(nil)

  init(_ script: @escaping @Sendable (_ soFar: String) -> String?) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, size)
        _ = listen(listener, 16)
        _ = getsockname(listener, $0, &size)
      }
    }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    let started = TestThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        self?.counts.withLock { $0.connection = connection }
        var soFar = ""
        while true {
          let (count, bytes) = receive(connection)
          if count <= 0 { break }
          soFar += String(decoding: bytes, as: UTF8.self)
          self?.counts.withLock { $0.received += count }
          let now = soFar
          self?.counts.withLock { $0.text = now }
          guard let answer = script(soFar) else { break }
          let sent = [UInt8](answer.utf8)
          self?.counts.withLock { $0.sent += sent.count }
          _ = Glibc.send(connection, sent, sent.count, Int32(MSG_NOSIGNAL))
        }
        self?.counts.withLock { $0.connection = -1 }
        close(connection)
      }
    }
    thread.withLock { $0 = started }
  }

  var received: Int { counts.withLock { $0.received } }
  var sent: Int { counts.withLock { $0.sent } }
  var text: String { counts.withLock { $0.text } }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    counts.withLock { _ = shutdown($0.connection, Int32(SHUT_RDWR)) }
    thread.withLock { $0 }?.join()
    close(listener)
  }
}

/// Starts a server for `body` and stops it.
func withServer(
  _ change: (inout ServerOptions) -> Void = { _ in },
  _ handler: @escaping @Sendable (Request) -> Answer,
  _ body: (Server, String) throws -> Void
) throws {
  var options = ServerOptions(address: "127.0.0.1:0")
  change(&options)
  let server = try Server(options, handler: handler)
  defer { server.stop() }
  try body(server, "http://127.0.0.1:\(server.port)")
}

extension Client {
  func status(_ url: String) throws -> Int {
    try all(ClientRequest(url)).0.status
  }

  /// The outcome and the whole body.
  func all(_ request: ClientRequest) throws(TransportError) -> (Outcome, [UInt8]) {
    var body: [UInt8] = []
    let outcome = try send(request, onHead: { _ in true }) { bytes in
      body += bytes
      return true
    }
    return (outcome, body)
  }
}
