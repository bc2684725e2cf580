import Database
import FilProtocol
import FilServer
import Files
import Synchronization
import TestSupport
import Testing

/// A newsroom in a folder of its own, with a clock that stands still; removed at the end.
final class Desk: Sendable {
  let folder: String
  private let time = Mutex(1_798_000_000)
  private let stop = Mutex<Stop?>(nil)
  /// What is under each URL; nil: nobody answers.
  let web = Mutex<[String: [UInt8]]>([:])
  let pauses = Mutex(0)
  /// Whether the last byte of each delta is damaged before the rehearsal.
  let spoils = Mutex(false)

  enum Stop: Sendable {
    case committed
    case witnessed
  }

  init() throws {
    folder = try makeTemporaryFolder()
  }

  deinit { try? Files.removeTree(folder) }

  var path: String { "\(folder)/newsroom" }
  var now: Int {
    get { time.withLock { $0 } }
    set { time.withLock { $0 = newValue } }
  }

  /// Has the next publication die at a moment, once.
  func die(at moment: Stop) { stop.withLock { $0 = moment } }

  var surroundings: Surroundings {
    var surroundings = Surroundings()
    surroundings.now = { self.now }
    surroundings.pause = { _ in self.pauses.withLock { $0 += 1 } }
    surroundings.seed = { [UInt8](repeating: 7, count: 32) }
    surroundings.fetch = { (url, _) throws(Surroundings.FetchFailure) in
      guard let bytes = self.web.withLock({ $0[url] }) else {
        throw Surroundings.FetchFailure("nobody there")
      }
      return bytes
    }
    surroundings.rendered = { delta in
      guard self.spoils.withLock({ $0 }) else { return delta }
      return delta.dropLast() + [(delta.last ?? 0) ^ 1]
    }
    surroundings.reached = { (stage) throws(NewsroomError) in
      let isNow = self.stop.withLock { stop in
        switch (stage, stop) {
        case (.committed, .committed), (.witnessed, .witnessed):
          stop = nil
          return true
        default: return false
        }
      }
      if isNow { throw .rehearsal("killed") }
    }
    return surroundings
  }

  @discardableResult
  func found(url: String? = nil, witness: String? = nil) throws -> Int {
    let newsroom = try Newsroom.found(
      path, origin: "example.org/fil", masthead: .standard(name: "Test"), url: url,
      witness: witness, surroundings: surroundings)
    return try newsroom.version()
  }

  func open(_ path: String? = nil) throws -> Newsroom {
    try Newsroom(path ?? self.path, surroundings: surroundings)
  }

  @discardableResult
  func publish(_ drafts: Draft..., restored: Bool = false) throws -> [Outcome] {
    let receptions = try open().publish(
      [Submission("f", .success(drafts))], restored: restored)
    return try receptions[0].outcome.get()
  }

  func archive() throws -> NewsroomArchive { try NewsroomArchive(path) }

  func database() throws -> Connection {
    try Connection(path: "\(path)/newsroom.db", mode: .readWrite)
  }

  /// Whether the bytes of `text` are in any file of the newsroom.
  func holds(_ text: String) throws -> Bool {
    for entry in try Files.list(path) where !entry.isDirectory {
      let bytes = try Files.read("\(path)/\(entry.name)", atMost: 1 << 30)
      if bytes.firstRange(of: Array(text.utf8)) != nil { return true }
    }
    return false
  }

  func copy(to name: String) throws {
    try Files.ensureDirectory("\(folder)/\(name)")
    try Newsroom.backup(path, to: "\(folder)/\(name)/newsroom.db")
  }

  /// Puts a backup back in the newsroom's place.
  func restore(_ name: String) throws {
    let bytes = try Files.read("\(folder)/\(name)/newsroom.db", atMost: 1 << 30)
    for suffix in ["", "-wal", "-shm"] { try Files.removeTree("\(path)/newsroom.db\(suffix)") }
    try Files.writeDurably("\(path)/newsroom.db", bytes)
  }
}

extension Newsroom {
  func version() throws -> Int {
    try NewsroomArchive(path).head().checkpoint.version
  }
}

func draft(_ title: String, _ body: String = "Un texte.", id: String? = nil) -> Draft {
  var draft = Draft(file: "f", title: title, section: "nord-actu", body: body)
  if let id { draft.names = ["id:\(id)"] }
  return draft
}

/// The error of `work`, which must be a newsroom's.
func failure<R>(_ work: () throws -> R) -> NewsroomError? {
  do {
    _ = try work()
    return nil
  } catch { return error as? NewsroomError }
}
