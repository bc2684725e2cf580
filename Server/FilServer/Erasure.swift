internal import Database
internal import Files

extension Newsroom {
  private var hasPendingErasure: Bool {
    get throws(NewsroomError) {
      try db.guarded { (db) throws(DatabaseError) in try db.setting(.erasure) != nil }
    }
  }

  /// Removes rendered objects while an erasure is pending: they may hold what was erased.
  ///
  /// Objects that are rendered from now on cannot: the store has not got it any more.
  func purgeCacheIfErased() throws(NewsroomError) {
    guard try hasPendingErasure else { return }
    do {
      for entry in (try? Files.list(Store.cache(path))) ?? [] {
        try Files.removeTree("\(Store.cache(path))/\(entry.name)")
      }
    } catch { throw .file(error) }
  }

  /// Empties the write-ahead log, the last place where erased bytes may be.
  ///
  /// While somebody reads from it that must wait: the erasure stays pending, and each later command
  /// tries again.
  func finishErasure() throws(NewsroomError) {
    guard try hasPendingErasure else { return }
    try purgeCacheIfErased()
    try db.guarded { (db) throws(DatabaseError) in
      if try db.checkpoint(truncate: true) { try db.set(.erasure, nil) }
    }
  }
}
