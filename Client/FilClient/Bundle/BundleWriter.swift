internal import FilProtocol
internal import Files

/// Writes a bundle entry by entry, beside the place where it belongs, and puts it there at the end.
///
/// After a crash or a throw the file at `path` is as it was; a temporary one may lie beside it.
struct BundleWriter: ~Copyable {
  private let path: String
  private let temporary: String
  private var file: AppendFile
  private var written: Set<Resource> = []
  private var isDone = false

  init(_ path: String) throws(FileError) {
    let name = Files.temporaryName(for: path)
    var opened = try AppendFile(name, mode: 0o644)
    do throws(FileError) { try opened.append(Bundle.magic) } catch {
      try? Files.removeTree(name)
      throw error
    }
    self.path = path
    temporary = name
    file = opened
  }

  /// Bytes so far.
  var size: Int { file.size }

  /// Adds an object; one that is there already is not added again.
  mutating func append(_ resource: Resource, _ bytes: [UInt8]) throws(FileError) {
    guard written.insert(resource).inserted else { return }
    try file.append(Bundle.Entry(resource, bytes).encoded)
    try file.append(bytes)
  }

  /// Ends the bundle: it is on the disk, under its name, when this returns.
  consuming func finish() throws(FileError) -> Int {
    try file.append(Bundle.end)
    isDone = true
    try Files.replaceDurably(path, with: temporary)
    return file.size
  }

  deinit {
    if !isDone { try? Files.removeTree(temporary) }
  }
}
