internal import Database
internal import FilProtocol
internal import Files

extension FilError: CustomStringConvertible {
  /// What happened and what to do, in English, for logs and developers; no text of articles.
  public var description: String {
    switch self {
    case .offline(let detail): "no source answers (\(detail)); what was received is kept, try later"
    case .budgetSpent: "the budget is spent; what was received is kept, the next sync goes on"
    case .untrusted(let error):
      error.code == .forked
        ? "two signed states contradict each other (\(error.subject)); a person must look"
        : "what came is not the newsroom's (\(error)); nothing of it is kept, try another source"
    case .malformed(let error):
      "what came is not of this protocol (\(error)); nothing of it is kept, try another source"
    case .damaged(let place): "the replica is damaged (\(place)); verify with repair, then sync"
    case .busy: "another sync or repair of this replica is going on; wait for it"
    case .notFound(let what): "\(what) is not here, or not yet"
    case .behind: "the source is older than the replica; try another one, or later"
    case .cancelled: "cancelled; what was received is kept"
    case .usage(let what): what
    case .database(let error): error.description
    case .file(let error): error.description
    }
  }
}

extension SyncFailure: CustomStringConvertible {
  public var description: String { error.description }
}
