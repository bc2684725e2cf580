/// What passed over a ``WeakLink``: connections, and requests with what came of them.
public struct WeakLog: Sendable {
  /// Why a connection ended.
  public enum End: String, Sendable {
    case open, client, server, cut, reset, lost, stopped
  }

  public struct Connection: Sendable {
    /// Bytes that the client gave to its socket, and those that its socket was given.
    public var up = 0
    public var down = 0
    public var end = End.open
  }

  public struct Request: Sendable {
    public var connection: Int
    public var method: String
    public var path: String
    /// As it was asked, before any fault.
    public var range: String?
    public var ifNoneMatch: String?
    /// 0: no answer came this far.
    public var status = 0
    /// The tag that the server gave, whatever the client was told.
    public var tag: String?
    /// The place of the body's first byte in the object.
    public var start = 0
    /// Bytes of the body that the head announced, if it did.
    public var length: Int?
    /// Bytes of the body that reached the client.
    public var delivered = 0
    /// The answer did not come from the server, or not whole.
    public var faults: [WeakFault] = []

    /// The first byte that was asked for.
    public var asked: Int {
      guard let range, range.hasPrefix("bytes=") else { return 0 }
      return Int(range.dropFirst(6).prefix { $0 != "-" }) ?? 0
    }
  }

  public var connections: [Connection] = []
  public var requests: [Request] = []

  public var down: Int { connections.reduce(0) { $0 + $1.down } }
  public var up: Int { connections.reduce(0) { $0 + $1.up } }
  /// Bytes of bodies that reached the client.
  public var delivered: Int { requests.reduce(0) { $0 + $1.delivered } }

  /// For each object, by its tag: how many of its bytes reached the client more than once.
  public var repeated: [String: Int] {
    var covered: [String: [Bool]] = [:]
    var repeated: [String: Int] = [:]
    for row in requests where row.delivered > 0 && (200..<300).contains(row.status) {
      let name = row.tag ?? row.path
      let end = row.start + row.delivered
      var places = covered[name] ?? []
      if places.count < end { places += [Bool](repeating: false, count: end - places.count) }
      for place in row.start..<end {
        if places[place] { repeated[name, default: 0] += 1 }
        places[place] = true
      }
      covered[name] = places
    }
    return repeated
  }

  /// For people.
  public var summary: String {
    var ends: [End: Int] = [:]
    for connection in connections { ends[connection.end, default: 0] += 1 }
    let list = ends.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
    return """
      connections: \(connections.count) (\(list))
      requests: \(requests.count)
      bytes up: \(up)
      bytes down: \(down) (\(delivered) of bodies, \(repeated.values.reduce(0, +)) of them again)
      """
  }
}
