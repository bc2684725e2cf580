internal import FilServer
internal import Glibc
internal import HTTP
internal import Synchronization
internal import Terminal

/// Imports again and again, and publishes what was held, on a thread of its own until ``stop()``.
///
/// What fails is told, and tried again at the next turn.
final class ImportLoop: Sendable {
  private let path: String
  private let task: ImportTask?
  private let period: Int
  private let json: Bool
  private let onTurn: @Sendable (Result<ImportReport, ImportError>) -> Void
  private let cancellation = Cancellation()
  private let thread = Mutex<pthread_t?>(nil)

  /// Without a `task` only what was held is published; `period` is in seconds.
  ///
  /// `onTurn` is called on the loop's thread with what each import came to.
  init(
    _ path: String, task: ImportTask?, period: Int, json: Bool,
    onTurn: @escaping @Sendable (Result<ImportReport, ImportError>) -> Void = { _ in }
  ) {
    self.onTurn = onTurn
    self.path = path
    self.task = task
    self.period = period
    self.json = json
  }

  func start() throws(Failure) {
    let code = thread.withLock { thread in
      var new = pthread_t()
      let context = Unmanaged.passRetained(self)
      let code = pthread_create(
        &new, nil,
        { context in
          guard let context else { return nil }
          Unmanaged<ImportLoop>.fromOpaque(context).takeRetainedValue().run()
          return nil
        }, context.toOpaque())
      if code == 0 { thread = new } else { context.release() }
      return code
    }
    guard code == 0 else {
      throw Failure(.failed, "thread", "no thread can be started for the import (error \(code))")
    }
  }

  /// Ends the thread: at once, or when what is being published is published.
  func stop() {
    cancellation.cancel()
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    if let running { pthread_join(running, nil) }
  }

  private func run() {
    var task = task
    while !cancellation.isCancelled {
      var wait = period
      if let now = task {
        let (isDone, named) = turn(now)
        if isDone { task = now.next }
        wait = max(wait, named)
      }
      // What is held may be due at any minute.
      var left = wait
      repeat {
        publishHeld()
        if !sleep(min(left, 30)) { return }
        left -= 30
      } while left > 0
    }
  }

  /// Imports once; whether that is done, and seconds that the site asks to be left alone.
  private func turn(_ task: ImportTask) -> (isDone: Bool, wait: Int) {
    do throws(ImportError) {
      let report = try task.run(cancellation)
      onTurn(.success(report))
      if !report.isEmpty { report.tell(json: json) }
      return (true, 0)
    } catch {
      if case .cancelled = error { return (false, 0) }
      onTurn(.failure(error))
      tell(Failure(error))
      if case .silent(_, _, let named?) = error { return (false, named) }
      return (false, 0)
    }
  }

  private func tell(_ failure: Failure) {
    if json { Output.line(failure.json.text) } else { Output.error("fil-server: \(failure)") }
  }

  private func publishHeld() {
    do throws(NewsroomError) {
      let release = try Newsroom.publishHeld(path)
      for outcome in release.outcomes {
        if json {
          let told: JSON = [
            "number": .integer(outcome.number), "action": .string(outcome.action.rawValue),
          ]
          Output.line(told.text)
        } else {
          Output.line("article \(outcome.number): \(outcome.action), its time has come")
        }
      }
      for error in release.refused { tell(Failure(error)) }
    } catch {
      if case .busy = error { return }
      tell(Failure(error))
    }
  }

  /// Waits, in seconds; false when the loop was stopped meanwhile.
  private func sleep(_ seconds: Int) -> Bool {
    for _ in 0..<max(1, seconds) * 4 {
      if cancellation.isCancelled { return false }
      usleep(250_000)
    }
    return !cancellation.isCancelled
  }
}
