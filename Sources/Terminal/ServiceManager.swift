internal import Glibc

/// The service manager that started this process: systemd, for a unit of `Type=notify`.
///
/// It is told over the socket that `NOTIFY_SOCKET` names (sd_notify(3)); where there is none,
/// nothing happens. Trust: whoever sets the environment of a process owns it already.
public enum ServiceManager {
  /// Says that the service answers from now on.
  public static func ready() { tell("READY=1") }

  /// Says that the service was asked to end, and does.
  public static func stopping() { tell("STOPPING=1") }

  /// Whether what is written to the error output goes to the journal.
  public static var hasJournal: Bool { getenv("JOURNAL_STREAM") != nil }

  private static func tell(_ state: String) {
    guard let name = getenv("NOTIFY_SOCKET") else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let length = strlen(name)
    guard length < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path.copyMemory(from: UnsafeRawBufferPointer(start: name, count: length))
      // An abstract socket is written with an at sign, and begins with a zero.
      if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    }
    let end = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard end >= 0 else { return }
    defer { close(end) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + length)
    var text = state
    text.withUTF8 { bytes in
      _ = withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          sendto(end, bytes.baseAddress, bytes.count, 0, $0, size)
        }
      }
    }
  }
}
