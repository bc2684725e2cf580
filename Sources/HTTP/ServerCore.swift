internal import CMicrohttpd
internal import Synchronization

/// What libmicrohttpd's callbacks work on; the callbacks are written outside of any actor.
final class ServerCore: Sendable {
  let options: ServerOptions
  let handler: @Sendable (Request) -> Answer
  let parking = Parking()
  let watch = Watch()
  /// Requests whose response has not been sent to its end.
  let active = Atomic<Int>(0)

  init(_ options: ServerOptions, _ handler: @escaping @Sendable (Request) -> Answer) {
    self.options = options
    self.handler = handler
  }

  static func setCallbacks(_ settings: inout fil_mhd_options, _ core: UnsafeMutableRawPointer) {
    settings.context = core
    settings.target = { context, target, _ in
      guard let context, let target else { return nil }
      let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
      core.active.add(1, ordering: .relaxed)
      return Unmanaged.passRetained(Exchange(target: String(cString: target))).toOpaque()
    }
    settings.handler = { context, connection, _, method, _, bytes, count, exchange in
      guard let context, let connection, let method, let count,
        let exchange = exchange?.pointee
      else { return .NO }
      let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
      let upload = UnsafeRawBufferPointer(start: bytes, count: count.pointee)
      count.pointee = 0
      return core.handle(
        connection, Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue(),
        method: String(cString: method), upload)
    }
    settings.completed = { context, connection, exchange, _ in
      guard let context, let exchange, let held = exchange.pointee else { return }
      let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
      exchange.pointee = nil
      Unmanaged<Exchange>.fromOpaque(held).release()
      core.active.subtract(1, ordering: .releasing)
      let wait = Double(core.options.idleTimeout) + core.options.requestTime
      if let connection { core.link(of: connection)?.due = monotonicSeconds() + wait }
    }
    settings.connection = { context, connection, link, event in
      guard let context, let connection, let link else { return }
      let core = Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
      if event == .CONNECTION_NOTIFY_STARTED {
        let new = Link(
          socket: fil_mhd_socket(connection),
          deadline: monotonicSeconds() + core.options.requestTime)
        core.watch.add(new)
        link.pointee = Unmanaged.passRetained(new).toOpaque()
      } else if let held = link.pointee {
        core.watch.remove(Unmanaged<Link>.fromOpaque(held).takeRetainedValue())
        link.pointee = nil
      }
    }
  }

  private func link(of connection: OpaquePointer) -> Link? {
    fil_mhd_socket_context(connection).map {
      Unmanaged<Link>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// Called at the end of the head, for each part of the body, at its end, and after a reply.
  ///
  /// An answer in the first call would close the connection: only refusals are given there.
  private func handle(
    _ connection: OpaquePointer, _ exchange: Exchange, method: String,
    _ upload: UnsafeRawBufferPointer
  ) -> MHD_Result {
    let (phase, isTooLarge, answer) = exchange.state.withLock { state in
      defer { if state.phase == .arriving { state.phase = .head } }
      return (state.phase, state.isTooLarge, state.answer)
    }
    if phase == .arriving {
      let now = monotonicSeconds()
      if let link = link(of: connection) {
        link.due = min(link.due, now + options.requestTime)
      }
      let length = Exchange.header("Content-Length", of: connection).map { Int($0) ?? .max }
      guard let length, length > options.bodyLimit else { return .YES }
      return send(.text(413, "the body is too large\n"), to: exchange, method, on: connection)
    }
    if let answer { return send(answer, to: exchange, method, on: connection) }
    if upload.count > 0 {
      return exchange.receive(upload, limit: options.bodyLimit) ? .YES : .NO
    }
    if isTooLarge {
      return send(.text(413, "the body is too large\n"), to: exchange, method, on: connection)
    }
    exchange.state.withLock { $0.phase = .asked }
    link(of: connection)?.due = .infinity
    guard let request = exchange.request(from: connection, method: method) else {
      return send(.text(400, "the target must be a path\n"), to: exchange, method, on: connection)
    }
    switch handler(request) {
    case .ready(let response): return send(response, to: exchange, method, on: connection)
    case .later(let body):
      parking.park(exchange, connection)
      body(Reply(parking, exchange))
      return .YES
    }
  }

  private func send(
    _ response: Response, to exchange: Exchange, _ method: String, on connection: OpaquePointer
  ) -> MHD_Result {
    options.observe?(Served(exchange, method, response))
    guard let prepared = ServerCore.prepare(response.body) else { return .NO }
    defer { MHD_destroy_response(prepared) }
    for field in response.headers.fields {
      MHD_add_response_header(prepared, field.name, field.value)
    }
    let time = options.requestTime + Double(response.body.size) / options.minimumRate
    link(of: connection)?.due = monotonicSeconds() + time
    return MHD_queue_response(connection, UInt32(clamping: response.status), prepared)
  }

  private static func prepare(_ body: Response.Body) -> OpaquePointer? {
    switch body {
    case .none: return MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
    case .bytes(let bytes):
      return bytes.withUnsafeBytes { buffer in
        MHD_create_response_from_buffer(
          buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .file(let file):
      let descriptor = file.duplicate()
      guard descriptor >= 0 else { return nil }
      return MHD_create_response_from_fd_at_offset64(
        UInt64(file.size), descriptor, UInt64(file.offset))
    }
  }
}
