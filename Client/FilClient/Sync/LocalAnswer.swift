internal import FilProtocol

/// An object of this machine, handed over as a server would: from the byte that was asked for.
struct LocalAnswer {
  let bytes: [UInt8]
  let resource: Resource
  let tag: String

  /// Gives the answer to `request`, a piece at a time.
  func give(
    to request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) {
    var head = SourceHead(status: 200)
    head.type = resource == .checkpoint ? "text/plain" : "application/octet-stream"
    head.tag = tag
    head.length = bytes.count
    head.location = resource.path == request.path ? nil : resource.path
    var start = 0
    if request.start > 0, request.start < bytes.count, request.ifRange == tag {
      start = request.start
      head.status = 206
      head.range = (start, bytes.count)
    }
    guard onHead(head), !request.headOnly else { return }
    while start < bytes.count {
      guard !cancellation.isCancelled else { throw SourceError(.cancelled) }
      let end = min(start + 65_536, bytes.count)
      let goesOn = bytes[start..<end].withUnsafeBytes { onBytes($0) }
      guard goesOn else { throw SourceError(.stopped) }
      start = end
    }
  }
}
