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
    guard let resource = Resource(path: request.path), let bytes = read(request.path) else {
      _ = onHead(SourceHead(status: 404))
      return Traffic()
    }
    try LocalAnswer(bytes: bytes, resource: resource, tag: EntityTag.of(bytes)).give(
      to: request, cancellation: cancellation, onHead: onHead, onBytes: onBytes)
    return Traffic()
  }

  private func read(_ path: String) -> [UInt8]? {
    try? Files.read(folder + path, atMost: 1 << 31)
  }
}
