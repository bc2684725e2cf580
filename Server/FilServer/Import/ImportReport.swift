/// What an import did.
public struct ImportReport: Sendable, Equatable {
  /// One post, and what became of it.
  public struct Entry: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable {
      case published, corrected, withdrawn, refused
      /// It would have been withdrawn, with too many others: a person is asked.
      case asked
      /// Its time has not come.
      case held
    }

    /// What stands for the masthead in the place of a post.
    public static let sections = "sections"

    /// What the site calls it, or ``sections``.
    public let post: String
    /// Its number; nil where it has none.
    public let number: Int?
    public let action: Action
    /// Why it was refused; empty otherwise.
    public let reason: String

    public init(_ post: String, _ number: Int?, _ action: Action, _ reason: String = "") {
      self.post = post
      self.number = number
      self.action = action
      self.reason = reason
    }
  }

  /// The site or the file.
  public let place: String
  /// All but those that are unchanged.
  public var entries: [Entry] = []
  public var unchanged = 0
  /// Whether sections were added or renamed.
  public var changesMasthead = false
  /// Whether all numbers of the site were compared.
  public var isFull = false
  public var requests = 0
  public var bytes = 0

  public init(place: String) { self.place = place }

  /// Whether there was nothing to look at.
  public var isEmpty: Bool { entries.isEmpty && unchanged == 0 && requests == 0 }

  public func count(_ action: Entry.Action) -> Int { entries.count { $0.action == action } }
}

/// Why an import did nothing.
public enum ImportError: Error, Sendable {
  case newsroom(NewsroomError)
  /// A file that was handed in.
  case input(InputError)
  /// The site did not answer, or says that it cannot now; `retryAfter` is in seconds.
  case silent(place: String, why: String, retryAfter: Int?)
  /// What answers is not what was looked for, or shows nothing: a person must look.
  case strange(place: String, why: String)
  case cancelled

  /// A stable word for programs.
  public var code: String {
    switch self {
    case .newsroom(let error): error.code
    case .input: "input"
    case .silent: "siteSilent"
    case .strange: "siteStrange"
    case .cancelled: "cancelled"
    }
  }
}

extension ImportError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .newsroom(let error): error.description
    case .input(let error): error.description
    case .silent(let place, let why, _):
      "\(place): \(why); nothing is changed, try again later"
    case .strange(let place, let why): "\(place): \(why); nothing is changed"
    case .cancelled: "the import was ended before it changed anything"
    }
  }
}
