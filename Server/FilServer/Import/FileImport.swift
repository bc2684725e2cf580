internal import FilProtocol
internal import Files

/// Imports what a feed shows, or what a WordPress export holds.
///
/// Neither can say what was withdrawn: only the REST API can.
public struct FileImport: Sendable {
  public enum Kind: Sendable {
    /// RSS or Atom.
    case feed
    /// A WordPress export.
    case export
  }

  public let kind: Kind
  /// A path; for a feed also a URL.
  public let place: String
  /// By the name of the author in the file, what readers are shown.
  public var authors: [String: String] = [:]
  /// The section of what has none.
  public var section: String?

  public init(_ kind: Kind, _ place: String) {
    self.kind = kind
    self.place = place
  }

  /// Bytes of an export that is read.
  private static let bytesLimit = 1 << 30

  /// Reads the place once and puts what is new into the newsroom in the folder `path`.
  public func run(
    _ path: String, _ fetcher: any SiteFetcher, surroundings: Surroundings = Surroundings()
  ) throws(ImportError) -> ImportReport {
    let lock = try Newsroom.holdImport(path)
    defer { extendLifetime(lock) }
    let patient = PatientFetcher(fetcher, surroundings)
    let bytes = try bytes(patient)
    var news: SiteNews
    do throws(InputError) {
      switch kind {
      case .feed:
        let (posts, link) = try FeedReader.read(shownPlace, bytes)
        let address = link.isEmpty && isURL ? place : link
        news = SiteNews(site: SiteAddress.key(address), posts: posts.reversed())
      case .export: news = try ExportReader.read(place, bytes)
      }
    } catch { throw .input(error) }
    guard !news.site.isEmpty else {
      throw .input(InputError(shownPlace, nil, "does not say which site it is of; it has no link"))
    }
    var report = ImportReport(place: shownPlace)
    do throws(NewsroomError) {
      let newsroom = try Newsroom(path, surroundings: surroundings, purpose: "an import")
      try newsroom.take(
        news, address: news.site, authors: authors, section: section, into: &report)
    } catch { throw .newsroom(error) }
    report.requests = patient.requests
    report.bytes = patient.bytes
    return report
  }

  private var isURL: Bool {
    ["http://", "https://"].contains { place.lowercased().hasPrefix($0) }
  }

  /// Without what follows the `?` of an address: it may be a secret.
  private var shownPlace: String { isURL ? WebFetcher.place(place) : place }

  private func bytes(_ fetcher: PatientFetcher) throws(ImportError) -> [UInt8] {
    guard isURL, kind == .feed else {
      do { return try ArticleFile.bytes(place, atMost: FileImport.bytesLimit) } catch {
        throw .input(error)
      }
    }
    let answer = try fetcher.get(place)
    guard answer.status == 200 else {
      throw .strange(place: shownPlace, why: "it answers with status \(answer.status)")
    }
    return answer.body
  }
}
