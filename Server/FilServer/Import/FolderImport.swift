internal import FilProtocol
internal import Files
internal import Synchronization

/// Publishes the Markdown files that are dropped in a folder.
///
/// A file is an article, known again by its `id` or `slug`, or else by its name. One that is changed
/// corrects its article; one that is removed withdraws nothing.
public final class FolderImport: Sendable {
  public let folder: String
  private let isWatching: Bool
  private let memory = Mutex(Memory())

  /// One that is watching takes each file once it is whole, and again only when it has changed.
  public init(_ folder: String, isWatching: Bool = false) {
    self.folder = folder
    self.isWatching = isWatching
  }

  /// Looks at the folder once; files of which the name begins with a dot are left alone.
  public func run(
    _ path: String, surroundings: Surroundings = Surroundings()
  ) throws(ImportError) -> ImportReport {
    let now = surroundings.now()
    let found = try entries()
    let due = isWatching ? memory.withLock { $0.due(found, now: now) } : found
    var report = ImportReport(place: folder)
    guard !due.isEmpty else { return report }
    let lock = try Newsroom.holdImport(path)
    defer { extendLifetime(lock) }
    let files = due.map { Submission($0.name, draft($0.name)) }
    do throws(NewsroomError) {
      let newsroom = try Newsroom(path, surroundings: surroundings, purpose: "an import")
      for reception in try newsroom.publish(files) { report.add(reception) }
    } catch { throw .newsroom(error) }
    let refused = report.entries.filter { $0.action == .refused }.map(\.post)
    memory.withLock { $0.note(due, refused: refused, now: now) }
    return report
  }

  private func entries() throws(ImportError) -> [Files.Entry] {
    do throws(FileError) {
      return try Files.list(folder).filter {
        !$0.isDirectory && $0.name.hasSuffix(".md") && !$0.name.hasPrefix(".")
      }
    } catch { throw .input(InputError(folder, nil, "\(error)")) }
  }

  private func draft(_ name: String) -> Result<[Draft], InputError> {
    do throws(InputError) {
      var draft = try ArticleFile.read("\(folder)/\(name)")
      if draft.names.isEmpty { draft.names = ["file:\(name)"] }
      return .success([draft])
    } catch { return .failure(error) }
  }
}

/// What a watched folder had at the last look.
private struct Memory {
  /// Seconds without a change after which a file is taken for whole.
  private static let settling = 3
  /// Seconds after which what was refused is tried again: a section that was missing may be there.
  private static let retryAfter = 60

  private var seen: [String: Files.Entry] = [:]
  private var taken: [String: Files.Entry] = [:]
  private var refused: [String] = []
  private var retry = Int.max

  /// Those that are whole and were not taken as they are now.
  mutating func due(_ found: [Files.Entry], now: Int) -> [Files.Entry] {
    if now >= retry {
      for name in refused { taken[name] = nil }
      retry = .max
    }
    let before = seen
    seen = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
    return found.filter { entry in
      let isWhole = before[entry.name] == entry || abs(now - entry.modified) >= Memory.settling
      return isWhole && taken[entry.name] != entry
    }
  }

  mutating func note(_ files: [Files.Entry], refused: [String], now: Int) {
    for file in files { taken[file.name] = file }
    guard !refused.isEmpty else { return }
    self.refused = refused
    retry = now + Memory.retryAfter
  }
}

extension ImportReport {
  fileprivate mutating func add(_ reception: Reception) {
    switch reception.outcome {
    case .failure(let error):
      entries.append(Entry(reception.file, nil, .refused, error.description))
    case .success(let outcomes):
      for outcome in outcomes {
        switch outcome.action {
        case .published: entries.append(Entry(reception.file, outcome.number, .published))
        case .corrected: entries.append(Entry(reception.file, outcome.number, .corrected))
        case .held: entries.append(Entry(reception.file, nil, .held))
        case .retracted, .unchanged: unchanged += 1
        }
      }
    }
  }
}
