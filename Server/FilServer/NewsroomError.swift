public import Database
public import Files

/// Why a newsroom did not do what it was asked to; unless it says otherwise, nothing was published.
public enum NewsroomError: Error, Sendable {
  /// There is a newsroom already: use it, or another folder.
  case exists(String)
  /// The folder is no newsroom.
  case noNewsroom(String)
  /// Another command holds the lock: try again when it is done.
  case busy(holder: String)
  /// What was handed in cannot be accepted: mend it and publish again.
  case input(InputError)
  case unknownNumber(Int)
  /// What is on the disk is not what was put there: restore a backup.
  case damaged(String)
  /// The key file is missing, readable by others, or another feed's.
  case key(String)
  case witness(WitnessError)
  /// What was rendered does not decode to what was to be signed: a fault of the program.
  case rehearsal(String)
  case file(FileError)
  case database(DatabaseError)

  /// A stable word for programs.
  public var code: String {
    switch self {
    case .exists: "exists"
    case .noNewsroom: "noNewsroom"
    case .busy: "busy"
    case .input: "input"
    case .unknownNumber: "unknownNumber"
    case .damaged: "damaged"
    case .key: "key"
    case .witness(let error): error.code
    case .rehearsal: "rehearsal"
    case .file: "file"
    case .database(let error): error.isDamage ? "damaged" : error.isBusy ? "busy" : "database"
    }
  }
}

extension NewsroomError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .exists(let path): "\(path): there is a newsroom already; choose another folder"
    case .noNewsroom(let path):
      "\(path): no newsroom is here; `fil-server init \(path) --origin … --name …` makes one"
    case .busy(let holder): "the newsroom is busy: \(holder); try again when that is done"
    case .input(let error): error.description
    case .unknownNumber(let number):
      "there is no article \(number); `fil-server status` says how many there are"
    case .damaged(let what):
      "damaged: \(what); `fil-server fsck` finds the rest, restore a backup, then publish again"
    case .key(let what): what
    case .witness(let error): error.description
    case .rehearsal(let what):
      "the rehearsal failed (\(what)), and nothing was signed; this is a fault of fil-server"
    case .file(let error): error.description
    case .database(let error): error.description
    }
  }
}

/// What is wrong with something handed in: where, what, and what to do about it.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file's name as it was given.
  public let file: String
  /// From 1; nil where no line is to blame.
  public let line: Int?
  /// What is wrong and the remedy, in one sentence.
  public let message: String

  public init(_ file: String, _ line: Int?, _ message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  public var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(message)" }
}

/// What the witness has against signing; nothing was signed.
public enum WitnessError: Error, Sendable, Equatable {
  /// It cannot be asked; without its answer a restored backup would not be noticed.
  case silent(place: String, why: String)
  /// What it holds is no checkpoint of this newsroom's key.
  case foreign(place: String, why: String)
  /// It has seen a later version: the database is a restored backup.
  case ahead(place: String, version: Int, ours: Int)
  /// It has seen another state of a version: two newsrooms signed with one key.
  case differs(place: String, version: Int)

  public var code: String {
    switch self {
    case .silent: "witnessSilent"
    case .foreign: "witnessForeign"
    case .ahead: "restored"
    case .differs: "forked"
    }
  }
}

extension WitnessError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .silent(let place, let why):
      "the witness \(place) does not answer (\(why)); make it reachable, or name another with "
        + "--witness FILE|URL|none"
    case .foreign(let place, let why):
      "the witness \(place) holds no checkpoint of this newsroom (\(why)); name the right one with "
        + "--witness FILE|URL|none"
    case .ahead(let place, let version, let ours):
      "the witness \(place) has seen version \(version), this newsroom only has \(ours): it was "
        + "restored from a backup; look what is missing, then repeat the command with --restored"
    case .differs(let place, let version):
      "the witness \(place) has seen another version \(version): the newsroom was restored from a "
        + "backup, or runs twice; stop the other one, then repeat the command with --restored"
    }
  }
}
