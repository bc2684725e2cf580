/// What a command ends with: one table for `fil` and `fil-server`.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  /// A fault of the program, the disk or the system.
  case failed = 1
  /// A wrong command line, or an input file that cannot be accepted.
  case usage = 2
  /// Nobody answers at the other end.
  case offline = 3
  case budgetSpent = 4
  /// Someone lies, or a key is wrong: a person must look.
  case untrusted = 5
  /// What is on this disk is not what was put there.
  case damaged = 6
  /// Another process has it.
  case busy = 7
  /// It is not there, or not here yet.
  case notFound = 8
  /// The other side has an older state.
  case behind = 9
}

/// A failure as a command tells it to people and, with `--json`, to programs.
public struct Failure: Error, Sendable, CustomStringConvertible {
  public let status: ExitStatus
  /// A stable word for programs.
  public let code: String
  /// What, where, and what to do about it.
  public let message: String

  public init(_ status: ExitStatus, _ code: String, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  /// A command line that cannot be understood.
  public static func usage(_ message: String) -> Failure { Failure(.usage, "usage", message) }

  public var description: String { message }

  public var json: JSON { ["error": ["code": .string(code), "message": .string(message)]] }
}
