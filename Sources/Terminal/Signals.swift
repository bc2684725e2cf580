internal import Glibc

/// SIGTERM and SIGINT as something to wait for, instead of something that interrupts.
///
/// Make one before any other thread is started: threads inherit that the signals are blocked.
public struct Signals: Sendable {
  public init() {
    var set = Signals.set
    pthread_sigmask(SIG_BLOCK, &set, nil)
    // A reader that went away is an error of the write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
  }

  private static var set: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    return set
  }

  /// Waits for one of the signals, at most `seconds`; false when none came.
  public func wait(seconds: Int) -> Bool {
    var set = Signals.set
    var limit = timespec(tv_sec: seconds, tv_nsec: 0)
    while true {
      if sigtimedwait(&set, nil, &limit) > 0 { return true }
      if errno != EINTR { return false }
    }
  }
}
