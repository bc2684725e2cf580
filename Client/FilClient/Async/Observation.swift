/// The value of a query over time, as an asynchronous sequence: ``Replica/observe(_:)``.
public struct Observation<Value: Sendable & Equatable>: AsyncSequence, Sendable {
  public typealias Element = Value
  public typealias Failure = FilError

  let replica: Replica
  let query: @Sendable (Replica) throws(FilError) -> Value

  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(replica: replica, query: query)
  }

  /// One loop over the values; letting go of it ends the watching.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let replica: Replica
    let query: @Sendable (Replica) throws(FilError) -> Value
    private var watch: ChangeWatch?
    private var changes: AsyncStream<Void>.AsyncIterator?
    private var last: Value?

    init(replica: Replica, query: @escaping @Sendable (Replica) throws(FilError) -> Value) {
      self.replica = replica
      self.query = query
    }

    /// The next value that differs from the one before; nil once the task is cancelled.
    ///
    /// - Throws: what the query throws; the next call asks again.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(FilError) -> Value? {
      if watch == nil {
        // Watching first: what changes while the query runs is told.
        let (stream, bell) = AsyncStream.makeStream(
          of: Void.self, bufferingPolicy: .bufferingNewest(1))
        changes = stream.makeAsyncIterator()
        watch = try ChangeWatch(replica) { bell.yield() }
      } else {
        guard await changes?.next(isolation: actor) != nil else { return nil }
      }
      while !Task.isCancelled {
        let query = query
        let value = try await replica.perform { (replica, _) throws(FilError) in
          try query(replica)
        }
        if value != last {
          last = value
          return value
        }
        guard await changes?.next(isolation: actor) != nil else { return nil }
      }
      return nil
    }

    public mutating func next() async throws(FilError) -> Value? {
      try await next(isolation: nil)
    }
  }
}
