import FilClient
import FilKiosk
import Files
import Foundation
import HTTP
import TestSupport
import Testing

/// Every kind of page, letter for letter, as it was when somebody last looked at it.
///
/// After a change that is meant: `FIL_GOLDEN=write swift test --filter GoldenTests`, then look at what
/// git says has changed.
@Suite struct GoldenTests {
  private static let pages: [(name: String, target: String)] = [
    ("accueil", "/"), ("rubrique", "/rubrique/societe"), ("etiquette", "/etiquette/langues"),
    ("article", "/article/1"), ("urgent", "/article/2"), ("correction", "/article/3"),
    ("arabe", "/article/4"), ("tifinagh", "/article/5"), ("retrait", "/article/6"),
    ("recherche", "/recherche?q=securite"), ("sans-resultat", "/recherche?q=girafe"),
    ("archives", "/archives"), ("mois", "/archives/2026-02"), ("jour", "/archives/2026-02-25"),
    ("a-propos", "/a-propos"), ("etat", "/etat"), ("bulletin", "/bulletin"),
    ("introuvable", "/article/7"),
  ]

  @Test func `pages are as they were`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      for (name, target) in GoldenTests.pages {
        try compare("\(name).html", kiosk.get(target).text)
      }
      try compare("bulletin.txt", kiosk.get("/bulletin.txt").text)
      try compare("rss.xml", kiosk.get("/rss.xml").text)
      try compare("feed.json", kiosk.get("/feed.json").text)
    }
  }

  @Test func `a shared screen's pages are as they were`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk { $0.isShared = true }
      try compare("partage-article.html", kiosk.get("/article/1").text)
      try compare("partage-lien.html", kiosk.get("/article/1/lien/0").text)
      try compare("partage-repos.html", kiosk.get("/repos?retour=%2Farticle%2F1").text)
    }
  }

  @Test func `a page without its text is as it was`() throws {
    try withStall(.none) { stall in
      let kiosk = stall.kiosk()
      _ = try stall.replica.want(2, now: Stall.signed)
      try compare("a-venir.html", kiosk.get("/article/1").text)
      try compare("demande.html", kiosk.get("/article/2").text)
    }
  }

  /// The frame is the same for all: it is compared once, and of the other pages what is theirs.
  ///
  /// Without the name of the style sheet, which is its hash.
  private func compare(_ name: String, _ text: String) throws {
    var text = text
    if !["accueil.html", "partage-article.html"].contains(name),
      let page = text.firstMatch(of: /(<title>.*<\/title>\n)(?s:.*)(<main (?s:.*)<\/main>\n)/)
    {
      text = String(page.1 + page.2)
    }
    text.replace(/style-[0-9a-f]+\.css/, with: "style.css")
    let path = "\(Files.parent(of: #filePath))/Golden/\(name)"
    if ProcessInfo.processInfo.environment["FIL_GOLDEN"] == "write" {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let held =
      Files.exists(path)
      ? String(decoding: try Files.read(path, atMost: 1 << 20), as: UTF8.self) : ""
    // Line by line, so that a failure shows the line.
    let (new, old) = (text.split(separator: "\n"), held.split(separator: "\n"))
    #expect(new.count == old.count, "\(name)")
    for (line, other) in zip(new, old) where line != other {
      #expect(line == other, "\(name)")
    }
  }
}
