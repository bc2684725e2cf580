internal import Synchronization

/// What happens during a sync.
public enum SyncEvent: Sendable {
  /// Bytes came; of several such events that were not taken in time only the newest is told.
  case progress(SyncProgress)
  /// A source was tried.
  case attempt(SourceAttempt)
  /// The sync came to its end; nothing follows.
  case done(SyncReport)
}

/// A sync as an asynchronous sequence: ``Replica/syncing(from:_:)``.
public struct SyncEvents: AsyncSequence, Sendable {
  public typealias Element = SyncEvent
  public typealias Failure = SyncFailure

  let replica: Replica
  let sources: [any Source]
  let options: SyncOptions

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(run: Run(replica, sources, options))
  }

  /// The running sync; letting go of it cancels the sync.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let run: Run

    /// The next event; nil after the last one.
    ///
    /// - Throws: ``SyncFailure`` when the sync failed, `cancelled` when the task was.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(SyncFailure) -> SyncEvent? {
      try await run.next()
    }

    public mutating func next() async throws(SyncFailure) -> SyncEvent? { try await run.next() }
  }
}

extension SyncEvents {
  /// Lets go of the sync when the loop does: the thread holds only the mailbox.
  fileprivate final class Run: Sendable {
    private let mailbox = Mailbox()
    private let cancellation = Cancellation()
    private let start: @Sendable () throws(FilError) -> Void
    private let isStarted = Mutex(false)

    init(_ replica: Replica, _ sources: [any Source], _ options: SyncOptions) {
      let (mailbox, cancellation) = (mailbox, cancellation)
      start = { () throws(FilError) in
        try OwnThread.startDetached {
          do throws(SyncFailure) {
            let report = try replica.sync(
              from: sources, options, cancellation: cancellation,
              onAttempt: { attempt in mailbox.put { $0.attempts.append(attempt) } },
              onProgress: { progress in mailbox.put { $0.progress = progress } })
            mailbox.put { $0.end = .success(report) }
          } catch {
            mailbox.put { $0.end = .failure(error) }
          }
        }
      }
    }

    deinit { cancellation.cancel() }

    func next() async throws(SyncFailure) -> SyncEvent? {
      let isFirst = isStarted.withLock { started in
        defer { started = true }
        return !started
      }
      if isFirst {
        do throws(FilError) { try start() } catch {
          throw SyncFailure(error: error, report: SyncReport())
        }
      }
      let cancellation = cancellation
      return try await withTaskCancellationHandler {
        await mailbox.take()
      } onCancel: {
        cancellation.cancel()
      }.get()
    }
  }

  /// What the thread has to say and the loop has not taken yet.
  private final class Mailbox: Sendable {
    struct Contents {
      var attempts: [SourceAttempt] = []
      var progress: SyncProgress?
      var end: Result<SyncReport, SyncFailure>?
      var isOver = false
      var waiting: CheckedContinuation<Void, Never>?

      mutating func next() -> Result<SyncEvent?, SyncFailure>? {
        if !attempts.isEmpty { return .success(.attempt(attempts.removeFirst())) }
        if let newest = progress {
          progress = nil
          return .success(.progress(newest))
        }
        if isOver { return .success(nil) }
        guard let end else { return nil }
        isOver = true
        return end.map { .done($0) }
      }
    }

    private let contents = Mutex(Contents())

    func put(_ change: @Sendable (inout Contents) -> Void) {
      let waiting = contents.withLock { contents in
        change(&contents)
        defer { contents.waiting = nil }
        return contents.waiting
      }
      waiting?.resume()
    }

    func take() async -> Result<SyncEvent?, SyncFailure> {
      while true {
        if let next = contents.withLock({ $0.next() }) { return next }
        await withCheckedContinuation { continuation in
          let isReady = contents.withLock { contents in
            if contents.end != nil || contents.progress != nil || !contents.attempts.isEmpty {
              return true
            }
            contents.waiting = continuation
            return false
          }
          if isReady { continuation.resume() }
        }
      }
    }
  }
}
