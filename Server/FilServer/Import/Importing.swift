internal import Database
internal import FilProtocol
internal import Files
internal import Text

extension Newsroom {
  /// Holds the newsroom's imports, for as long as the value lives; another one is busy meanwhile.
  static func holdImport(_ path: String) throws(ImportError) -> FileLock {
    guard Newsroom.exists(path) else { throw .newsroom(.noNewsroom(path)) }
    do throws(FileError) {
      if let lock = try FileLock.tryLock(Store.importLock(path)) { return lock }
    } catch { throw .newsroom(.file(error)) }
    throw .newsroom(.busy(holder: "another import"))
  }

  /// Puts what a look at a site brought into the feed, in one batch.
  ///
  /// A post that gives the same draft as last time is nothing, also where its article was mended
  /// here since. `address` is what the operator calls the site.
  func take(
    _ news: SiteNews, address: String, authors: [String: String], section: String?,
    into report: inout ImportReport
  ) throws(NewsroomError) {
    try settle()
    let start = report
    report = try append { (batch) throws(NewsroomError) in
      var desk = ImportDesk(
        ledger: ImportLedger(db: batch.db, site: news.site), news: news, report: start)
      try desk.takeSections(&batch)
      let mapping = PostMapping(
        sections: try desk.sections(batch), authors: authors, fallback: section)
      for post in news.posts { try desk.take(post, mapping, &batch) }
      for post in news.withdrawn { try desk.withdraw(post, &batch) }
      if let memory = news.memory { try batch.db.set(memory, of: address) }
      return desk.report
    }
  }
}

/// One import while it is put into a batch.
struct ImportDesk {
  /// Why an article is gone, for readers.
  static let reason = "L'article a été retiré du site de la rédaction."

  let ledger: ImportLedger
  let news: SiteNews
  var report: ImportReport

  mutating func takeSections(_ batch: inout Batch) throws(NewsroomError) {
    try ledger.set(tags: news.tags)
    guard let categories = news.categories else { return }
    let before = try ledger.sections()
    var sections = SiteSections(batch.masthead, before)
    sections.take(categories)
    if sections.masthead != batch.masthead {
      do throws(NewsroomError) {
        try batch.append(.masthead(sections.masthead), number: 0)
      } catch {
        // Too many sections must not keep the news away: all of them stay as they were.
        guard case .input(let problem) = error else { throw error }
        report.entries.append(
          ImportReport.Entry(ImportReport.Entry.sections, 0, .refused, problem.message))
        return
      }
      report.changesMasthead = true
    }
    for (category, row) in sections.rows where before[category] != row {
      try ledger.set(category, row)
    }
  }

  func sections(_ batch: Batch) throws(NewsroomError) -> SiteSections {
    SiteSections(batch.masthead, try ledger.sections())
  }

  mutating func take(
    _ post: SitePost, _ mapping: PostMapping, _ batch: inout Batch
  ) throws(NewsroomError) {
    var post = post
    post.id = try ledger.name(of: post)
    let row = try ledger[post.id]
    guard post.isOpen else {
      try withdraw(post.id, &batch)
      return
    }
    if let published = post.published, published > batch.time {
      // The site's clock is before ours: what it shows already waits for our time.
      report.entries.append(ImportReport.Entry(post.id, row?.number, .held))
      return
    }
    do throws(NewsroomError) {
      let mapped: PostMapping.Mapped
      do { mapped = try mapping.map(post, site: news.site) } catch { throw .input(error) }
      try mapped.draft.check(masthead: batch.masthead, now: batch.time)
      try take(post, mapped, row, &batch)
    } catch {
      guard case .input(let problem) = error else { throw error }
      try refuse(post, row, problem.message)
    }
  }

  /// What cannot be taken leaves the article as it was, and is asked for again at the next look.
  private mutating func refuse(
    _ post: SitePost, _ row: ImportLedger.Row?, _ why: String
  ) throws(NewsroomError) {
    var new = row ?? ImportLedger.Row(state: .refused, number: nil)
    new.modified = post.modified ?? 0
    new.guid = post.guid
    new.published = post.published ?? 0
    new.isSticky = post.isSticky
    new.hash = []
    try ledger.set(post.id, new)
    report.entries.append(ImportReport.Entry(post.id, row?.number, .refused, why))
  }

  private mutating func take(
    _ post: SitePost, _ mapped: PostMapping.Mapped, _ row: ImportLedger.Row?,
    _ batch: inout Batch
  ) throws(NewsroomError) {
    var new = ImportLedger.Row(state: .published, number: row?.number)
    new.modified = post.modified ?? row?.modified ?? 0
    new.guid = post.guid.isEmpty ? row?.guid ?? "" : post.guid
    new.isSticky = post.isSticky ?? row?.isSticky
    new.hash = mapped.draft.fingerprint
    new.images = " " + mapped.images.map { "\($0) " }.joined()
    if let number = row?.number, let current = try batch.current(number) {
      new.published = post.published ?? current.published ?? 0
      try correct(number, current, post, mapped.draft, row, &new, &batch)
    } else {
      try batch.store(mapped.draft.body)
      let headline = mapped.draft.headline(published: batch.time)
      let number = try batch.append(.headline(headline))
      new.number = number
      new.published = headline.published
      report.entries.append(ImportReport.Entry(post.id, number, .published))
    }
    try ledger.set(post.id, new)
  }

  private mutating func correct(
    _ number: Int, _ current: Record, _ post: SitePost, _ draft: Draft, _ row: ImportLedger.Row?,
    _ new: inout ImportLedger.Row, _ batch: inout Batch
  ) throws(NewsroomError) {
    switch current.content {
    case .headline(let old):
      var draft = draft
      if post.isSticky == nil, old.flags.contains(.une) { draft.flags.insert(.une) }
      guard row?.hash != new.hash, !draft.says(old) else {
        report.unchanged += 1
        return
      }
      if let why = ImportDesk.loss(post, draft, of: old) {
        throw .input(InputError(draft.file, nil, why))
      }
      var headline = draft.headline(published: old.published)
      headline.erased = old.erased
      headline.updated = old.updated
      // Another section, tag or place on the front page is no correction of the text.
      if !headline.reads(like: old) {
        headline.updated = min(batch.time, max(post.modified ?? batch.time, old.published))
      }
      try batch.store(draft.body)
      try batch.append(.headline(headline), number: number)
      report.entries.append(ImportReport.Entry(post.id, number, .corrected))
    case .retraction(let old):
      guard row?.state == .withdrawn, current.isRetractedByImport else {
        // What a person decided stays, and is told once for each change of the site.
        new.state = .refused
        if row?.hash == new.hash {
          report.unchanged += 1
        } else {
          report.entries.append(
            ImportReport.Entry(
              post.id, number, .refused,
              "article \(number) was retracted here; `fil-server correct` brings it back"))
        }
        return
      }
      var headline = draft.headline(published: old.published)
      headline.erased = old.erased
      headline.updated = batch.time
      try batch.store(draft.body)
      try batch.append(.headline(headline), number: number)
      report.entries.append(ImportReport.Entry(post.id, number, .published))
    case .masthead, .unreadable:
      throw .damaged("article \(number) was written by a newer fil-server")
    }
  }

  /// Why a correction would only lose what readers have; nil: it would not.
  private static func loss(_ post: SitePost, _ draft: Draft, of old: Headline) -> String? {
    if post.isExcerpt, draft.body.utf8.count < old.length {
      return "the feed has excerpts only, and the article is longer; import the site by wordpress"
    }
    if draft.body.isEmpty, old.length > 0 {
      return "its text is empty, and was not; if that is meant, retract the article"
    }
    return nil
  }

  /// Retracts the article of a post, unless a person has done so already.
  mutating func withdraw(_ post: String, _ batch: inout Batch) throws(NewsroomError) {
    guard var row = try ledger[post], row.state != .withdrawn, let number = row.number,
      let current = try batch.current(number), case .headline(let old) = current.content
    else { return }
    row.state = .withdrawn
    row.hash = []
    try batch.append(
      .retraction(
        Retraction(
          published: old.published, time: batch.time, reason: ImportDesk.reason, erased: old.erased)
      ), number: number)
    report.entries.append(ImportReport.Entry(post, number, .withdrawn))
    try ledger.set(post, row)
  }
}

extension Record {
  /// Whether it is a retraction as an import makes it; a person gives another reason, or erases.
  fileprivate var isRetractedByImport: Bool {
    guard case .retraction(let retraction) = content else { return false }
    return retraction.reason == ImportDesk.reason && retraction.erased != version
  }

  /// When the article was published; nil for a masthead.
  var published: Int? {
    switch content {
    case .headline(let headline): headline.published
    case .retraction(let retraction): retraction.published
    case .masthead, .unreadable: nil
    }
  }
}

extension Headline {
  /// Whether a reader finds the same words in it as in `old`.
  fileprivate func reads(like old: Headline) -> Bool {
    title == old.title && summary == old.summary && body == old.body && length == old.length
      && author == old.author && language == old.language
  }
}

extension Draft {
  /// 16 bytes that are the same for the same article.
  var fingerprint: [UInt8] {
    let parts =
      [
        title, summary, section, author, language, "\(flags.rawValue)",
        published.map(String.init) ?? "",
      ]
      + tags + [body]
    return BodyHash(of: Array(parts.joined(separator: "\u{0}").utf8)).bytes
  }
}
