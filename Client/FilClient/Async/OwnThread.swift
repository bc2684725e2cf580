internal import Files
internal import Glibc

/// Starts threads for work that blocks: the pool that runs tasks has a thread per core, and a sync
/// on a slow line would keep one of them for minutes.
package enum OwnThread {
  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` on a new thread that nobody waits for; throws as ``start(_:)`` does.
  package static func startDetached(_ body: @escaping @Sendable () -> Void) throws(FilError) {
    pthread_detach(try start(body))
  }

  /// Runs `body` on a new thread, which ends with it.
  ///
  /// - Returns: the thread, to be joined or detached once.
  /// - Throws: `file` when the system has no thread left; `body` is then not run.
  static func start(_ body: @escaping @Sendable () -> Void) throws(FilError) -> pthread_t {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    // Signals are the host program's: its handlers run on its own threads. A thread begins with the
    // mask of the one that starts it.
    var kept = sigset_t()
    var all = OwnThread.deferrable
    pthread_sigmask(SIG_BLOCK, &all, &kept)
    defer { pthread_sigmask(SIG_SETMASK, &kept, nil) }
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw .file(FileError("create", "thread", code: code))
    }
    return thread
  }

  /// All signals but those that a fault of this very thread raises.
  private static var deferrable: sigset_t {
    var set = sigset_t()
    sigfillset(&set)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&set, fault) }
    return set
  }
}
