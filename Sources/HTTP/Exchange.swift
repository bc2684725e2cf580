internal import CMicrohttpd
internal import Synchronization

/// One request on its way through the server.
///
/// libmicrohttpd calls for it from one thread at a time, with its own ordering between calls; what
/// another thread touches (the parked connection and its answer) is under `state`.
final class Exchange: Sendable {
  enum Phase {
    case arriving
    case head
    case asked
  }

  struct State {
    var phase = Phase.arriving
    var body: [UInt8] = []
    var isTooLarge = false
    var answer: Response?
  }

  /// The path with its query, as it came.
  let target: String
  let begun = monotonicSeconds()
  let state = Mutex(State())

  init(target: String) { self.target = target }

  /// The request, or nil when its target cannot be read.
  func request(from connection: OpaquePointer, method: String) -> Request? {
    var rest = Substring(target)
    for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count).drop { $0 != "/" }
    }
    guard rest.utf8.first == UInt8(ascii: "/") else { return nil }
    let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var request = Request(
      method: Method(method), path: String(halves[0]),
      query: halves.count > 1 ? String(halves[1]) : nil)
    request.headers = Exchange.headers(of: connection)
    request.peer = Exchange.peer(of: connection)
    request.body = state.withLock { state in
      defer { state.body = [] }
      return state.body
    }
    return request
  }

  /// Takes a part of the body, and says whether the client may go on.
  func receive(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
    let copy = [UInt8](bytes)
    return state.withLock { state in
      if state.isTooLarge || state.body.count + copy.count > limit {
        let isFirst = !state.isTooLarge
        state.isTooLarge = true
        state.body = []
        return isFirst || copy.count < limit
      }
      state.body += copy
      return true
    }
  }

  static func header(_ name: String, of connection: OpaquePointer) -> String? {
    MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
  }

  private static func headers(of connection: OpaquePointer) -> Headers {
    var headers = Headers()
    withUnsafeMutablePointer(to: &headers) { pointer in
      _ = MHD_get_connection_values(
        connection, .HEADER_KIND,
        { context, _, name, value in
          guard let context, let name, let value else { return .YES }
          context.assumingMemoryBound(to: Headers.self).pointee
            .add(String(cString: name), String(cString: value))
          return .YES
        }, pointer)
    }
    return headers
  }

  private static func peer(of connection: OpaquePointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let start = buffer.baseAddress, fil_mhd_peer(connection, start, 64) == 1 else {
        return ""
      }
      return String(cString: start)
    }
  }
}
