internal import FilProtocol
internal import Files

/// A mirror in a folder, such as a USB stick: the files that `fil-server export` wrote.
///
/// What it holds is not trusted more than what a line brings. Reading costs no bytes of a budget.
public final class FolderSource: Source {
  public let name: String
  private let folder: String

  public var isLocal: Bool { true }

  /// `folder`: the one that holds `fil/v1/checkpoint`.
  public init(_ folder: String) {
    self.folder = folder
    name = folder
  }

  public func fetch(
    _ request: SourceRequest, cancellation: Cancellation,
    onHead: (SourceHead) -> Bool, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws(SourceError) -> Traffic {
    guard Files.exists(folder) else { throw SourceError(.offline, "no folder \(folder)") }
    // A path of the protocol has no `..` and one spelling: it cannot lead out of the folder.
    guard Resource(path: request.path) != nil, let bytes = read(request.path) else {
      _ = onHead(SourceHead(status: 404))
      return Traffic()
    }
    var head = SourceHead(status: request.start > 0 ? 206 : 200)
    head.type =
      request.path == Resource.checkpoint.path ? "text/plain" : "application/octet-stream"
    head.tag = EntityTag.of(bytes)
    head.length = bytes.count
    var start = 0
    if request.start > 0 {
      if request.ifRange == head.tag, request.start < bytes.count {
        start = request.start
        head.range = (start, bytes.count)
      } else {
        head.status = 200
      }
    }
    guard onHead(head) else { return Traffic() }
    while start < bytes.count {
      guard !cancellation.isCancelled else { throw SourceError(.cancelled) }
      let end = min(start + 65_536, bytes.count)
      let goesOn = bytes[start..<end].withUnsafeBytes { onBytes($0) }
      guard goesOn else { throw SourceError(.stopped) }
      start = end
    }
    return Traffic()
  }

  private func read(_ path: String) -> [UInt8]? {
    try? Files.read(folder + path, atMost: 1 << 31)
  }
}
