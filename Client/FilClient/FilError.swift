public import Database
public import FilProtocol
public import Files

/// Everything that this library throws: one table with the exit status of `fil` and the codes of
/// the C library.
public enum FilError: Error, Sendable, Equatable {
  /// No source answers, or what answers is a portal. What was received is kept: try again later.
  case offline(String)
  /// The budget is used up before everything was there: it goes on with the next sync.
  case budgetSpent
  /// What came is not the newsroom's. Nothing of it is kept: another source, or a person looks.
  case untrusted(TrustError)
  /// What came is not of this protocol. Nothing of it is kept: another source.
  case malformed(FormatError)
  /// The replica itself is damaged at the place named: `verify` with repair.
  case damaged(String)
  /// Another process syncs this replica: wait for it.
  case busy
  /// There is nothing of that name here, or it is not here yet.
  case notFound(String)
  /// The source has an older head than the replica has seen: another source, or later.
  case behind
  /// The call was cancelled; what was received is kept.
  case cancelled
  /// The call itself makes no sense, such as a new replica without a key.
  case usage(String)
  case database(DatabaseError)
  case file(FileError)

  /// The exit status of `fil`.
  public var status: Int32 {
    switch self {
    case .database(let error): error.isDamage ? 6 : error.isBusy ? 7 : 1
    case .file, .cancelled: 1
    case .usage: 2
    case .offline: 3
    case .budgetSpent: 4
    case .untrusted, .malformed: 5
    case .damaged: 6
    case .busy: 7
    case .notFound: 8
    case .behind: 9
    }
  }

  /// A stable name, for JSON.
  public var code: String {
    switch self {
    case .offline: "offline"
    case .budgetSpent: "budgetSpent"
    case .untrusted(let error): error.code.rawValue
    case .malformed(let error): error.code.rawValue
    case .damaged: "damaged"
    case .busy: "busy"
    case .notFound: "notFound"
    case .behind: "behind"
    case .cancelled: "cancelled"
    case .usage: "usage"
    case .database(let error): error.isDamage ? "damaged" : error.isBusy ? "busy" : "database"
    case .file: "file"
    }
  }

  /// Whether bytes that a line has changed can look like this.
  var mayBeDamage: Bool {
    switch self {
    case .malformed: true
    case .untrusted(let error):
      [.badSignature, .unsigned, .wrongDigest, .wrongObject].contains(error.code)
    default: false
    }
  }

  /// Whether the source, or the line to it, is to blame; else it is something on this side.
  var isOfSource: Bool {
    switch self {
    case .malformed, .untrusted, .behind: true
    default: false
    }
  }

  init(_ error: ReadError<FilError>) {
    switch error {
    case .format(let error): self = .malformed(error)
    case .trust(let error): self = error.code == .behind ? .behind : .untrusted(error)
    case .missing(let number): self = .damaged("body \(number)")
    case .holdings(let error): self = error
    }
  }

  init(_ error: ReadError<Never>) {
    switch error {
    case .format(let error): self = .malformed(error)
    case .trust(let error): self = error.code == .behind ? .behind : .untrusted(error)
    case .missing(let number): self = .damaged("body \(number)")
    }
  }
}
