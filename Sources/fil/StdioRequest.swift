internal import Dispatch
internal import FilClient
internal import Synchronization
internal import Terminal

/// What a line of the input asks for: well-formed by construction.
struct StdioRequest {
  /// Why a line asks for nothing.
  struct Refusal: Error {
    var what: String
    /// Nil where it was not read so far.
    var id: JSON.ID?
  }

  let id: JSON.ID
  /// Nil: another request is to be cancelled, the one called `meant`.
  let method: StdioMethod?
  let parameters: StdioParameters
  let meant: JSON.ID?

  init(_ json: JSON) throws(Refusal) {
    guard case .object(let fields) = json else { throw Refusal(what: "not an object") }
    for name in fields.keys.sorted() where !["id", "method", "params"].contains(name) {
      throw Refusal(what: "\(name): unknown; known are id, method, params")
    }
    guard let id = fields["id"].flatMap(JSON.ID.init) else {
      throw Refusal(what: "id: neither an integer nor a string of at most 255 bytes")
    }
    self.id = id
    guard case .string(let name)? = fields["method"] else {
      throw Refusal(what: "method: not a string", id: id)
    }
    method = StdioMethod.all.first { $0.name == name }
    guard method != nil || name == "cancel" else {
      let known = (StdioMethod.all.map(\.name) + ["cancel"]).joined(separator: ", ")
      throw Refusal(what: "method \(name): unknown; known are \(known)", id: id)
    }
    do throws(Failure) {
      parameters = try StdioParameters(fields["params"], method?.parameters ?? ["id"])
    } catch {
      throw Refusal(what: error.message, id: id)
    }
    meant = fields["params"]?["id"].flatMap(JSON.ID.init)
    guard method != nil || meant != nil else {
      throw Refusal(what: "params.id: not the id of a request", id: id)
    }
  }
}

/// A request that runs.
final class StdioCall: Sendable {
  let id: JSON.ID
  let replica: Replica
  let parameters: StdioParameters
  let cancellation: Cancellation
  let end: DispatchSemaphore
  let session: StdioSession
  /// What was done until it failed.
  let report = Mutex<JSON?>(nil)

  init(
    id: JSON.ID, replica: Replica, parameters: StdioParameters, cancellation: Cancellation,
    end: DispatchSemaphore, session: StdioSession
  ) {
    self.id = id
    self.replica = replica
    self.parameters = parameters
    self.cancellation = cancellation
    self.end = end
    self.session = session
  }

  /// Tells the host of something before the answer.
  func tell(_ event: String, _ data: JSON?) {
    var fields: [String: JSON] = ["id": id.json, "event": .string(event)]
    if let data { fields["data"] = data }
    session.write(.object(fields))
  }

  func ask<R>(_ query: (Replica) throws(FilError) -> R) throws(Failure) -> R {
    try attempt(replica.path) { () throws(FilError) in try query(replica) }
  }

  func waitForCancellation() { end.wait() }
}

extension JSON {
  /// What tells a request from others.
  enum ID: Hashable, Sendable {
    case integer(Int)
    case string(String)

    init?(_ json: JSON) {
      switch json {
      case .integer(let number): self = .integer(number)
      case .string(let text) where text.utf8.count <= 255: self = .string(text)
      default: return nil
      }
    }

    var json: JSON {
      switch self {
      case .integer(let number): .integer(number)
      case .string(let text): .string(text)
      }
    }
  }
}
