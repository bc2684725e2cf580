internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// Seconds of the clock that only goes forward.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// One connection of the server, with the time at which its client will have been too slow.
final class Link: Sendable {
  let socket: Int32
  private let deadline: Atomic<UInt64>

  init(socket: Int32, deadline: Double) {
    self.socket = socket
    self.deadline = Atomic(deadline.bitPattern)
  }

  /// Monotonic seconds; infinite while the server itself is the one to wait for.
  var due: Double {
    get { Double(bitPattern: deadline.load(ordering: .relaxed)) }
    set { deadline.store(newValue.bitPattern, ordering: .relaxed) }
  }
}

/// The open connections, and the thread that cuts those whose clients are too slow.
///
/// libmicrohttpd's own timeout counts from the last byte, so that a client that drips bytes would
/// hold a connection for ever.
final class Watch: Sendable {
  private let links = Mutex<[ObjectIdentifier: Link]>([:])
  private let wake: Int32
  private let thread = Mutex<pthread_t?>(nil)

  init() { wake = eventfd(0, Int32(EFD_CLOEXEC)) }

  deinit { close(wake) }

  func add(_ link: Link) { links.withLock { $0[ObjectIdentifier(link)] = link } }

  /// To be called before the socket is closed: it is never touched afterwards.
  func remove(_ link: Link) { links.withLock { $0[ObjectIdentifier(link)] = nil } }

  var count: Int { links.withLock { $0.count } }

  /// Cuts the connections that are past their time.
  func cut(now: Double) {
    links.withLock { links in
      for link in links.values where link.due < now {
        shutdown(link.socket, Int32(SHUT_RDWR))
      }
    }
  }

  func start() {
    thread.withLock { thread in
      var new = pthread_t()
      let context = Unmanaged.passRetained(self)
      let code = pthread_create(
        &new, nil,
        { context in
          guard let context else { return nil }
          Unmanaged<Watch>.fromOpaque(context).takeRetainedValue().run()
          return nil
        }, context.toOpaque())
      if code == 0 { thread = new } else { context.release() }
    }
  }

  /// Ends the thread; a second call does nothing.
  func stop() {
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    eventfd_write(wake, 1)
    pthread_join(running, nil)
  }

  private func run() {
    while true {
      var event = pollfd(fd: wake, events: Int16(POLLIN), revents: 0)
      if poll(&event, 1, 200) > 0 { return }
      cut(now: monotonicSeconds())
    }
  }
}
