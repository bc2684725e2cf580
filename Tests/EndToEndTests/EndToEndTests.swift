import FilClient
import FilProtocol
import Foundation
import TestSupport
import Testing

/// The main job with the real programs: a newsroom publishes, a replica syncs, a person reads.
@Suite(.serialized)
struct EndToEndTests {
  static var samples: [String] {
    let folder = Tool.root.appending(path: "Server/Samples").path()
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.first?.isNumber ?? false }.sorted().map { "\(folder)/\($0)" }
  }

  /// A served newsroom with the sample articles.
  private func newsroom(_ folder: String) throws -> ServedNewsroom {
    let newsroom = try ServedNewsroom(in: folder)
    let published = try Tool.run(
      Tool.server.url, ["publish", newsroom.folder, "--json"] + Self.samples)
    #expect(published.status == 0, "\(published.output)\(published.error)")
    try newsroom.serve()
    return newsroom
  }

  @Test func `the samples reach a reader, with corrections and a retraction`() throws {
    try withTemporaryFolder { folder in
      let newsroom = try newsroom(folder)
      defer { newsroom.stop() }
      let replica = folder + "/gao.db"
      let first = try Tool.fil.run(
        "sync", replica, "--from", newsroom.url, "--key", newsroom.key, "--json")
      #expect(first.status == 0, "\(first.output)\(first.error)")
      #expect(first.object["complete"] as? Bool == true)
      #expect(first.object["requests"] as? Int == 1)
      let corrected = Self.samples[1].replacingOccurrences(
        of: "Samples/", with: "Samples/corrections/")
      #expect(
        try Tool.server.run(
          "correct", newsroom.folder, "2", corrected, "--note", "un chiffre changé"
        ).status == 0)
      #expect(
        try Tool.server.run("retract", newsroom.folder, "5", "--reason", "doublon").status == 0)
      #expect(try Tool.fil.run("sync", replica, "--json").object["bodies"] as? Int == 1)
      let read = try Tool.fil.run("read", replica, "2", "--json").object
      #expect(read["note"] as? String == "un chiffre changé")
      let source = try String(contentsOfFile: corrected, encoding: .utf8)
      let body = source.components(separatedBy: "\n---\n").dropFirst().joined(separator: "\n---\n")
      #expect(
        (read["body"] as? String)?.trimmingCharacters(in: .newlines)
          == body.trimmingCharacters(in: .newlines))
      #expect(
        try Tool.fil.run("read", replica, "5", "--json").object["reason"] as? String == "doublon")
      #expect(try Tool.fil.run("search", replica, "marche").output.contains("marché"))
      #expect(try Tool.fil.run("verify", replica).status == 0)
      #expect(newsroom.stop() == 0, "SIGTERM ends it cleanly")
      #expect(try Tool.fil.run("sync", replica).status == 3, "offline has its own status")
    }
  }

  // [COD-5] [COD-7]
  @Test func `the second implementation agrees`() throws {
    try withTemporaryFolder { folder in
      let newsroom = try newsroom(folder)
      defer { newsroom.stop() }
      let script = Tool.root.appending(path: "Tests/SecondImplementation/fil.py").path()
      func sync() throws -> Tool.Result {
        try Tool.run(
          URL(filePath: "/usr/bin/python3"),
          [script, "sync", newsroom.url, newsroom.key, "--state", folder + "/state", "--titles"])
      }
      let first = try sync()
      #expect(first.status == 0, "\(first.error)")
      let count = Self.samples.count
      #expect(first.output.contains("verified version \(count + 1) size \(count + 1)"))
      #expect(first.output.contains("bodies \(count)/\(count)"))
      #expect(
        try Tool.server.run("retract", newsroom.folder, "5", "--reason", "doublon").status == 0)
      #expect(try sync().output.contains("verified version \(count + 2)"))
      #expect(try sync().status == 0, "and again when nothing is new")
    }
  }

  @Test func `a folder of plain files is a mirror`() throws {
    try withTemporaryFolder { folder in
      let newsroom = try ServedNewsroom(in: folder)
      func publish(_ files: ArraySlice<String>) throws {
        #expect(
          try Tool.run(Tool.server.url, ["publish", newsroom.folder] + files).status == 0)
        #expect(try Tool.server.run("export", newsroom.folder, folder + "/mirror").status == 0)
      }
      try publish(Self.samples[..<20])
      let mirror = FolderSource(folder + "/mirror")
      let replica = try Replica(
        path: folder + "/gao.db", key: VerifierKey(parsing: newsroom.key))
      #expect(try replica.sync(from: mirror).complete)
      try publish(Self.samples[20...])
      let report = try replica.sync(from: mirror)
      #expect(report.complete && report.bodies == Self.samples.count - 20)
      #expect(report.requests == 1, "the delta from the version before is a file")
      #expect(try replica.sync(from: mirror).complete, "nothing new")
      #expect(try replica.verify().isSound)
      // What is erased goes from the mirror with its next export.
      #expect(
        try Tool.server.run(
          "retract", newsroom.folder, "3", "--reason", "à la demande de la famille", "--erase"
        ).status == 0)
      #expect(try Tool.server.run("export", newsroom.folder, folder + "/mirror").status == 0)
      #expect(try replica.sync(from: mirror).complete)
      #expect(try replica.article(3)?.body == nil)
      #expect(try replica.status().pendingErasures == 0)
    }
  }

  @Test(
    .enabled(
      if: Corpus.articles() != nil, "needs the corpus beside the project; see CONTRIBUTING.md"))
  func `every byte of real news arrives`() throws {
    guard let articles = Corpus.articles() else { return }
    try withTemporaryFolder { folder in
      let newsroom = try ServedNewsroom(in: folder)
      defer { newsroom.stop() }
      let published = try Tool.server.run("publish", newsroom.folder, "--jsonl", Corpus.path)
      #expect(published.status == 0, "\(published.error)")
      try newsroom.serve()
      let replica = folder + "/corpus.db"
      let report = try Tool.fil.run(
        "sync", replica, "--from", newsroom.url, "--key", newsroom.key, "--json")
      #expect(report.object["to"] as? Int == articles.count + 1)
      #expect(try Tool.fil.run("verify", replica, "--json").object["sound"] as? Bool == true)
      let held = try Replica(path: replica)
      for (number, article) in articles.enumerated() {
        let read = try held.article(number + 1)
        #expect(read?.title == article.title.precomposedStringWithCanonicalMapping)
        #expect(read?.summary == article.summary.precomposedStringWithCanonicalMapping)
        #expect(
          read?.body.map { Array($0.utf8) }
            == Array(article.text.precomposedStringWithCanonicalMapping.utf8))
      }
    }
  }
}
