internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// An HTTP/1.1 server: a function from request to answer, on a TCP port.
///
/// The handler runs on the server's threads and must not block: answer `later` instead. Trust: a
/// client can ask for anything, slowly; it cannot hold a connection longer than the options allow,
/// nor more memory than `headLimit` + `bodyLimit`.
public final class Server: Sendable {
  private let core: ServerCore
  private let daemon: Mutex<UInt?>
  public let port: Int

  /// Listens and serves until ``stop()`` or the last reference goes.
  public init(
    _ options: ServerOptions, handler: @escaping @Sendable (Request) -> Answer
  ) throws(ServerError) {
    let listener = try Listener(options.address)
    let core = ServerCore(options, handler)
    var settings = fil_mhd_options()
    settings.listen_socket = listener.number
    settings.threads = UInt32(clamping: options.threads)
    settings.connections = UInt32(clamping: options.connectionLimit)
    settings.per_address = UInt32(clamping: options.perAddressLimit ?? 0)
    settings.idle_seconds = UInt32(clamping: options.idleTimeout)
    settings.memory = options.headLimit
    ServerCore.setCallbacks(&settings, Unmanaged.passUnretained(core).toOpaque())
    guard let started = fil_mhd_start(&settings) else {
      close(listener.number)
      throw .start
    }
    self.core = core
    port = listener.port
    daemon = Mutex(UInt(bitPattern: started))
    core.watch.start()
  }

  deinit { stop() }

  /// Stops listening, answers 503 to those who wait, lets running responses end for `drainTime`,
  /// and closes; returns when nothing runs any more.
  ///
  /// A second call does nothing. It must not be called by the handler.
  public func stop() {
    let running = daemon.withLock { daemon in
      defer { daemon = nil }
      return daemon
    }
    guard let running, let pointer = OpaquePointer(bitPattern: running) else { return }
    let socket = MHD_quiesce_daemon(pointer)
    core.parking.close()
    let end = monotonicSeconds() + core.options.drainTime
    while core.active.load(ordering: .acquiring) > 0, monotonicSeconds() < end { usleep(2000) }
    MHD_stop_daemon(pointer)
    if socket >= 0 { close(socket) }
    core.watch.stop()
  }

  /// Requests that wait for a ``Reply``.
  public var waiting: Int { core.parking.count }

  /// Open connections.
  public var connections: Int { core.watch.count }
}
