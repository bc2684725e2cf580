internal import CCurl

/// One request and its answer, as libcurl's callbacks see them.
final class Transfer {
  private let request: ClientRequest
  private let url: String
  private let redirectsLeft: Int
  private let onHead: (ResponseHead) -> Bool
  private let onBytes: (UnsafeRawBufferPointer) -> Bool

  private(set) var status = 0
  private(set) var headers = Headers()
  /// Whether the head of the answer, after any 1xx, has come.
  private(set) var hasHead = false
  /// Where to ask instead, on the same host.
  private(set) var redirection: String?
  /// Why a callback stopped the transfer.
  private(set) var failure: TransportError?
  private var headerBytes = 0

  init(
    _ request: ClientRequest, url: String, redirectsLeft: Int,
    onHead: @escaping (ResponseHead) -> Bool,
    onBytes: @escaping (UnsafeRawBufferPointer) -> Bool
  ) {
    self.request = request
    self.url = url
    self.redirectsLeft = redirectsLeft
    self.onHead = onHead
    self.onBytes = onBytes
  }

  /// Takes one line of a head, and says whether to go on.
  private func receive(line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    guard headerBytes <= request.maxHeaderBytes else {
      failure = TransportError(.tooLarge, "the head has more than \(request.maxHeaderBytes) bytes")
      return false
    }
    var text = line[...]
    while let last = text.last, last == 10 || last == 13 { text = text.dropLast() }
    if text.isEmpty { return hasHead || endHead() }
    if hasHead { return true }
    let bytes = String(decoding: text, as: UTF8.self)
    if bytes.hasPrefix("HTTP/") {
      status = bytes.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      headers = Headers()
    } else if let colon = bytes.firstIndex(of: ":") {
      let value = bytes[bytes.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.add(String(bytes[..<colon]), String(value))
    }
    return true
  }

  private func endHead() -> Bool {
    if status < 200 { return true }
    if let location = headers["Location"], [301, 302, 303, 307, 308].contains(status) {
      hasHead = true
      return redirect(to: location)
    }
    hasHead = true
    if onHead(ResponseHead(status: status, headers: headers)) { return true }
    failure = TransportError(.stopped)
    return false
  }

  private func redirect(to location: String) -> Bool {
    let target = Origin.resolve(location, on: url)
    let origin = target.flatMap { Origin($0) }
    guard let target, origin != nil, origin == Origin(url), redirectsLeft > 0,
      request.method != .post
    else {
      failure = TransportError(
        .redirected, "to \(origin.map { "\($0.scheme)://\($0.host)" } ?? "somewhere unreadable")")
      return false
    }
    redirection = target
    return true
  }

  private func receive(body: UnsafeRawBufferPointer) -> Bool {
    if redirection != nil { return true }
    if onBytes(body) { return true }
    failure = TransportError(.stopped)
    return false
  }

  /// Has libcurl hand its bytes to this object, which must outlive the transfer.
  func attach(to easy: UnsafeMutableRawPointer) {
    fil_curl_set_sinks(
      easy,
      { bytes, size, count, context in
        guard let context else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer.receive(line: line) ? line.count : 0
      },
      { bytes, size, count, context in
        guard let context else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer.receive(body: body) ? body.count : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
