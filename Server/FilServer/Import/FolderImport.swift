internal import FilProtocol
internal import Files

/// Publishes the Markdown files that are dropped in a folder.
///
/// A file is an article, known again by its `id` or `slug`, or else by its name. One that is changed
/// corrects its article; one that is removed withdraws nothing.
public struct FolderImport: Sendable {
  public let folder: String

  public init(_ folder: String) { self.folder = folder }

  /// Looks at the folder once; files of which the name begins with a dot are left alone.
  public func run(
    _ path: String, surroundings: Surroundings = Surroundings()
  ) throws(ImportError) -> ImportReport {
    var files: [Submission] = []
    do throws(FileError) {
      for entry in try Files.list(folder)
      where !entry.isDirectory && entry.name.hasSuffix(".md") && !entry.name.hasPrefix(".") {
        files.append(Submission(entry.name, draft(entry.name)))
      }
    } catch { throw .input(InputError(folder, nil, "\(error)")) }
    var report = ImportReport(place: folder)
    guard !files.isEmpty else { return report }
    do throws(NewsroomError) {
      let newsroom = try Newsroom(path, surroundings: surroundings, purpose: "an import")
      for reception in try newsroom.publish(files) { report.add(reception) }
    } catch { throw .newsroom(error) }
    return report
  }

  private func draft(_ name: String) -> Result<[Draft], InputError> {
    do throws(InputError) {
      var draft = try ArticleFile.read("\(folder)/\(name)")
      if draft.names.isEmpty { draft.names = ["file:\(name)"] }
      return .success([draft])
    } catch { return .failure(error) }
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
