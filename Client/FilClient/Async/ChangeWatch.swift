internal import Files
internal import Glibc
internal import Synchronization

/// Calls a closure whenever the replica's file was changed, by this process or another.
///
/// SQLite has no notification across processes, only a number that differs after a commit. A thread
/// waits for the kernel to tell that the file or its log was written to (inotify), then looks at the
/// number: nothing runs while nothing happens. The kernel tells of a write just before the commit that
/// it belongs to counts, and of writers on another machine never, so the thread also looks soon after
/// a write that changed nothing, and every 5 seconds.
package final class ChangeWatch: Sendable {
  private let stop: Bell
  /// Nil once it was waited for.
  private let thread: Mutex<pthread_t?>
  /// After a fork the thread is the parent's, and so is who hears the bell.
  private let owner = getpid()

  /// Begins to watch; what is committed from now on is told.
  ///
  /// `onChange` is called on the watching thread, once for many commits that follow one another fast.
  ///
  /// - Throws: `database` or `file`, such as when no descriptor is left.
  package init(_ replica: Replica, onChange: @escaping @Sendable () -> Void) throws(FilError) {
    do { stop = try Bell() } catch { throw .file(error) }
    let first = try replica.dataVersion()
    let folder = Files.parent(of: replica.file)
    let name = String(replica.file.split(separator: "/").last ?? "")
    let stop = stop
    let started = try OwnThread.start {
      // Made before the number is looked at again: what happens in between is told by one of both.
      let watch = FolderWatch(folder, [name, name + "-wal"])
      ChangeWatch.run(watch, stop, replica, first, onChange)
    }
    thread = Mutex(started)
  }

  /// Ends the thread, soon; nothing is told afterwards but what is being told at this moment.
  deinit {
    guard getpid() == owner else { return }
    stop.ring()
    if let thread = thread.withLock({ $0.take() }) { pthread_detach(thread) }
  }

  /// Ends the thread and waits for it; what it held is then free.
  ///
  /// Never call it from `onChange`.
  package func finish() {
    guard getpid() == owner else { return }
    stop.ring()
    if let thread = thread.withLock({ $0.take() }) { pthread_join(thread, nil) }
  }

  private static func run(
    _ watch: borrowing FolderWatch, _ stop: Bell, _ replica: Replica, _ first: Int,
    _ onChange: () -> Void
  ) {
    var known = first
    var isExpecting = false
    while true {
      // A file that cannot be read at this moment is looked at again.
      if let version = try? replica.dataVersion(), version != known {
        known = version
        isExpecting = false
        onChange()
      }
      let pause = isExpecting ? 100 : watch.isTold ? 5_000 : 1_000
      switch watch.wait(or: stop, atMost: pause) {
      case .stopped: return
      case .timeout: isExpecting = false
      case .written:
        // A commit is several writes: let them come together.
        if watch.wait(or: stop, atMost: 10) == .stopped { return }
        isExpecting = true
      }
    }
  }
}
