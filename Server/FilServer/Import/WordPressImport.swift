internal import Database
internal import FilProtocol

/// Follows a WordPress site by its REST API.
///
/// A look asks for what was modified since the last one, for the newest articles in short, and for
/// the categories: three requests where nothing is new. At most once an hour all numbers, tags and
/// pictures are compared too. Trust: the site says what is published, corrected and withdrawn; a
/// site that is broken, empty or behind a login changes nothing.
public struct WordPressImport: Sendable {
  /// Seconds after which all numbers are compared again.
  public static let reconcileEvery = 3_600
  /// Seconds that looks overlap: an article may be saved twice within one, or by a server that lags.
  static let overlap = 60

  public let url: String
  /// Every article is read again, whatever is known of it.
  public var isFull = false
  /// More articles may be withdrawn at once than a mistake would be let withdraw.
  public var acceptsWithdrawals = false
  /// By the author's number, what readers are shown.
  public var authors: [String: String] = [:]
  /// The section of what has none.
  public var section: String?

  public init(_ url: String) { self.url = url }

  /// The same for the looks that follow: what a person allowed or wanted holds for one.
  public var next: WordPressImport {
    var next = self
    (next.isFull, next.acceptsWithdrawals) = (false, false)
    return next
  }

  /// Looks at the site once and puts what is new into the newsroom in the folder `path`.
  ///
  /// One import runs at a time: what a slow one saw must not undo what a faster one did meanwhile.
  ///
  /// - Throws: ``ImportError``; nothing has then changed.
  public func run(
    _ path: String, _ fetcher: any SiteFetcher, surroundings: Surroundings = Surroundings()
  ) throws(ImportError) -> ImportReport {
    guard ["http://", "https://"].contains(where: url.lowercased().hasPrefix) else {
      throw .strange(
        place: WebFetcher.place(url), why: "this is no address of a site; write https://…")
    }
    let lock = try Newsroom.holdImport(path)
    defer { extendLifetime(lock) }
    let patient = PatientFetcher(fetcher, surroundings)
    let address = SiteAddress.key(url)
    let known = try Known(path, address, surroundings)
    var look = WordPressLook(self, known, patient, now: surroundings.now())
    let news = try look.run()
    var report = ImportReport(place: WebFetcher.place(url))
    report.entries = look.asked
    report.isFull = look.comparesAll
    do throws(NewsroomError) {
      let newsroom = try Newsroom(path, surroundings: surroundings, purpose: "an import")
      try newsroom.take(
        news, address: address, authors: authors, section: section, into: &report)
    } catch { throw .newsroom(error) }
    report.requests = patient.requests
    report.bytes = patient.bytes
    return report
  }
}

/// What is known of a site before a look.
struct Known {
  var memory: SiteMemory?
  var rows: [String: ImportLedger.Row] = [:]
  var sections: [Int: ImportLedger.SectionRow] = [:]
  var tags: [Int: String] = [:]
  /// Numbers of its articles that readers of the feed can see.
  private var shown: Set<Int> = []

  init(_ path: String, _ address: String, _ surroundings: Surroundings) throws(ImportError) {
    do throws(NewsroomError) {
      let newsroom = try Newsroom(path, surroundings: surroundings, purpose: "an import")
      memory = try newsroom.db.siteMemory(address)
      if let memory { try read(ImportLedger(db: newsroom.db, site: memory.site)) }
    } catch { throw .newsroom(error) }
  }

  private mutating func read(_ ledger: ImportLedger) throws(NewsroomError) {
    rows = try ledger.rows()
    sections = try ledger.sections()
    tags = try ledger.tags()
    shown = try ledger.shown()
  }

  /// How many of the site's articles readers of the feed can see.
  var published: Int { shown.count }

  func isShown(_ row: ImportLedger.Row) -> Bool { row.number.map(shown.contains) ?? false }
}
