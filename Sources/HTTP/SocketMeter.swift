internal import CCurl
internal import Glibc

/// Counts the bytes that cross a client's sockets, as the kernel counts them.
///
/// Bytes that come between two calls count for the second one. A meter is used by one thread at a
/// time.
final class SocketMeter {
  struct Bytes: Equatable {
    var received = 0
    var sent = 0

    static func += (total: inout Bytes, more: Bytes) {
      total.received += more.received
      total.sent += more.sent
    }
  }

  private var open: [Int32: Bytes] = [:]
  private var closed = Bytes()
  private var opened = 0
  private let receiveBuffer: Int32
  /// Bytes in a segment that new sockets ask their peers not to exceed; 0: as the kernel likes.
  var segment: Int32 = 0

  init(receiveBuffer: Int?) { self.receiveBuffer = Int32(clamping: receiveBuffer ?? 0) }

  /// All bytes so far, over sockets open and closed.
  var total: Bytes {
    var total = closed
    for socket in open.keys { total += read(socket) }
    return total
  }

  /// Sockets opened so far.
  var sockets: Int { opened }

  // The last reading stays where the kernel gives none.
  private func read(_ socket: Int32) -> Bytes {
    var received: UInt64 = 0
    var sent: UInt64 = 0
    if fil_tcp_bytes(socket, &received, &sent) == 1 {
      open[socket] = Bytes(received: Int(received), sent: Int(sent))
    }
    return open[socket] ?? Bytes()
  }

  private func openSocket(_ address: UnsafePointer<curl_sockaddr>) -> Int32 {
    let number = fil_open_socket(address, receiveBuffer, segment)
    guard number >= 0 else { return -1 }
    open[number] = Bytes()
    opened += 1
    return number
  }

  private func closeSocket(_ number: Int32) -> Int32 {
    closed += read(number)
    open[number] = nil
    return close(number)
  }

  /// Has libcurl open and close its sockets here; the meter must outlive them.
  func attach(to easy: UnsafeMutableRawPointer) {
    fil_curl_set_sockets(
      easy,
      { meter, _, address in
        guard let meter, let address else { return -1 }
        return Unmanaged<SocketMeter>.fromOpaque(meter).takeUnretainedValue()
          .openSocket(address)
      },
      { meter, number in
        guard let meter else { return close(number) }
        return Unmanaged<SocketMeter>.fromOpaque(meter).takeUnretainedValue().closeSocket(number)
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
