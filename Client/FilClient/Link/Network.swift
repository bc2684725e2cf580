internal import Files
internal import Glibc

/// What the kernel says of the network, without asking anybody outside.
public enum Network {
  /// Whether there is a default route, of IPv4 or IPv6; true where the kernel does not say.
  public static func hasRoute() -> Bool {
    let v4 = lines("/proc/net/route")
    let v6 = lines("/proc/net/ipv6_route")
    guard v4 != nil || v6 != nil else { return true }
    // Destination 0 by way of an interface other than the loopback.
    let first = v4?.dropFirst().contains { line in
      let fields = line.split(whereSeparator: \.isWhitespace)
      return fields.count > 7 && fields[1] == "00000000" && fields[7] == "00000000"
    }
    let second = v6?.contains { line in
      let fields = line.split(whereSeparator: \.isWhitespace)
      return fields.count > 9 && fields[0].allSatisfy { $0 == "0" } && fields[1] == "00"
        && fields[9] != "lo"
    }
    return first ?? false || second ?? false
  }

  private static func lines(_ path: String) -> [Substring]? {
    // These files have no size: they are read as they come.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < 1 << 20 {
      let count = read(descriptor, &part, part.count)
      guard count > 0 else { break }
      bytes += part[..<count]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  /// Bytes that are free on the disk of `path`; nil where the system does not say.
  public static func freeBytes(_ path: String) -> Int? {
    var status = statvfs()
    guard statvfs(Files.parent(of: path), &status) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  /// Whether this process may write beside `path`.
  static func canWrite(_ path: String) -> Bool {
    access(Files.parent(of: path), W_OK) == 0
      && (!Files.exists(path) || access(path, R_OK | W_OK) == 0)
  }
}
