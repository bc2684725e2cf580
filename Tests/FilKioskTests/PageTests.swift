import FilClient
import FilKiosk
import FilProtocol
import Files
import HTTP
import TestSupport
import Testing
import Text

@Suite struct PageTests {
  @Test func `freshness is the newsroom's word and the clock is only compared`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      let signed = FrenchDate.dateAndTime(Stall.signed)
      for now in [0, Stall.signed, Stall.signed + 10 * 86_400] {
        #expect(kiosk.get("/article/1", at: now).text.contains(">\(signed)</time>"))
      }
      func banner(_ seconds: Int) -> Substring? {
        kiosk.get("/", at: Stall.signed + seconds).text
          .firstMatch(of: /role="region" aria-label="Fraîcheur"><p>([^<]*)/)?.1
      }
      #expect(banner(0) == nil && banner(-300) == nil && banner(86_400) == nil)
      #expect(banner(-301)?.hasPrefix("L’horloge de cet appareil est fausse") == true)
      #expect(banner(86_401)?.hasPrefix("Ces nouvelles ont plus d’un jour") == true)
      #expect(banner(3 * 86_400)?.hasPrefix("Ces nouvelles ont plus de 3 jours") == true)
      let strict = stall.kiosk { $0.oldAfter = 60 }
      for (seconds, age) in [
        (3 * 3_600 + 5, "de 3 heures"), (5_000, "d’une heure"), (150, "de 2 minutes"),
        (61, "d’une minute"),
      ] {
        let page = strict.get("/", at: Stall.signed + seconds).text
        #expect(page.contains("Ces nouvelles ont plus \(age), d’après"), "\(seconds)")
      }
      #expect(kiosk.get("/").text.contains("</time> (heure de Gao)</p>"))
    }
    try withTemporaryFolder { folder in
      let key = MemoryFeed().key.verifier
      let replica = try Replica(path: "\(folder)/r.db", key: key)
      let kiosk = Kiosk(replica, KioskOptions(token: Stall.token))
      let page = kiosk.get("/").text
      #expect(page.contains("Rien n’a encore été reçu") && page.contains("Pas encore de nouvelles"))
      for target in ["/archives", "/bulletin", "/etat", "/rss.xml", "/a-propos"] {
        #expect(kiosk.get(target).status == 200, "\(target)")
      }
    }
  }

  @Test func `a page that has not changed costs its head`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      let tag = try #require(kiosk.get("/").headers["ETag"])
      let again = kiosk.get("/", ["If-None-Match": tag])
      #expect(again.status == 304 && again.text.isEmpty)
      #expect(again.headers["Content-Security-Policy"] != nil)
      let dark = kiosk.get("/", ["If-None-Match": tag, "Cookie": "affichage=normal.sombre"])
      #expect(dark.status == 200 && dark.headers["Vary"] == "Cookie")
      try Stall.publish(stall.feed, "Du neuf", section: "societe", hours: 1, "neuf")
      try stall.feed.sign(time: Stall.signed + 30)
      try stall.sync()
      #expect(kiosk.get("/", ["If-None-Match": tag]).status == 200)
      #expect(stall.kiosk { $0.isShared = true }.get("/").headers["Cache-Control"] == "no-store")
    }
  }

  @Test func `the first page is small`() throws {
    try withStall(masthead: Stall.masthead) { feed in
      for number in 0..<60 {
        try Stall.publish(
          feed, "Un titre assez long pour tenir sur deux lignes, numéro \(number)",
          section: ["nord-actu", "societe", "culture"][number % 3],
          summary: String(repeating: "Un résumé bien long. ", count: 40), hours: 60 - number,
          flags: number % 2 == 0 ? .une : [], "Le texte.")
      }
    } _: { stall in
      let kiosk = stall.kiosk()
      let page = kiosk.get("/")
      let style = try #require(page.text.firstMatch(of: /href="(\/style-[0-9a-f]+\.css)"/)?.1)
      let sheet = kiosk.get(String(style))
      #expect(sheet.headers["Cache-Control"]?.contains("immutable") == true)
      #expect(page.body.size + sheet.body.size < 20_000)
      #expect(!sheet.text.contains("url(") && !sheet.text.contains("@import"))
    }
  }

  @Test(arguments: ["/rubrique/societe", "/etiquette/mot", "/archives/2026-02-25"])
  func `pages of a list have every article once`(path: String) throws {
    try withStall(masthead: Stall.masthead) { feed in
      for number in 0..<57 {
        // Some of the very same second.
        try Stall.publish(
          feed, "Titre \(number)", section: number % 2 == 0 ? "societe" : "culture", tags: ["mot"],
          hours: 0, "x\(number)")
      }
    } _: { stall in
      let kiosk = stall.kiosk()
      var target = path
      var seen: [Substring] = []
      for _ in 0..<10 {
        let page = kiosk.get(target).text
        seen += page.matches(of: /<a href="(\/article\/[0-9]+)">/).map(\.1)
        guard let next = page.firstMatch(of: /<a href="([^"]+)" rel="next">/) else { break }
        target = String(next.1)
      }
      #expect(seen.count == 57 && Set(seen).count == 57)
      #expect(kiosk.get("\(path)?avant=x.y").status == 200)
    }
  }

  @Test func `a search shows the best and then all`() throws {
    try withStall(masthead: Stall.masthead) { feed in
      for number in 0..<45 {
        try Stall.publish(
          feed, number == 7 ? "Sécurité" : "Titre \(number)", section: "societe", hours: number,
          "La sécurité, \(number) fois. \(number < 3 ? "girafe" : "")")
      }
    } _: { stall in
      let kiosk = stall.kiosk()
      func count(_ page: String) -> Int { page.matches(of: /<article class="titre">/).count }
      let first = kiosk.get("/recherche?q=SECURITE").text
      #expect(first.contains("45 résultats pour") && count(first) == 5)
      let best = try #require(first.firstMatch(of: /<a href="\/article\/([0-9]+)">/)?.1)
      #expect(best == "8" && first.contains("<mark>Sécurité</mark>"))
      #expect(
        first.contains("<a href=\"/recherche?q=SECURITE&amp;page=1\">Voir tous les résultats</a>")
          || first.contains("<a href=\"/recherche?q=SECURITE&page=1\">Voir tous les résultats</a>"))
      var found: Set<Substring> = []
      for page in 1...3 {
        let text = kiosk.get("/recherche?q=securite&page=\(page)").text
        #expect(text.contains("Page \(page) sur 3") && count(text) == (page < 3 ? 20 : 5))
        found.formUnion(text.matches(of: /<a href="(\/article\/[0-9]+)">/).map(\.1))
      }
      #expect(found.count == 45)
      #expect(kiosk.get("/recherche?q=securite&page=99").text.contains("Page 3 sur 3"))
      let few = kiosk.get("/recherche?q=girafe").text
      #expect(few.contains("3 résultats") && !few.contains("Voir tous"))
      #expect(kiosk.get("/recherche?q=%22+OR").text.contains("Pas de résultats"))
      #expect(!kiosk.get("/recherche?q=%22*").text.contains("Pas de résultats"))
    }
  }

  @Test func `no link leads out of a shared screen`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk { $0.isShared = true }
      for target in ["/", "/article/1", "/a-propos", "/article/1/lien/0", "/a-propos/lien/0"] {
        let page = kiosk.get(target).text
        #expect(!page.contains("href=\"http") && !page.contains("href=\"mailto"), "\(target)")
        #expect(!page.contains("<a href=\"/rss.xml"), "\(target)")
      }
      let taken = kiosk.get("/article/1/lien/0").text
      #expect(taken.contains("https://carte.example/gao?a=1&amp;b=2") && taken.contains("<svg"))
      #expect(stall.kiosk().get("/article/1").text.contains("href=\"https://carte.example"))
    }
  }

  @Test func `a shared screen asks before it goes home unless it is there`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk { ($0.isShared, $0.idle) = (true, 77) }
      let home = kiosk.get("/").text
      #expect(home.contains("content=\"77;url=/adieu\"") && home.contains("data-accueil"))
      for (target, back) in [("/article/1", "%2Farticle%2F1"), ("/etat", "%2Fetat")] {
        let page = kiosk.get(target).text
        #expect(page.contains("content=\"77;url=/repos?retour=\(back)\""))
        #expect(page.contains("<noscript>") && !page.contains("data-accueil"))
      }
      let changed = kiosk.get("/", ["Cookie": "affichage=grand.auto"]).text
      #expect(changed.contains("url=/repos?retour=%2F\"") && !changed.contains("data-accueil"))
      let question = kiosk.get("/repos")
      #expect(question.headers["Refresh"] == "30; url=/adieu")
      // Else it would ask again before it goes home.
      #expect(!question.text.contains("http-equiv") && !question.text.contains("<script"))
      #expect(stall.kiosk().get("/repos").headers["Refresh"] == nil)
      #expect(!stall.kiosk().get("/").text.contains("refresh"))
    }
  }

  @Test func `the state tells what syncs do`() throws {
    try withStall { stall in
      let log = SyncLog()
      let kiosk = stall.kiosk { $0.syncs = log }
      #expect(kiosk.get("/etat").text.contains("pas en ce moment"))
      log.note(SyncProgress(done: 1_500, total: 9_000, headlines: 3, bodies: 2, rate: 10))
      #expect(kiosk.get("/etat").text.contains("en cours&nbsp;: 2&nbsp;ko sur 9&nbsp;ko"))
      for error in [
        FilError.offline("x"), .budgetSpent, .behind, .busy, .cancelled, .damaged("y"), .usage("z"),
      ] {
        log.note(.failure(SyncFailure(error: error, report: SyncReport())), now: Stall.signed)
        let page = kiosk.get("/etat").text
        #expect(page.contains("<dt>La dernière</dt>") && page.contains("pas en ce moment"))
      }
      var report = SyncReport()
      report.headlines = 2
      log.note(.success(report), now: Stall.signed + 60)
      #expect(kiosk.get("/etat").text.contains("réussie&nbsp;: 2 titres, 0 texte "))
    }
  }

  @Test func `the state tells what other programs sync`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      #expect(kiosk.get("/etat").text.contains("<dt>La dernière</dt><dd>réussie (le "))
      let dead = try ServiceSource(stall.feed, cache: "\(stall.folder)/dead") { _, _ in
        var fault = ServiceSource<MemoryFeed>.Fault()
        fault.dead = true
        return fault
      }
      var options = SyncOptions()
      options.clock = SyncClock(
        now: { Stall.signed + 600 }, monotonic: { 0 }, sleep: { _, _ in }, random: { 0.5 })
      #expect(throws: SyncFailure.self) { try stall.replica.sync(from: dead, options) }
      for log in [nil, SyncLog()] {
        let page = stall.kiosk { $0.syncs = log }.get("/etat").text
        #expect(page.contains("<dt>La dernière</dt><dd>hors connexion"))
      }
      let lock = try FileLock.tryLock(stall.replica.path + "-lock")
      let isHeld = lock != nil
      #expect(isHeld)
      #expect(kiosk.get("/etat").text.contains("en cours, dans un autre programme"))
      _ = consume lock
      #expect(kiosk.get("/etat").text.contains("pas en ce moment"))
    }
  }

  @Test func `a replica that cannot be read is not a page`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      #expect(kiosk.get("/article/1").status == 200)
      try stall.damage()
      let answer = kiosk.get("/article/1")
      #expect(answer.status == 500 && !answer.text.contains("SELECT"))
      #expect(answer.text.contains("href=\"/\"") && answer.headers["Refresh"] == nil)
      let shared = stall.kiosk { $0.isShared = true }.get("/article/1")
      #expect(shared.headers["Refresh"] == "5; url=/")
      #expect(answer.headers["Content-Security-Policy"] != nil)
    }
  }

  @Test func `a bulletin ends where the newsroom signed`() throws {
    try withStall { stall in
      let bulletin = try Bulletin(stall.replica, hours: 24)
      #expect(bulletin.hours == Stall.signed + 1 - 86_400..<Stall.signed + 1)
      #expect(bulletin.parts.map(\.title) == ["Nord Actu", "Société"])
      #expect(bulletin.parts[0].items.map(\.article.number) == [4, 2])
      #expect(bulletin.parts[1].items.map(\.article.number) == [5, 3])
      #expect(bulletin.retracted.map(\.number) == [6] && bulletin.corrected.isEmpty)
      #expect(bulletin.seconds == bulletin.parts.map(\.seconds).reduce(0, +))
      let brief = try Bulletin(stall.replica, hours: 2)
      #expect(brief.parts.isEmpty && brief.corrected.map(\.number) == [3])
      #expect(brief.plainText.contains("Pas de nouvelles en 2 heures."))
      let hour = try Bulletin(stall.replica, hours: 1)
      #expect(hour.plainText.contains("Pas de nouvelles en une heure."))
      #expect(
        brief.plainText.contains("« Le carnet de mots », du 24 février 2026 : Le mot était"))
    }
  }

  @Test func `a bulletin is as long as its words`() throws {
    try withStall(masthead: Stall.masthead) { feed in
      try Stall.publish(
        feed, "Titre", section: "autre", hours: 1,
        String(repeating: "mot ", count: 299).trimmed)
      try Stall.publish(feed, "Bref", section: "autre", hours: 2, "")
    } _: { stall in
      let bulletin = try Bulletin(stall.replica, hours: 24)
      // A section that the masthead does not have is told too.
      #expect(bulletin.parts.map(\.title) == ["autre"])
      #expect(bulletin.parts[0].items.map(\.seconds) == [120, 5])
      #expect(bulletin.plainText.contains("AUTRE (2 min 5 s)\n\nTitre (2 min)\n\nmot mot"))
    }
  }

  @Test func `a bulletin that cannot hold everything says so`() throws {
    try withStall(masthead: Stall.masthead) { feed in
      for number in 1...101 {
        try Stall.publish(feed, "Titre \(number)", section: "culture", hours: 1, "")
      }
    } _: { stall in
      let bulletin = try Bulletin(stall.replica, hours: 24)
      #expect(bulletin.isCut && bulletin.parts.flatMap(\.items).count == 100)
      #expect(bulletin.plainText.contains("Les 100 plus récentes des nouvelles de 24 heures, à"))
    }
  }

  @Test func `a text that is known to be superseded is given to nobody who is not told`() throws {
    try withStall { stall in
      try Stall.correct(stall.feed, 2, note: "La route est ouverte")
      try stall.feed.sign(time: Stall.signed + 30)
      try stall.sync(SectionChoice.none)
      let kiosk = stall.kiosk()
      #expect(kiosk.get("/article/2").text.contains("voici l’ancienne"))
      for target in ["/bulletin.txt", "/bulletin", "/rss.xml", "/feed.json"] {
        let text = kiosk.get(target).text
        #expect(!text.contains("La sécurité de tous"), "\(target)")
        #expect(text.contains("Prudence.") && text.contains("La route est ouverte"), "\(target)")
      }
      let spoken = kiosk.get("/bulletin.txt").text
      #expect(spoken.contains("Corrigé : La route est ouverte\n\nPrudence.\n"))
    }
  }

  @Test func `what was withdrawn is only said to be erased where it was`() throws {
    try withStall { feed in
      try Stall.news(feed)
      try feed.append(
        .retraction(
          Retraction(
            published: Stall.signed - 9, time: Stall.signed - 1, reason: "À sa demande",
            erased: feed.version + 1)), number: 2)
    } _: { stall in
      let kiosk = stall.kiosk()
      #expect(kiosk.get("/article/6").text.contains("Son texte n’est plus montré."))
      #expect(kiosk.get("/article/2").text.contains("a été effacé de toutes les copies"))
    }
  }

  @Test func `more results than are ranked are said to be more`() throws {
    try withStall(masthead: Stall.masthead) { feed in
      for number in 1...2_000 {
        try Stall.publish(feed, "Fleuve \(number)", section: "culture", hours: 1, "")
      }
    } _: { stall in
      #expect(stall.kiosk().get("/recherche?q=fleuve").text.contains(">2000 résultats pour"))
      try Stall.publish(stall.feed, "Fleuve", section: "culture", hours: 1, "")
      try stall.feed.sign(time: Stall.signed + 30)
      try stall.sync()
      let page = stall.kiosk().get("/recherche?q=fleuve&page=1").text
      #expect(page.contains("Plus de 2000 résultats pour") && page.contains("Page 1 sur 100"))
    }
  }

  @Test func `a result shows words, not the marks around them, and no title twice`() throws {
    try withStall { stall in
      let text = stall.kiosk().get("/recherche?q=ferme").text
      #expect(text.contains("Le quai est <mark>fermé</mark>.\n\n Demain"))
      let title = stall.kiosk().get("/recherche?q=fleuve+monte").text
      #expect(title.contains("<mark>fleuve</mark>") && title.contains("L’eau gagne le quai."))
    }
  }

  @Test func `months are spelled as they are said`() throws {
    try withStall { stall in
      let page = stall.kiosk().get("/archives/2026-08").text
      #expect(page.contains("<h1>Archives d’août 2026</h1>"))
      #expect(stall.kiosk().get("/archives/2026-02-25").text.contains("jours de février 2026"))
    }
  }
}

extension String {
  fileprivate var trimmed: String { String(dropLast()) }
}
