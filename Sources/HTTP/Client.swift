internal import CCurl
internal import Synchronization

/// A client of HTTP/1.1, and of HTTP/2 over TLS, that keeps its connections for the next call.
///
/// It may be shared: calls wait for one another. A call blocks its thread, so it belongs on a
/// thread of its own, not on Swift's cooperative ones. The proxies of the environment
/// (`http_proxy`, `https_proxy`, `no_proxy`) are used. Trust: a server, or whoever stands between,
/// can answer anything; it cannot lead the client to another host.
public final class Client: Sendable {
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  // libcurl's handles and the meter are used by the thread that holds `turn` only, save for
  // `curl_multi_wakeup`, which any thread may call.
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer
  private nonisolated(unsafe) let easy: UnsafeMutableRawPointer
  private nonisolated(unsafe) let meter: SocketMeter
  private let turn = Mutex(Account())
  private let options: ClientOptions

  /// What earlier calls have been told of.
  private struct Account {
    var told = SocketMeter.Bytes()
    var roundTrip: Double?
  }

  public init(_ options: ClientOptions = ClientOptions()) {
    guard Client.isReady, let multi = curl_multi_init(), let easy = curl_easy_init() else {
      preconditionFailure("libcurl cannot start: no memory")
    }
    self.multi = multi
    self.easy = easy
    self.options = options
    meter = SocketMeter(receiveBuffer: options.receiveBuffer)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_multi_cleanup(multi)
  }

  /// Asks, and hands over the answer as it comes: its head once, then its bytes.
  ///
  /// At most 3 redirections to the same scheme, host and port are followed, for GET and HEAD. The
  /// closures run on this thread and say whether to go on; no further byte is read after a false.
  ///
  /// - Throws: ``TransportError``, with the bytes spent; what the closures got stays good.
  public func send(
    _ request: ClientRequest, cancellation: Cancellation = Cancellation(),
    onHead: (ResponseHead) -> Bool = { _ in true },
    onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(TransportError) -> Outcome {
    let result = withoutActuallyEscaping(onHead) { onHead in
      withoutActuallyEscaping(onBytes) { onBytes in
        turn.withLock { account in
          run(request, cancellation, &account, onHead: onHead, onBytes: onBytes)
        }
      }
    }
    return try result.get()
  }

  private func run(
    _ request: ClientRequest, _ cancellation: Cancellation, _ account: inout Account,
    onHead: @escaping (ResponseHead) -> Bool,
    onBytes: @escaping (UnsafeRawBufferPointer) -> Bool
  ) -> Result<Outcome, TransportError> {
    let start = monotonicSeconds()
    let sockets = meter.sockets
    var url = request.url
    var redirectsLeft = 3
    var counted = SocketMeter.Bytes()
    while true {
      let transfer = Transfer(
        request, url: url, redirectsLeft: redirectsLeft, onHead: onHead, onBytes: onBytes)
      let failure = perform(request, url: url, transfer, cancellation)
      counted += curlCount()
      if let time = connectTime() { account.roundTrip = time }
      if failure == nil, let redirection = transfer.redirection {
        url = redirection
        redirectsLeft -= 1
        continue
      }
      let total = meter.total
      var spent = SocketMeter.Bytes(
        received: total.received - account.told.received, sent: total.sent - account.told.sent)
      account.told = total
      if spent == SocketMeter.Bytes() { spent = counted }
      if let failure {
        return .failure(
          TransportError(
            failure.kind, failure.detail, bytesReceived: spent.received, bytesSent: spent.sent))
      }
      return .success(
        Outcome(
          status: transfer.status, headers: transfer.headers, bytesReceived: spent.received,
          bytesSent: spent.sent, connected: meter.sockets > sockets,
          roundTrip: account.roundTrip, seconds: monotonicSeconds() - start))
    }
  }

  /// What libcurl itself counted, for a kernel that does not.
  private func curlCount() -> SocketMeter.Bytes {
    let received =
      Int(fil_curl_get_number(easy, CURLINFO_SIZE_DOWNLOAD_T))
      + fil_curl_get_long(easy, CURLINFO_HEADER_SIZE)
    let sent =
      fil_curl_get_long(easy, CURLINFO_REQUEST_SIZE)
      + Int(fil_curl_get_number(easy, CURLINFO_SIZE_UPLOAD_T))
    return SocketMeter.Bytes(received: received, sent: sent)
  }

  /// Seconds from the name's resolution to the end of TCP's handshake, where there was one.
  private func connectTime() -> Double? {
    guard fil_curl_get_long(easy, CURLINFO_NUM_CONNECTS) > 0 else { return nil }
    let connected = fil_curl_get_number(easy, CURLINFO_CONNECT_TIME_T)
    let resolved = fil_curl_get_number(easy, CURLINFO_NAMELOOKUP_TIME_T)
    return connected > 0 ? Double(connected - resolved) / 1e6 : nil
  }

  private func perform(
    _ request: ClientRequest, url: String, _ transfer: Transfer, _ cancellation: Cancellation
  ) -> TransportError? {
    guard let fields = FieldList(request) else {
      return TransportError(.invalidURL, "a field cannot be sent")
    }
    guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
      return TransportError(.invalidURL, "the URL has a space or a control character")
    }
    curl_easy_reset(easy)
    meter.segment = Int32(clamping: request.segment ?? 0)
    prepare(request, url: url, fields)
    transfer.attach(to: easy)
    meter.attach(to: easy)
    // A number, since pointers are not Sendable; the client outlives the waker.
    let address = UInt(bitPattern: multi)
    let waker = cancellation.onCancel {
      if let multi = UnsafeMutableRawPointer(bitPattern: address) { curl_multi_wakeup(multi) }
    }
    defer { cancellation.forget(waker) }
    curl_multi_add_handle(multi, easy)
    defer { curl_multi_remove_handle(multi, easy) }
    return wait(for: transfer, request, cancellation)
  }

  private func prepare(_ request: ClientRequest, url: String, _ fields: borrowing FieldList) {
    fil_curl_set_text(easy, CURLOPT_URL, url)
    fil_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    fil_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    fil_curl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
    fil_curl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
    fil_curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
    fil_curl_set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    fil_curl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    fil_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(request.connectTimeout * 1000)))
    fil_curl_set_list(easy, CURLOPT_HTTPHEADER, fields.head)
    if request.acceptsGzip { fil_curl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "gzip") }
    if let authorities = options.authorities {
      fil_curl_set_text(easy, CURLOPT_CAINFO, authorities)
    }
    switch request.method {
    case .head: fil_curl_set_long(easy, CURLOPT_NOBODY, 1)
    case .post:
      fil_curl_set_long(easy, CURLOPT_POST, 1)
      _ = request.body.withUnsafeBytes {
        fil_curl_set_body(easy, $0.baseAddress, Int64($0.count))
      }
    case .get, .other: fil_curl_set_long(easy, CURLOPT_HTTPGET, 1)
    }
  }

  /// Runs the transfer to its end, its failure, its stall or its cancellation.
  private func wait(
    for transfer: Transfer, _ request: ClientRequest, _ cancellation: Cancellation
  ) -> TransportError? {
    let before = meter.total
    var last = before
    var lastMove = monotonicSeconds()
    let end = lastMove + request.deadline
    while true {
      if cancellation.isCancelled { return TransportError(.cancelled) }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      var left: Int32 = 0
      while let message = curl_multi_info_read(multi, &left) {
        guard message.pointee.msg == CURLMSG_DONE else { continue }
        let failure = failure(fil_curl_result(message), transfer)
        // It was connected, and TLS heard nothing: silence, not absence.
        if failure?.kind == .timedOut, meter.total.sent > before.sent {
          return TransportError(.stalled, "connected, and then no answer")
        }
        return failure
      }
      let now = monotonicSeconds()
      if now >= end {
        return TransportError(.timedOut, "not all was there after \(Int(request.deadline)) s")
      }
      let total = meter.total
      if total != last { (last, lastMove) = (total, now) }
      var patience = 1.0
      if total.sent > before.sent {
        patience = lastMove + request.stall + (transfer.hasHead ? 0 : request.wait) - now
        if patience <= 0 {
          return TransportError(.stalled, "nothing moved for \(Int(now - lastMove)) s")
        }
      }
      curl_multi_poll(multi, nil, 0, Int32(min(patience, 1) * 1000) + 1, nil)
    }
  }

  private func failure(_ code: CURLcode, _ transfer: Transfer) -> TransportError? {
    if let failure = transfer.failure { return failure }
    if code == CURLE_OK { return nil }
    let kind = TransportError.Kind(code, errno: fil_curl_get_long(easy, CURLINFO_OS_ERRNO))
    return TransportError(kind, String(cString: curl_easy_strerror(code)))
  }
}
