internal import Glibc

extension sockaddr_in {
  /// Reads `a.b.c.d:port`.
  init?(_ text: String) {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
    self.init()
    sin_family = sa_family_t(AF_INET)
    sin_port = port.bigEndian
    guard inet_pton(AF_INET, String(parts[0]), &sin_addr) == 1 else { return nil }
  }
}

private let streamType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

/// A listening socket that does not block, and its port.
func weakListener(_ text: String) throws(WeakLinkError) -> (number: Int32, port: Int) {
  guard var address = sockaddr_in(text) else { throw .address(text) }
  let number = socket(AF_INET, streamType | Int32(SOCK_NONBLOCK.rawValue), 0)
  guard number >= 0 else { throw .listen(text, errno: errno) }
  var yes: Int32 = 1
  setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let code = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      guard bind(number, pointer, size) == 0, listen(number, 64) == 0 else { return errno }
      return getsockname(number, pointer, &size) == 0 ? 0 : errno
    }
  }
  guard code == 0 else {
    close(number)
    throw .listen(text, errno: code)
  }
  return (number, Int(UInt16(bigEndian: address.sin_port)))
}

/// A connection to `target` that does not block once it is made; nil: nobody listens there.
func weakConnect(_ target: sockaddr_in) -> Int32? {
  let number = socket(AF_INET, streamType, 0)
  guard number >= 0 else { return nil }
  var address = target
  let code = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  guard code == 0 else {
    close(number)
    return nil
  }
  weakPrepare(number)
  return number
}

/// Has a connection not block, and send small segments at once.
func weakPrepare(_ number: Int32) {
  _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  var yes: Int32 = 1
  setsockopt(
    number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
}

/// The most bytes in a segment towards the other end, as it has announced.
func weakSegment(_ number: Int32) -> Int {
  var segment: Int32 = 0
  var size = socklen_t(MemoryLayout<Int32>.size)
  let code = getsockopt(number, Int32(IPPROTO_TCP), TCP_MAXSEG, &segment, &size)
  return code == 0 && segment > 0 ? Int(segment) : .max
}

/// What one read of a socket gave.
enum WeakRead {
  case bytes([UInt8])
  case nothing
  case end
}

func weakRead(_ number: Int32, atMost count: Int) -> WeakRead {
  var bytes = [UInt8](repeating: 0, count: count)
  let got = recv(number, &bytes, count, 0)
  if got > 0 { return .bytes(Array(bytes[..<got])) }
  if got < 0, errno == EAGAIN || errno == EINTR { return .nothing }
  return .end
}

/// How many of the bytes the kernel took; nil: the other end is gone.
func weakSend(_ number: Int32, _ bytes: ArraySlice<UInt8>) -> Int? {
  let sent = bytes.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  if sent >= 0 { return sent }
  return errno == EAGAIN || errno == EINTR ? 0 : nil
}

/// Closes with a reset instead of an end.
func weakReset(_ number: Int32) {
  var option = linger(l_onoff: 1, l_linger: 0)
  setsockopt(number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  close(number)
}
