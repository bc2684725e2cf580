extension Replica {
  /// Runs `body`, which may block, on a thread of its own, and waits for it without blocking.
  ///
  ///     let articles = try await replica.perform { (replica, _) throws(FilError) in
  ///       try replica.articles()
  ///     }
  ///
  /// When the task is cancelled the cancellation that `body` is given is too; give it to the calls
  /// that take one. It returns only when `body` has.
  ///
  /// - Throws: what `body` throws.
  @concurrent
  public func perform<R: Sendable, E: Error>(
    _ body: @escaping @Sendable (Replica, Cancellation) throws(E) -> R
  ) async throws(E) -> R {
    let cancellation = Cancellation()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (waiting: CheckedContinuation<Result<R, E>, Never>) in
        let work: @Sendable () -> Void = {
          waiting.resume(
            returning: Result { () throws(E) in try body(self, cancellation) })
        }
        // Without a thread left, late is better than never.
        do throws(FilError) { try OwnThread.startDetached(work) } catch { work() }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }

  /// A sync as a sequence of what happens, which ends with ``SyncEvent/done(_:)`` or the failure.
  ///
  ///     for try await event in replica.syncing(from: [HTTPSource("https://fil.example")]) {
  ///       if case .progress(let progress) = event { show(progress.done, of: progress.total) }
  ///     }
  ///
  /// It begins when it is iterated, and each iteration is a sync of its own. A task that is
  /// cancelled, or a loop that is left, cancels it: what was received is kept.
  public func syncing(
    from sources: [any Source], _ options: SyncOptions = SyncOptions()
  ) -> SyncEvents {
    SyncEvents(replica: self, sources: sources, options: options)
  }

  /// The value of `query` now, and again whenever a change gave it another value.
  ///
  ///     let latest = replica.observe { (replica) throws(FilError) in try replica.articles() }
  ///     for try await articles in latest { show(articles) }
  ///
  /// Changes of this process and of others are seen alike: each commit of a sync can be one. The
  /// query runs on a thread of its own. While the loop is busy changes are not counted: it goes on
  /// with the newest value. It ends when the task is cancelled, and fails when the query does.
  public func observe<Value: Sendable & Equatable>(
    _ query: @escaping @Sendable (Replica) throws(FilError) -> Value
  ) -> Observation<Value> {
    Observation(replica: self, query: query)
  }
}
