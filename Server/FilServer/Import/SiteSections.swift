internal import FilProtocol
internal import Text

/// How a site's categories are the sections of a feed.
///
/// A section keeps the slug it was given at first, whatever its category is called later; its title
/// and its parent are the site's at each look. Sections of no category stay as an operator put them.
/// « À la Une » is no section: what is in it gets the flag.
struct SiteSections {
  private(set) var masthead: Masthead
  private(set) var rows: [Int: ImportLedger.SectionRow]

  init(_ masthead: Masthead, _ rows: [Int: ImportLedger.SectionRow]) {
    self.masthead = masthead
    self.rows = rows
  }

  /// Takes in all categories of a site: adds those that are new, renames, and moves.
  mutating func take(_ categories: [SiteCategory]) {
    let byID = Dictionary(categories.map { ($0.id, $0) }) { first, _ in first }
    // Parents first; what is in a circle has no parent.
    for category in categories.sorted(by: { ($0.parent, $0.id) < ($1.parent, $1.id) }) {
      take(category, byID, above: [])
    }
  }

  private mutating func take(
    _ category: SiteCategory, _ all: [Int: SiteCategory], above: Set<Int>
  ) {
    guard !above.contains(category.id), above.count < 16 else { return }
    var parent = ""
    if let upper = all[category.parent] {
      // New, or removed from the masthead by a person.
      if !isPlaced(upper) { take(upper, all, above: above.union([category.id])) }
      if isPlaced(upper), let row = rows[upper.id] { parent = row.slug }
    }
    let isUne = SiteSections.isUne(category.name)
    let known = rows[category.id].flatMap { $0.slug.isEmpty ? nil : $0.slug }
    let slug = isUne ? "" : known ?? freeSlug(category)
    rows[category.id] = ImportLedger.SectionRow(slug: slug, name: category.name, isUne: isUne)
    if !isUne { place(slug, title: category.name, parent: parent) }
  }

  /// Whether the category is a section of the masthead by now.
  private func isPlaced(_ category: SiteCategory) -> Bool {
    guard let row = rows[category.id] else { return false }
    return masthead.sections.contains { $0.slug == row.slug }
  }

  static func isUne(_ name: String) -> Bool {
    ["a-la-une", "la-une", "une"].contains(Slug.make(name))
  }

  /// A slug for a new section: that of the category, which the masthead may have already.
  private func freeSlug(_ category: SiteCategory) -> String {
    let made = [category.slug.contains("%") ? "" : category.slug, category.name].map {
      Slug.make($0, limit: Limits.slugBytes)
    }
    let slug = made.first { Selection.isSlug($0) } ?? "section-\(category.id)"
    let isTaken = rows.contains { $0.key != category.id && $0.value.slug == slug }
    return isTaken ? "\(String(slug.prefix(40)))-\(category.id)" : slug
  }

  /// Puts a section into the masthead, after its parent and that one's sections.
  private mutating func place(_ slug: String, title: String, parent: String) {
    let title = title.isEmpty ? slug : SiteSections.title(title)
    let section = Masthead.Section(slug: slug, title: title, parent: parent)
    if let index = masthead.sections.firstIndex(where: { $0.slug == slug }) {
      let parentIndex = masthead.sections.firstIndex { $0.slug == parent } ?? -1
      guard masthead.sections[index] != section else { return }
      if parentIndex < index {
        masthead.sections[index] = section
        return
      }
      // Below itself it cannot stand.
      guard !masthead.subtree(of: slug).contains(parent) else {
        masthead.sections[index].title = title
        return
      }
      let moved = Set(masthead.subtree(of: slug))
      let family = masthead.sections.filter { moved.contains($0.slug) }
      masthead.sections.removeAll { moved.contains($0.slug) }
      insert(family.map { $0.slug == slug ? section : $0 }, below: parent)
      return
    }
    insert([section], below: parent)
  }

  /// The name of a category, cut after a word where it is longer than a section's title may be.
  private static func title(_ name: String) -> String {
    guard name.utf8.count > Limits.tagBytes else { return name }
    var cut = name[...]
    while cut.utf8.count > Limits.tagBytes - "…".utf8.count { cut.removeLast() }
    return cut[..<(cut.lastIndex(of: " ") ?? cut.endIndex)] + "…"
  }

  private mutating func insert(_ sections: [Masthead.Section], below parent: String) {
    let family = parent.isEmpty ? [] : Set(masthead.subtree(of: parent))
    let last = masthead.sections.lastIndex { family.contains($0.slug) }
    masthead.sections.insert(
      contentsOf: sections, at: last.map { $0 + 1 } ?? masthead.sections.endIndex)
  }

  /// Where a post stands: its section, whether it is on the front page, and the other names as tags.
  func filing(
    _ post: SitePost, fallback: String?
  ) -> (section: String?, isUne: Bool, tags: [String]) {
    var found: [(slug: String, name: String)] = []
    var isUne = false
    var others: [String] = []
    switch post.sections {
    case .categories(let numbers):
      for number in numbers.sorted() {
        guard let row = rows[number] else { continue }
        if row.isUne { isUne = true } else { found.append((row.slug, row.name)) }
      }
    case .named(let names):
      for name in names {
        let slug = Slug.make(name, limit: Limits.slugBytes)
        if SiteSections.isUne(name) {
          isUne = true
        } else if let section = masthead.sections.first(where: {
          $0.title == SiteSections.title(name) || $0.slug == slug
        }) {
          found.append((section.slug, section.title))
        } else {
          others.append(name)
        }
      }
    }
    // The most particular one; of two alike the first.
    let best = found.enumerated().max { one, other in
      let depths = (depth(one.element.slug), depth(other.element.slug))
      return depths.0 == depths.1 ? one.offset > other.offset : depths.0 < depths.1
    }
    guard let best else { return (fallback, isUne, others) }
    let lineage = Set(ancestors(best.element.slug))
    let more = found.filter { !lineage.contains($0.slug) }.map(\.name)
    return (best.element.slug, isUne, more + others)
  }

  private func depth(_ slug: String) -> Int { ancestors(slug).count }

  /// `slug` and what it stands below.
  private func ancestors(_ slug: String) -> [String] {
    var chain = [slug]
    while let section = masthead.sections.first(where: { $0.slug == chain[chain.count - 1] }),
      !section.parent.isEmpty, chain.count < 16
    {
      chain.append(section.parent)
    }
    return chain
  }
}
