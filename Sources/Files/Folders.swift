internal import Glibc

extension Files {
  /// One name in a folder.
  public struct Entry: Sendable, Equatable {
    public let name: String
    /// Bytes, of a file.
    public let size: Int
    public let isDirectory: Bool
    /// When the content last changed, in seconds since 1970-01-01T00:00Z.
    public let modified: Int
  }

  /// Creates the folder and those above it where they are missing.
  ///
  /// `mode` is given to the folders that are created; one that exists keeps its own.
  public static func ensureDirectory(_ path: String, mode: UInt32 = 0o755) throws(FileError) {
    if mkdir(path, mode_t(mode)) == 0 { return }
    let failure = FileError.last("create", path)
    if failure.code == EEXIST {
      guard isDirectory(path) else { throw failure }
      return
    }
    guard failure.code == ENOENT, parent(of: path) != path else { throw failure }
    try ensureDirectory(parent(of: path), mode: mode)
    guard mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else {
      throw FileError.last("create", path)
    }
  }

  /// The entries of a folder, sorted by name; links are not followed.
  public static func list(_ path: String) throws(FileError) -> [Entry] {
    guard let folder = opendir(path) else { throw .last("list", path) }
    defer { closedir(folder) }
    var entries: [Entry] = []
    while true {
      errno = 0
      guard let item = readdir(folder) else {
        guard errno == 0 else { throw .last("list", path) }
        return entries.sorted { $0.name < $1.name }
      }
      let name = withUnsafeBytes(of: &item.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      var status = stat()
      guard fstatat(dirfd(folder), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
        if errno == ENOENT { continue }
        throw .last("list", "\(path)/\(name)")
      }
      entries.append(
        Entry(
          name: name, size: Int(status.st_size),
          isDirectory: status.st_mode & S_IFMT == S_IFDIR, modified: Int(status.st_mtim.tv_sec)))
    }
  }

  /// Bytes of all files in a folder and those below it; what goes meanwhile is not counted.
  public static func treeSize(_ path: String) throws(FileError) -> Int {
    var size = 0
    for entry in try list(path) {
      guard entry.isDirectory else {
        size += entry.size
        continue
      }
      do { size += try treeSize("\(path)/\(entry.name)") } catch {
        guard error.isMissing else { throw error }
      }
    }
    return size
  }

  /// Removes a file, or a folder and all that is in it, without following links.
  ///
  /// That nothing is there is fine.
  ///
  /// - Throws: ``FileError``; a part may then be gone.
  public static func removeTree(_ path: String) throws(FileError) {
    if unlink(path) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM, isDirectory(path) else {
      throw .last("remove", path)
    }
    for entry in try list(path) { try removeTree("\(path)/\(entry.name)") }
    guard rmdir(path) == 0 || errno == ENOENT else { throw .last("remove", path) }
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
