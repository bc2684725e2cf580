import FilClient
import FilProtocol
import Foundation
import HTTP
import TestSupport
import Testing

/// What the documents show works: code is compiled and run here, commands are run as they stand.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DocumentationTests {
  private static let articles = [
    "Client/FilClient/FilClient.docc/EmbedTheClient.md",
    "Server/FilServer/FilServer.docc/RunANewsroom.md",
    "Protocol/FilProtocol/FilProtocol.docc/ImplementTheProtocol.md",
  ]

  private static func read(_ path: String) throws -> String {
    try String(contentsOf: Tool.root.appending(path: path), encoding: .utf8)
  }

  /// The blocks of a language, each as its lines without indentation.
  private static func blocks(_ language: String, of path: String) throws -> [[String]] {
    var blocks: [[String]] = []
    var isInside = false
    for line in try read(path).components(separatedBy: "\n") {
      if line == "```\(language)" {
        isInside = true
        blocks.append([])
      } else if line == "```" {
        isInside = false
      } else if isInside {
        blocks[blocks.count - 1].append(line.trimmingCharacters(in: .whitespaces))
      }
    }
    return blocks
  }

  /// The indented lines below a heading.
  private static func indented(below heading: String, of path: String) throws -> [String] {
    let lines = try read(path).components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: heading), "\(path): \(heading)")
    let section = lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
    return section.filter { $0.hasPrefix("    ") }.map { String($0.dropFirst(4)) }
  }

  @Test(arguments: articles)
  func `all Swift in the articles is compiled and run below`(_ article: String) throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
      .components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    for block in try Self.blocks("swift", of: article) {
      let places = source.indices.filter { source[$0...].starts(with: block) }
      #expect(!places.isEmpty, "\(article): \(block.joined(separator: "\n"))")
    }
  }

  @Test func `the client is embedded as its article says`() async throws {
    let folder = try makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let newsroom = try ServedNewsroom(in: folder)
    defer { newsroom.stop() }
    let samples = Tool.root.appending(path: "Server/Samples").path()
    let files = ["01-le-fleuve-remonte-a-gao.md", "02-le-prix-du-mil-se-stabilise.md"]
    #expect(
      try Tool.run(
        Tool.server.url, ["publish", newsroom.folder] + files.map { "\(samples)/\($0)" }
      ).status == 0)
    try newsroom.serve()
    let (path, key, address) = (folder + "/gao.db", newsroom.key, newsroom.url)
    var shown = 0
    var isClosed: Bool { shown == 2 }
    func show(_ done: Int, of total: Int) { shown += total }
    func show(_ articles: [Article]) { shown = articles.count }

    let replica = try Replica(path: path, key: VerifierKey(parsing: key))

    for try await event in replica.syncing(from: [HTTPSource(address)]) {
      if case .progress(let progress) = event { show(progress.done, of: progress.total) }
    }
    #expect(shown > 0)

    var options = SyncOptions()
    options.budget = 50_000
    options.choice = .sections(["nord-actu", "securite"])
    let report = try await replica.perform {
      [options] (replica, cancellation) throws(SyncFailure) in
      try replica.sync(from: [HTTPSource(address)], options, cancellation: cancellation)
    }
    #expect(report.to == 3)

    let articles = try replica.articles()
    let hits = try replica.search("securite", limit: 10)
    #expect(articles.count == 2 && hits.count <= 2)

    let latest = replica.observe { (replica) throws(FilError) in try replica.articles() }
    for try await articles in latest {
      show(articles)
      if isClosed { break }
    }
    #expect(shown == 2)
  }

  @Test func `the protocol's parts are what its article says`() throws {
    let feed = try MemoryFeed.sample(3)
    let head = feed.head()
    let (note, origin, key) = (head.note, feed.key.verifier.name, feed.key.verifier)
    let records: [[UInt8]] = [[1], [2]]

    let root = Merkle.root(records.map { Merkle.leaf($0) })
    #expect(root != Merkle.leaf([1]))

    let checkpoint = try SignedCheckpoint(note: note).verified(origin: origin, keys: [key])
    #expect(checkpoint == head.checkpoint)

    let path = Resource.sync(from: 0, .all, .volume(0)).path
    #expect(path == "/fil/v1/sync/0/all/0")
  }

  /// Runs commands of a document in a folder with sample articles, until one of them fails.
  ///
  /// Ports and places of the machine become ones that are free; what runs in the background is
  /// waited for where it listens, and ended at the end.
  private func run(_ lines: [String], in folder: String) throws -> Tool.Result {
    let samples = Tool.root.appending(path: "Server/Samples").path()
    let (port, metrics) = (try freePort(), try freePort())
    var script = """
      set -eo pipefail
      trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
      cd '\(folder)'; mkdir articles; cp '\(samples)'/[0-9]*.md articles/
      cp '\(samples)/masthead.md' .; cp '\(samples)'/corrections/02-*.md article.md
      PATH='\(Tool.fil.url.deletingLastPathComponent().path())':$PATH

      """
    for line in lines {
      script +=
        line.replacing("127.0.0.1:8080", with: "127.0.0.1:\(port)")
        .replacing("127.0.0.1:9464", with: "127.0.0.1:\(metrics)")
        .replacing("127.0.0.1:8025", with: "127.0.0.1:0")
        .replacing("/srv/", with: "\(folder)/") + "\n"
      guard line.hasPrefix("fil-server serve") else { continue }
      script += """
        for ((i = 0; i < 100; i++)); do
          (: </dev/tcp/127.0.0.1/\(port)) 2>/dev/null && break
          sleep 0.1
        done

        """
    }
    return try Tool.run(URL(filePath: "/bin/bash"), ["-c", script])
  }

  private func freePort() throws -> Int {
    let server = try Server(ServerOptions(address: "127.0.0.1:0")) { _ in .ready(.text(404, "")) }
    defer { server.stop() }
    return server.port
  }

  @Test func `the tour of the readme works as it stands`() throws {
    try withTemporaryFolder { folder in
      let lines = try Self.indented(below: "## A tour", of: "README.md")
      #expect(lines.count > 10)
      let result = try run(lines, in: folder)
      #expect(result.status == 0, "\(result.output)\(result.error)")
      #expect(result.output.contains("tout") || result.output.contains("Tout"))
    }
  }

  @Test func `a newsroom is run as its article says`() throws {
    try withTemporaryFolder { folder in
      let lines = try Self.blocks("sh", of: "Server/FilServer/FilServer.docc/RunANewsroom.md")
      let result = try run(Array(lines.joined()), in: folder)
      #expect(result.status == 0, "\(result.output)\(result.error)")
      // The masthead twice, the articles, a correction, a retraction.
      let articles = try FileManager.default.contentsOfDirectory(atPath: folder + "/articles")
      #expect(result.output.contains("fil_head_version \(articles.count + 4)\n"))
      #expect(result.output.contains("all as signed"))
    }
  }

  @Test func `the readme and the rules name only targets that make has`() throws {
    let targets = try Self.read("Makefile").matches(of: /(?m)^([a-z-]+): ##/).map { $0.1 }
    for page in ["README.md", "CONTRIBUTING.md"] {
      for match in try Self.read(page).matches(of: /`make ([a-z-]+)`|^ +make ([a-z-]+)/) {
        let name = try #require(match.1 ?? match.2)
        #expect(targets.contains(name), "\(page): make \(name)")
      }
    }
  }
}
