extension Replica {
  /// Brings the replica to the head of `source`, as far as the line and the budget allow.
  ///
  /// It blocks its thread; readers go on meanwhile. Whatever ends it, what was verified is kept, what
  /// was received is not asked for again, and calling it again goes on.
  ///
  /// - Parameters:
  ///   - source: what is asked.
  ///   - options: what is wanted.
  ///   - cancellation: stops it from another thread.
  ///   - onProgress: is called on this thread after bytes came.
  /// - Returns: what was done.
  /// - Throws: ``SyncFailure`` with what was done until then.
  @discardableResult
  public func sync(
    from source: any Source, _ options: SyncOptions = SyncOptions(),
    cancellation: Cancellation = Cancellation(),
    onProgress: (SyncProgress) -> Void = { _ in }
  ) throws(SyncFailure) -> SyncReport {
    let result = withoutActuallyEscaping(onProgress) { onProgress in
      Result { () throws(SyncFailure) in
        try SyncRun(self, source, options, cancellation, onProgress).run()
      }
    }
    return try result.get()
  }
}
