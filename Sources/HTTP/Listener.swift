internal import CMicrohttpd
internal import Glibc

/// A listening TCP socket.
struct Listener {
  let number: Int32
  let port: Int

  init(_ address: String) throws(ServerError) {
    guard let colon = address.lastIndex(of: ":") else { throw .address(address) }
    guard let wanted = UInt16(address[address.index(after: colon)...]) else {
      throw .address(address)
    }
    let host = address[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      var v6 = sockaddr_in6()
      v6.sin6_family = sa_family_t(AF_INET6)
      v6.sin6_port = wanted.bigEndian
      guard inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &v6.sin6_addr) == 1 else {
        throw .address(address)
      }
      number = try Listener.open(AF_INET6, v6, address)
    } else {
      var v4 = sockaddr_in()
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = wanted.bigEndian
      guard inet_pton(AF_INET, String(host), &v4.sin_addr) == 1 else { throw .address(address) }
      number = try Listener.open(AF_INET, v4, address)
    }
    var bound = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let socket = number
    _ = withUnsafeMutablePointer(to: &bound) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
    }
    // The port is at the same place for both families.
    port = Int(UInt16(bigEndian: bound.sin6_port))
  }

  private static func open<Address>(
    _ family: Int32, _ address: Address, _ text: String
  ) throws(ServerError) -> Int32 {
    let type =
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(family, type, 0)
    guard number >= 0 else { throw .listen(text, errno: errno) }
    var yes: Int32 = 1
    let word = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, word)
    // Accepted connections take it over: what is not on its way yet stays here, where it costs nobody.
    var unsent: Int32 = 32_768
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &unsent, word)
    if family == AF_INET6 { setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, word) }
    let bound = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard bound == 0, listen(number, 1024) == 0 else {
      let code = errno
      close(number)
      throw .listen(text, errno: code)
    }
    return number
  }
}
