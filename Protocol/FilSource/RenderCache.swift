public import FilProtocol
public import Files
internal import Synchronization

/// Rendered objects, in a folder of bounded size; the small and recent ones in memory as well.
///
/// Thread-safe. Whoever can write to the folder can make downloads fail, and can do no more: replicas
/// verify everything. After a crash there may be temporary files, which are removed at the start.
public final class RenderCache: Sendable {
  /// An object that is ready to be sent.
  public struct Entry: Sendable {
    /// Of the file.
    public let path: String
    public let size: Int
    /// With its quotes.
    public let tag: String
    /// The bytes, when they are few.
    public let bytes: [UInt8]?
  }

  private struct Shelf {
    var entries: [String: Entry] = [:]
    /// When each was used last, in steps of a counter.
    var used: [String: Int] = [:]
    var clock = 0
    var total = 0
    var inMemory = 0
  }

  private let folder: String
  private let bound: Int
  private let shelf = Mutex(Shelf())

  private static let smallBytes = 65_536
  private static let memoryBytes = 33_554_432

  /// Opens the cache in `folder`, which is made if it is missing.
  ///
  /// `bound`: how many bytes the files may have in all.
  public init(folder: String, bound: Int) throws(FileError) {
    self.folder = folder
    self.bound = bound
    try Files.ensureDirectory(folder)
    for file in try Files.list(folder).sorted(by: { $0.modified < $1.modified }) {
      let path = "\(folder)/\(file.name)"
      // <32 hexadecimal digits of the resource>-<entity tag>
      let parts = file.name.split(separator: "-", maxSplits: 1)
      guard parts.count == 2, parts[0].utf8.count == 32, parts[1].utf8.count == 22 else {
        try Files.removeTree(path)
        continue
      }
      add(
        Entry(path: path, size: file.size, tag: "\"\(parts[1])\"", bytes: nil),
        as: String(parts[0]))
    }
  }

  private static func name(_ resource: Resource) -> String {
    BodyHash(of: Array(resource.path.utf8)).description
  }

  /// How many objects it holds, and their bytes.
  public var size: (objects: Int, bytes: Int) { shelf.withLock { ($0.entries.count, $0.total) } }

  /// The object, if it was rendered before.
  public func find(_ resource: Resource) -> Entry? {
    let name = RenderCache.name(resource)
    return shelf.withLock { shelf in
      guard let entry = shelf.entries[name] else { return nil }
      shelf.clock += 1
      shelf.used[name] = shelf.clock
      return entry
    }
  }

  /// Keeps `bytes`, on disk before it returns.
  public func store(_ bytes: [UInt8], for resource: Resource) throws(FileError) -> Entry {
    let name = RenderCache.name(resource)
    let tag = EntityTag.of(bytes)
    let path = "\(folder)/\(name)-\(tag.dropFirst().dropLast())"
    try Files.writeDurably(path, bytes)
    let small = bytes.count <= RenderCache.smallBytes
    let entry = Entry(path: path, size: bytes.count, tag: tag, bytes: small ? bytes : nil)
    for old in add(entry, as: name) { try Files.removeTree(old) }
    return entry
  }

  /// Adds `entry`, and gives the files that have to go for it.
  @discardableResult
  private func add(_ entry: Entry, as name: String) -> [String] {
    shelf.withLock { shelf in
      var leaving: [String] = []
      func drop(_ name: String) {
        guard let old = shelf.entries.removeValue(forKey: name) else { return }
        shelf.used[name] = nil
        shelf.total -= old.size
        shelf.inMemory -= old.bytes?.count ?? 0
        if old.path != entry.path { leaving.append(old.path) }
      }
      drop(name)
      shelf.clock += 1
      shelf.entries[name] = entry
      shelf.used[name] = shelf.clock
      shelf.total += entry.size
      shelf.inMemory += entry.bytes?.count ?? 0
      while shelf.total > bound || shelf.inMemory > RenderCache.memoryBytes,
        let oldest = shelf.used.min(by: { $0.value < $1.value })?.key, oldest != name
      {
        drop(oldest)
      }
      return leaving
    }
  }

  /// Removes everything: something was erased.
  public func purge() throws(FileError) {
    shelf.withLock { $0 = Shelf() }
    for file in try Files.list(folder) { try Files.removeTree("\(folder)/\(file.name)") }
  }
}
