internal import Text

/// One look at a WordPress site: what to ask, and what follows from the answers.
struct WordPressLook {
  /// So many withdrawals are never too many at once, nor is this part of all articles.
  static let withdrawalsFree = 10
  static let withdrawalsPart = 0.05

  let options: WordPressImport
  var known: Known
  let fetcher: PatientFetcher
  let now: Int
  /// Withdrawals that a person is asked about.
  private(set) var asked: [ImportReport.Entry] = []
  private(set) var comparesAll = false
  private var found: [Int: WordPressPost] = [:]

  init(_ options: WordPressImport, _ known: Known, _ fetcher: PatientFetcher, now: Int) {
    self.options = options
    self.known = known
    self.fetcher = fetcher
    self.now = now
  }

  mutating func run() throws(ImportError) -> SiteNews {
    let last = known.memory
    comparesAll =
      last.map { now - $0.reconciled >= WordPressImport.reconcileEvery || now < $0.reconciled }
      ?? true
    comparesAll = comparesAll || options.isFull || options.acceptsWithdrawals
    let (site, key, listed) = try findAndList()
    let categories = try categories(site)
    var tags: [Int: String] = [:]
    var wanted = wanted(listed.posts)
    if comparesAll {
      tags = try allTags(site)
      if let last { wanted.formUnion(try postsOfChangedPictures(site, since: last.reconciled)) }
    }
    try readAgain(site, categories, tags)
    wanted.subtract(found.keys)
    for post in try site.posts(wanted.sorted()) { found[post.id] = post }
    try addUnknownTags(site, &tags)
    let gone = try gone(site, listed)
    let names = known.tags.merging(tags) { _, new in new }
    let modified = (found.values.map(\.modified) + listed.posts.map(\.modified)).max() ?? 0
    var news = SiteNews(site: key, categories: categories, tags: tags)
    news.posts = found.values.filter(\.isVisible)
      .sorted { ($0.published ?? 0, $0.id) < ($1.published ?? 0, $1.id) }.map { $0.post(names) }
    news.withdrawn = gone
    news.memory = SiteMemory(
      // A date that was set to the future by mistake would hide all changes until then.
      site: key, root: site.root, modified: min(max(modified, last?.modified ?? 0), now),
      reconciled: comparesAll ? now : last?.reconciled ?? now)
    return news
  }

  private func find() throws(ImportError) -> (WordPressSite, String) {
    guard let memory = known.memory else { return try WordPressSite.find(options.url, fetcher) }
    // The scheme may have changed since, and with it where the API is.
    guard memory.root.hasPrefix(options.url.prefix { $0 != ":" } + ":") else {
      return (try WordPressSite.find(options.url, fetcher).site, memory.site)
    }
    return (WordPressSite(fetcher: fetcher, root: memory.root), memory.site)
  }

  /// The site, and what it lists; where its API is gone from its place, it is looked for anew.
  private mutating func findAndList() throws(ImportError) -> (WordPressSite, String, Listed) {
    let (site, key) = try find()
    do throws(ImportError) { return (site, key, try list(site)) } catch {
      // With other permalinks the API has the other address.
      guard case .strange = error, known.memory?.root == site.root,
        let (moved, movedKey) = try? WordPressSite.find(options.url, fetcher), movedKey == key,
        moved.root != site.root
      else { throw error }
      return (moved, key, try list(moved))
    }
  }

  // What is listed

  private mutating func list(_ site: WordPressSite) throws(ImportError) -> Listed {
    guard let last = known.memory, !options.isFull else { return try all(site) }
    return try changed(site, since: last.modified)
  }

  /// Articles in short; `oldest`: all that were published since then are among them.
  private struct Listed {
    var posts: [WordPressPost]
    var oldest: Int
  }

  /// Reads every article, in the order of their numbers, which no edit changes meanwhile.
  private mutating func all(_ site: WordPressSite) throws(ImportError) -> Listed {
    let (posts, _): ([WordPressPost], Bool) = try site.list(
      "wp/v2/posts",
      [("orderby", "id"), ("order", "asc"), ("_fields", WordPressPost.fields)])
    for post in posts { found[post.id] = post }
    return Listed(posts: posts, oldest: 0)
  }

  /// Reads what was modified since, and lists all articles, or the newest, in short.
  private mutating func changed(
    _ site: WordPressSite, since time: Int
  ) throws(ImportError) -> Listed {
    let after = RFC3339.format(max(0, time - WordPressImport.overlap))
    let (posts, _): ([WordPressPost], Bool) = try site.list(
      "wp/v2/posts",
      [
        ("modified_after", after), ("orderby", "modified"), ("order", "asc"),
        ("_fields", WordPressPost.fields),
      ])
    for post in posts { found[post.id] = post }
    let order = comparesAll ? [("orderby", "id"), ("order", "asc")] : []
    let (listed, isAll): ([WordPressPost], Bool) = try site.list(
      "wp/v2/posts", order + [("_fields", WordPressPost.briefFields)],
      pages: comparesAll ? WordPressSite.pageLimit : 1)
    let oldest = isAll ? 0 : listed.compactMap(\.published).min().map { $0 + 1 } ?? .max
    return Listed(posts: listed, oldest: oldest)
  }

  /// The articles of which something is not known yet: a scheduled one keeps its time of
  /// modification when it appears, and what is made sticky keeps it too.
  ///
  /// What was refused is among them, as the reason may be gone: a section that was missing is there.
  private func wanted(_ listed: [WordPressPost]) -> Set<Int> {
    var wanted: Set<Int> = []
    for post in listed where !post.isProtected {
      if let read = found[post.id], read.modified >= post.modified { continue }
      guard let row = known.rows["\(post.id)"], row.state != .withdrawn, !row.hash.isEmpty,
        row.modified == post.modified
      else {
        wanted.insert(post.id)
        continue
      }
      if let sticky = post.sticky, sticky != row.isSticky ?? false { wanted.insert(post.id) }
    }
    return wanted
  }

  // What changes without touching the articles

  private func categories(_ site: WordPressSite) throws(ImportError) -> [SiteCategory] {
    let (terms, _): ([WordPressTerm], Bool) = try site.list(
      "wp/v2/categories", [("_fields", "id,name,slug,parent")])
    return terms.map {
      SiteCategory(
        id: $0.id, name: (try? HTML.text($0.name)) ?? "", slug: $0.slug ?? "",
        parent: $0.parent ?? 0)
    }
  }

  private func allTags(_ site: WordPressSite) throws(ImportError) -> [Int: String] {
    let (terms, _): ([WordPressTerm], Bool) = try site.list(
      "wp/v2/tags", [("_fields", "id,name"), ("orderby", "id"), ("order", "asc")])
    return Dictionary(terms.map { ($0.id, $0.name) }) { first, _ in first }
  }

  private func addUnknownTags(
    _ site: WordPressSite, _ tags: inout [Int: String]
  ) throws(ImportError) {
    let unknown = Set(found.values.flatMap { $0.tags ?? [] })
      .subtracting(known.tags.keys).subtracting(tags.keys).sorted()
    for start in stride(from: 0, to: unknown.count, by: WordPressSite.pageSize) {
      let part = unknown[start..<min(unknown.count, start + WordPressSite.pageSize)]
      let (terms, _): ([WordPressTerm], Bool) = try site.list(
        "wp/v2/tags",
        [("include", part.map(String.init).joined(separator: ",")), ("_fields", "id,name")],
        pages: 1)
      for term in terms { tags[term.id] = term.name }
    }
  }

  /// Reads the articles of categories and tags that were renamed: their names are tags there.
  private mutating func readAgain(
    _ site: WordPressSite, _ categories: [SiteCategory], _ tags: [Int: String]
  ) throws(ImportError) {
    let renamed = categories.filter { category in
      known.sections[category.id].map { $0.name != category.name } ?? false
    }
    let retagged = tags.filter { tag, name in known.tags[tag].map { $0 != name } ?? false }
    for (field, numbers) in [
      ("categories", renamed.map(\.id)), ("tags", retagged.keys.sorted()),
    ] where !numbers.isEmpty {
      let (posts, _): ([WordPressPost], Bool) = try site.list(
        "wp/v2/posts",
        [
          (field, numbers.map(String.init).joined(separator: ",")), ("orderby", "id"),
          ("order", "asc"), ("_fields", WordPressPost.fields),
        ])
      for post in posts { found[post.id] = post }
    }
  }

  /// The articles with a picture whose caption or description may have changed.
  private func postsOfChangedPictures(
    _ site: WordPressSite, since time: Int
  ) throws(ImportError) -> Set<Int> {
    let after = RFC3339.format(max(0, time - WordPressImport.overlap))
    let (pictures, _): ([WordPressMedia], Bool) = try site.list(
      "wp/v2/media", [("modified_after", after), ("_fields", "id,post")])
    let owners = Set(pictures.compactMap(\.post))
    var posts: Set<Int> = []
    for (name, row) in known.rows where row.state == .published {
      guard let number = Int(name) else { continue }
      if owners.contains(number) || pictures.contains(where: { row.images.contains(" \($0.id) ") })
      {
        posts.insert(number)
      }
    }
    return posts
  }

  // What is gone

  /// The posts that readers of the site cannot see any more, each asked for; none where they are so
  /// many that a person is asked.
  private mutating func gone(
    _ site: WordPressSite, _ listed: Listed
  ) throws(ImportError) -> [String] {
    let visible = Set(listed.posts.filter { !$0.isProtected }.map { "\($0.id)" })
    // One that is listed with a password, or was read so, is gone without another question.
    let closed = Set((listed.posts + found.values).filter { !$0.isVisible }.map { "\($0.id)" })
    if listed.posts.isEmpty, known.published > 0, !options.acceptsWithdrawals {
      throw .strange(
        place: WebFetcher.place(options.url),
        why:
          "it shows no articles at all, and \(known.published) are in the feed; if they are to go, "
          + "say --accept-withdrawals")
    }
    let candidates = known.rows.filter { post, row in
      // What is only known by a feed's name for it cannot be asked for.
      guard known.isShown(row), row.state != .withdrawn, let number = Int(post) else {
        return false
      }
      if closed.contains(post) { return true }
      if found[number] != nil { return false }
      return row.published >= listed.oldest && !visible.contains(post)
    }.keys.sorted { (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1) }
    return try confirmed(site, candidates, closed)
  }

  /// Those of the candidates that are gone; none where they are too many.
  private mutating func confirmed(
    _ site: WordPressSite, _ candidates: [String], _ closed: Set<String>
  ) throws(ImportError) -> [String] {
    // A list that left articles out makes nobody count them as gone.
    let shown = Set(try site.visible(candidates.filter { !closed.contains($0) }))
    let candidates = candidates.filter { !shown.contains($0) }
    let limit = max(
      WordPressLook.withdrawalsFree, Int(Double(known.published) * WordPressLook.withdrawalsPart))
    if candidates.count > limit, !options.acceptsWithdrawals {
      asked = candidates.map { ImportReport.Entry($0, known.rows[$0]?.number, .asked) }
      return []
    }
    var gone: [String] = []
    for post in candidates {
      if closed.contains(post) {
        gone.append(post)
      } else if try site.isGone(post) {
        gone.append(post)
      }
    }
    return gone
  }
}
