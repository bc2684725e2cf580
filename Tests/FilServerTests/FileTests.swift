import FilProtocol
import FilServer
import Files
import Glibc
import TestSupport
import Testing

private func article(_ text: String) throws(InputError) -> Draft {
  try ArticleFile.parse("a.md", Array(text.utf8))
}

private func lines(_ text: String) throws(InputError) -> [Draft] {
  try ArticleLines.parse("a.jsonl", Array(text.utf8))
}

@Suite struct `Files of articles` {
  @Test func `front matter and CommonMark make an article`() throws {
    let draft = try article(
      """
      ---
      title: Le fleuve
      section: nord-actu
      tags: crue, fleuve Niger ,
      date: 2026-02-20
      une: yes
      urgent: no
      id: 12
      slug: le-fleuve
      ---

      Un *paragraphe* avec [un lien](https://example.org).

      Un autre.

      """)
    #expect(draft.title == "Le fleuve")
    #expect(draft.tags == ["crue", "fleuve Niger"])
    #expect(draft.published == 1_771_545_600)
    #expect(draft.flags == .une)
    #expect(draft.names == ["id:12", "slug:le-fleuve"])
    #expect(draft.summary == "Un paragraphe avec un lien.")
    #expect(
      draft.body == "Un *paragraphe* avec [un lien](https://example.org).\n\nUn autre.")
  }

  @Test func `text is composed`() throws {
    let draft = try article("---\ntitle: e\u{301}\nsection: x\n---\ne\u{301}")
    #expect(Array(draft.title.utf8) == Array("\u{e9}".utf8))
    #expect(Array(draft.body.utf8) == Array("\u{e9}".utf8))
  }

  @Test(arguments: [
    ("title: x\n", 1, "does not begin"),
    ("---\ntitle: x\nsection: y\n", nil, "do not end"),
    ("---\nsection: y\n---\n", nil, "title is missing"),
    ("---\ntitle:\nsection: y\n---\n", 2, "title is missing"),
    ("---\ntitle: x\n---\n", nil, "section is missing"),
    ("---\ntitle: x\nsecton: y\n---\n", 3, "section, tags"),
    ("---\ntitle: x\nsection: y\ntitle: z\n---\n", 4, "twice"),
    ("---\ntitle: x\nsection: y\ndate: hier\n---\n", 4, "2026-02-20"),
    ("---\ntitle: x\nsection: y\nurgent: peut-être\n---\n", 4, "yes or no"),
    ("---\ntitle: x\nsection: y\n---\nUn\ndeux\u{7}\n", 6, "U+7"),
    ("---\ntitle: x\u{7}\nsection: y\n---\n", 2, "U+7"),
  ])
  func `what is wrong is named with its line`(_ text: String, _ line: Int?, _ says: String) {
    let error = #expect(throws: InputError.self) { try article(text) }
    if let line { #expect(error?.line == line) }
    #expect(error?.file == "a.md")
    #expect(error?.message.contains(says) == true)
  }

  @Test func `an unknown section is named with its line and the known ones`() throws {
    let desk = try Desk()
    try desk.found()
    let draft = try article("---\ntitle: x\nsection: sport\n---\n")
    let error = #expect(throws: InputError.self) { try desk.publish(draft) }
    #expect(error?.line == 3)
    #expect(error?.message.contains("faits-divers") == true)
  }

  @Test func `a JSON line is an article; paragraphs are joined and nothing is escaped`() throws {
    let drafts = try lines(
      """
      {"id":1000,"slug":"s","title":"T","summary":"S","section":"sante","tags":["a","b"],\
      "published":1767251537,"author":"R","body":["*Un* & 1\\\\.","Deux"],"urgent":true,"note":"n"}

      {"id":"x","title":"T","section":"sante","body":"Un texte."}
      """)
    #expect(drafts[0].names == ["id:1000", "slug:s"])
    #expect(drafts[0].body == "*Un* & 1\\.\n\nDeux")
    #expect(drafts[0].published == 1_767_251_537)
    #expect(drafts[0].flags == .urgent)
    #expect(drafts[1].summary == "Un texte.")
    #expect(drafts[1].line == 3)
    #expect(drafts[1].names == ["id:x"])
  }

  @Test(arguments: [
    ("{", "not JSON"), ("[]", "an object"), ("{}", "body is missing"),
    (#"{"section":"sante","body":""}"#, "title is missing"),
    (#"{"title":"T","body":""}"#, "section is missing"),
    (#"{"title":"T","section":"s","body":"","published":"hier"}"#, "whole seconds"),
    (#"{"title":"T","section":"s","body":"","published":-1}"#, "1970"),
    (#"{"title":"T","section":"s","body":"","sumary":"x"}"#, "summary"),
    (#"{"title":"T","section":"s","body":[1]}"#, "array of paragraphs"),
    (#"{"title":"T","section":"s","body":"a\u0000"}"#, "U+0"),
    (#"{"title":"T\u0007x","section":"s","body":"a"}"#, "U+7"),
  ])
  func `a bad JSON line is named`(_ text: String, _ says: String) {
    let good = #"{"title":"T","section":"s","body":""}"#
    let error = #expect(throws: InputError.self) { try lines(good + "\n" + text) }
    #expect(error?.line == 2)
    #expect(error?.message.contains(says) == true)
  }

  @Test func `a masthead has parents above their children`() throws {
    func masthead(_ sections: String) throws -> Masthead {
      try MastheadFile.parse("m.md", Array("---\nname: N\n\(sections)\n---\nÀ propos.".utf8))
    }
    let found = try masthead("section: a, A\nsection: b, B, a")
    #expect(found.sections[1] == Masthead.Section(slug: "b", title: "B", parent: "a"))
    #expect(found.about == "À propos.")
    for bad in [
      "", "section: b, B, a\nsection: a, A", "section: a, A\nsection: a, B",
      "section: A, A", "section: all, A", "section: a", "section: a, A\nkey: x", "author: x",
    ] {
      #expect(throws: InputError.self) { try masthead(bad) }
    }
  }

  @Test(.enabled(if: access(Corpus.path, R_OK) == 0, "the corpus is not there: set FIL_CORPUS"))
  func `the corpus gives version 452, and nothing the second time`() throws {
    let desk = try Desk()
    try desk.found()
    let file = Corpus.path
    let drafts = try ArticleLines.read(file)
    let first = try desk.open().publish([Submission(file, .success(drafts))])
    #expect(try first[0].outcome.get().allSatisfy { $0.action == .published })
    #expect(try desk.open().version() == 452)
    let again = try desk.open().publish([Submission(file, .success(drafts))])
    #expect(try again[0].outcome.get().allSatisfy { $0.action == .unchanged })
    #expect(try Inspection(desk.path).damage == [])
  }
}
