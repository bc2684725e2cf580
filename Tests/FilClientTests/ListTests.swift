import FilClient
import FilProtocol
import TestSupport
import Testing

@Suite struct ListTests {
  private static let masthead = Masthead(
    name: "Essai",
    sections: [
      Masthead.Section(slug: "un", title: "Un"), Masthead.Section(slug: "deux", title: "Deux"),
      Masthead.Section(slug: "trois", title: "Trois", parent: "deux"),
    ])

  /// A replica of articles whose sections, tags, flags and times are mixed by `seed`.
  private func withArticles(
    _ count: Int, seed: UInt64, _ body: (Replica, [Headline]) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let feed = MemoryFeed()
      try feed.append(.masthead(ListTests.masthead), number: 0)
      var random = SplitMix64(seed: seed)
      var headlines: [Headline] = []
      for number in 1...count {
        let text = Array("texte \(number)".utf8)
        let headline = Headline(
          published: 1_790_000_000 + Int(random.next() % 20) * 40_000, title: "Titre \(number)",
          section: ["un", "deux", "trois"][Int(random.next() % 3)],
          tags: random.next() % 3 == 0 ? ["mot"] : [], flags: random.next() % 4 == 0 ? .une : [],
          body: BodyHash(of: text), length: text.count)
        try feed.append(.headline(headline), number: number, body: text)
        headlines.append(headline)
      }
      try feed.sign(time: 1_800_000_000)
      let replica = try Replica(path: "\(folder)/r.db", key: feed.key.verifier)
      _ = try replica.sync(from: try ServiceSource(feed, cache: "\(folder)/c"), .still)
      try body(replica, headlines)
    }
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `lists are what they say, in order, on any page`(seed: UInt64) throws {
    try withArticles(60, seed: seed) { replica, headlines in
      let all = headlines.enumerated().map { (number: $0 + 1, headline: $1) }
        .sorted { ($0.headline.published, $0.number) > ($1.headline.published, $1.number) }
      func expect(
        _ expected: [Int], _ change: (inout Replica.Filter) -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
      ) throws {
        var filter = Replica.Filter()
        filter.limit = 1_000
        change(&filter)
        let numbers = try replica.articles(filter).map(\.number)
        #expect(numbers == expected, sourceLocation: sourceLocation)
      }
      let below = all.filter { $0.headline.section != "un" }.map(\.number)
      let range = 1_790_000_000 + 86_400..<1_790_000_000 + 400_000
      let place = all[20]
      try expect(all.map(\.number)) { _ in }
      try expect(below) { $0.section = "deux" }
      try expect(all.filter { $0.headline.flags == .une }.map(\.number)) { $0.une = true }
      try expect(all.filter { $0.headline.tags == ["mot"] }.map(\.number).sorted(by: >)) {
        $0.tag = "mot"
      }
      try expect(all.filter { range.contains($0.headline.published) }.map(\.number)) {
        $0.published = range
      }
      try expect(Array(below.dropFirst(3).prefix(5))) {
        ($0.section, $0.offset, $0.limit) = ("deux", 3, 5)
      }
      try expect(all.dropFirst(21).map(\.number)) {
        $0.before = Replica.Place(published: place.headline.published, number: place.number)
      }
      var wrong = Replica.Filter()
      wrong.section = "quatre"
      #expect(throws: FilError.notFound("section quatre")) { try replica.articles(wrong) }
    }
  }

  @Test func `days are counted and gaps are passed over`() throws {
    try withArticles(60, seed: 9) { replica, headlines in
      let days = try replica.days(in: 1_790_000_000..<1_790_900_000)
      let expected = Dictionary(grouping: headlines) { $0.published / 86_400 }
      #expect(days.map(\.start) == expected.keys.sorted(by: >).map { $0 * 86_400 })
      #expect(days.map(\.articles) == expected.keys.sorted(by: >).map { expected[$0]?.count })
      let newest = headlines.map(\.published).max()
      #expect(try replica.published() == newest)
      #expect(
        try replica.published(before: newest ?? 0)
          == headlines.map(\.published).filter { $0 < newest ?? 0 }.max())
      #expect(try replica.published(before: 1_790_000_000) == nil)
    }
  }

  @Test func `no list looks at everything that is held`() throws {
    try withArticles(3, seed: 1) { replica, _ in
      func plan(
        _ sections: [String] = [], _ change: (inout Replica.Filter) -> Void
      ) throws -> String {
        var filter = Replica.Filter()
        change(&filter)
        return try replica.plan(filter, sections: sections).joined(separator: "\n")
      }
      let place = Replica.Place(published: 1, number: 1)
      let all = try plan { _ in }
      #expect(all == "SCAN article USING INDEX article_by_time")
      let older = try plan { $0.before = place }
      #expect(older.hasPrefix("SEARCH article USING INDEX article_by_time"))
      let days = try plan { $0.published = 0..<9 }
      #expect(days.hasPrefix("SEARCH article USING INDEX article_by_time"))
      let une = try plan { $0.une = true }
      #expect(une == "SCAN article USING INDEX article_une")
      let tag = try plan { $0.tag = "mot" }
      #expect(tag.hasPrefix("SEARCH tag USING PRIMARY KEY (tag=?"))
      #expect(tag.contains("SEARCH article USING INTEGER PRIMARY KEY") && !tag.contains("TEMP"))
      let section = try plan(["un", "deux"]) { $0.before = place }
      let searches = section.split(
        separator: "SEARCH article USING INDEX article_by_section (section=?")
      #expect(searches.count == 3 && !section.contains("SCAN article"), "\(section)")
    }
  }

  @Test func `of a long search the first twelve different words count`() throws {
    try withTemporaryFolder { folder in
      let feed = MemoryFeed()
      try feed.append(.masthead(ListTests.masthead), number: 0)
      let words = (1...12).map { "mot\($0)" }.joined(separator: " ")
      let text = Array(words.utf8)
      try feed.append(
        .headline(
          Headline(
            published: 1, title: "Titre", section: "un", body: BodyHash(of: text),
            length: text.count)), number: 1, body: text)
      try feed.sign(time: 1_800_000_000)
      let replica = try Replica(path: "\(folder)/r.db", key: feed.key.verifier)
      _ = try replica.sync(from: try ServiceSource(feed, cache: "\(folder)/c"), .still)
      #expect(try replica.searchCount("mot1 absent") == 0)
      #expect(try replica.searchCount("\(words) MOT1 absent") == 1)
      #expect(try replica.searchCount("mot1 mot1 MOT1 \(words) absent") == 1)
    }
  }

  @Test func `a status counts anew when the file was changed, here or elsewhere`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(6)
      let replica = try Replica(path: "\(folder)/r.db", key: feed.key.verifier)
      #expect(try replica.status().articles == 0)
      _ = try replica.sync(
        from: try ServiceSource(feed, cache: "\(folder)/c"), .still(SectionChoice.none))
      try replica.want(2)
      let first = try replica.status()
      #expect((first.articles, first.bodies, first.openWishes) == (6, 0, 1))
      #expect(first.missingBodies == 0)
      try tamper(replica.path, "UPDATE replica SET sections = 'all'")
      #expect(try replica.status().missingBodies == 6)
      try tamper(replica.path, "DELETE FROM article WHERE number = 6")
      #expect(try replica.status().articles == 5 && replica.status().missingBodies == 5)
    }
  }

  @Test func `a search ranks and counts, and a title outweighs a text`() throws {
    try withTemporaryFolder { folder in
      let feed = MemoryFeed()
      try feed.append(.masthead(ListTests.masthead), number: 0)
      for number in 1...6 {
        let text = Array((number < 5 ? "la sécurité" : "rien").utf8)
        try feed.append(
          .headline(
            Headline(
              published: number, title: number == 2 ? "Sécurité" : "Titre", section: "un",
              body: BodyHash(of: text), length: text.count)), number: number, body: text)
      }
      try feed.sign(time: 1_800_000_000)
      let replica = try Replica(path: "\(folder)/r.db", key: feed.key.verifier)
      _ = try replica.sync(from: try ServiceSource(feed, cache: "\(folder)/c"), .still)
      #expect(try replica.search("SECURITE").map(\.article.number) == [2, 4, 3, 1])
      #expect(try replica.search("securite", limit: 2, offset: 1).map(\.article.number) == [4, 3])
      #expect(try replica.searchCount("securite") == 4 && replica.searchCount("\"") == 0)
      let hit = try #require(try replica.search("securite").first)
      #expect(hit.title.map(\.text) == ["Sécurité"] && hit.title.map(\.isMatch) == [true])
      #expect(try replica.freshness().signed == 1_800_000_000)
      #expect(try replica.related(to: 2).map(\.number) == [6, 5, 4, 3, 1])
    }
  }
}
