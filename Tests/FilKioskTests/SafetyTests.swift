import FilClient
import FilKiosk
import FilProtocol
import HTTP
import TestSupport
import Testing
import Text

@Suite struct SafetyTests {
  @Test(arguments: [
    ("127.0.0.1:8080", true), ("192.168.1.20", true), ("localhost:80", true), ("LOCALHOST", true),
    ("[::1]:8080", true), ("[fe80::1]", true), ("Kiosque.local:8080", true),
    ("evil.example", false), ("127.0.0.1.evil.example", false), ("1.2.3", false),
    ("1.2.3.256", false), ("", false), ("localhost:x", false), ("localhost:99999", false),
    ("[evil.example]", false), ("[::1", false), ("[::1]x", false), ("a@127.0.0.1", false),
  ])
  func `a foreign name is not answered`(host: String, isAnswered: Bool) throws {
    try withStall { stall in
      let kiosk = stall.kiosk { $0.names = ["kiosque.local"] }
      #expect(kiosk.get("/", ["Host": host]).status == (isAnswered ? 200 : 421))
      let none = kiosk.answer(Request(path: "/"), now: 0)
      #expect(none.status == 421)
    }
  }

  @Test func `nobody is left before a page without a way on`() throws {
    try withStall { stall in
      for isShared in [false, true] {
        let kiosk = stall.kiosk { $0.isShared = isShared }
        let answers = [
          kiosk.get("/", ["Host": "evil.example"]),
          kiosk.get("/recherche?q=" + String(repeating: "a", count: 2_100)),
          kiosk.post("/", "jeton=\(Stall.token)"),
          kiosk.answer(
            Request(method: .other("PUT"), path: "/", headers: ["Host": "127.0.0.1"]), now: 0),
        ]
        #expect(answers.map(\.status) == [421, 414, 405, 405])
        for answer in answers {
          #expect(answer.headers["Content-Type"] == "text/html; charset=utf-8")
          #expect(answer.text.contains("<a class=\"bouton\" href=\"/\">"))
          #expect(answer.headers["Refresh"] == (isShared ? "5; url=/" : nil))
        }
      }
    }
  }

  @Test func `only a shared screen forgets, and no other site makes it`() throws {
    try withStall { stall in
      #expect(stall.kiosk().get("/adieu").status == 404)
      let kiosk = stall.kiosk { $0.isShared = true }
      for site in ["same-origin", "none"] {
        let answer = kiosk.get("/adieu", ["Sec-Fetch-Site": site])
        #expect(answer.status == 303 && answer.headers["Set-Cookie"] == displayForgotten)
        // Other programs of this machine have cookies under its name too.
        #expect(answer.headers["Clear-Site-Data"] == nil)
      }
      for site in ["cross-site", "same-site"] {
        let answer = kiosk.get("/adieu", ["Sec-Fetch-Site": site])
        #expect(answer.status == 403 && answer.headers["Set-Cookie"] == nil)
      }
    }
  }

  private let displayForgotten = "affichage=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"

  @Test func `only what is known is done`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      let host: Headers = ["Host": "127.0.0.1"]
      let put = kiosk.answer(Request(method: .other("PUT"), path: "/", headers: host), now: 0)
      #expect(put.status == 405 && put.headers["Allow"] == "GET, HEAD, POST")
      #expect(kiosk.post("/", "jeton=\(Stall.token)").status == 405)
      #expect(kiosk.get("/recherche?q=" + String(repeating: "a", count: 2_100)).status == 414)
      for path in [
        "/nulle", "/article/01", "/article/-1", "/article/x", "/article/1/lien/9",
        "/article/99", "/article/1/lien", "/rubrique/nulle", "/rubrique", "/archives/2026-13",
        "/archives/2026-02-30", "//", "/%", "/%ff", "/%00", "/etiquette", "/a-propos/lien/1",
        "/article/99999999999999999999", "/fil/v1/checkpoint",
      ] {
        #expect(kiosk.get(path).status == 404, "\(path)")
      }
    }
  }

  @Test func `every answer says what a page may do`() throws {
    try withStall { stall in
      for isShared in [false, true] {
        let kiosk = stall.kiosk { $0.isShared = isShared }
        for target in ["/", "/article/1", "/nulle", "/etat", "/rss.xml", "/adieu", "/icone.svg"] {
          let answer = kiosk.get(target)
          let policy = try #require(answer.headers["Content-Security-Policy"])
          #expect(policy.hasPrefix("default-src 'none'; style-src 'self'; img-src 'self';"))
          #expect(policy.contains("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"))
          #expect(policy.contains("script-src") == isShared && !policy.contains("unsafe"))
          #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
          #expect(answer.headers["Referrer-Policy"] == "same-origin")
          #expect(answer.headers["Set-Cookie"] == nil || target == "/adieu")
        }
        let foreign = kiosk.get("/", ["Host": "evil.example"])
        #expect(foreign.headers["Content-Security-Policy"] != nil)
      }
    }
  }

  @Test func `the policy allows the script that there is`() throws {
    try withStall { stall in
      let page = stall.kiosk { $0.isShared = true }.get("/")
      let script = try #require(page.text.firstMatch(of: /<script>(.*)<\/script>/)?.1)
      let hash = Base64.encode(SHA256.hash(Array(script.utf8)).bytes)
      #expect(page.headers["Content-Security-Policy"]?.contains("'sha256-\(hash)'") == true)
      #expect(!stall.kiosk().get("/").text.contains("<script"))
    }
  }

  @Test func `a form without the token changes nothing`() throws {
    try withStall(.none) { stall in
      let kiosk = stall.kiosk()
      for form in ["article=1", "article=1&jeton=", "article=1&jeton=autre"] {
        #expect(kiosk.post("/demande", form).status == 403, "\(form)")
      }
      let good = "article=1&jeton=\(Stall.token)"
      #expect(kiosk.post("/demande", good, ["Origin": "http://evil.example"]).status == 403)
      let refused = kiosk.post("/affichage", "taille=grand")
      #expect(refused.status == 403 && refused.headers["Set-Cookie"] == nil)
      let none = try stall.replica.wishes()
      #expect(none.isEmpty)

      let done = kiosk.post("/demande", good, ["Origin": "http://127.0.0.1:8080"])
      #expect(done.status == 303 && done.headers["Location"] == "/article/1")
      let asked = try stall.replica.wishes()
      #expect(asked.map(\.number) == [1])
      #expect(kiosk.get("/article/1").text.contains("Il est demandé"))
      #expect(kiosk.post("/demande", "article=99&jeton=\(Stall.token)").status == 404)
      #expect(kiosk.post("/demande", "article=x&jeton=\(Stall.token)").status == 404)
      #expect(stall.kiosk { $0.takesWishes = false }.post("/demande", good).status == 404)
      #expect(
        !stall.kiosk { $0.takesWishes = false }.get("/article/2").text.contains(
          "<form method=\"post\" action=\"/demande"))
      let empty = stall.kiosk { $0.token = "" }
      #expect(empty.post("/affichage", "jeton=&taille=grand").status == 403)
    }
  }

  @Test func `settings live in the browser`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      func set(_ form: String, _ cookie: String = "") -> Response {
        kiosk.post("/affichage", "jeton=\(Stall.token)&" + form, ["Cookie": cookie])
      }
      let large = set("taille=grand&retour=%2Farticle%2F1")
      #expect(large.status == 303 && large.headers["Location"] == "/article/1")
      #expect(
        large.headers["Set-Cookie"]
          == "affichage=grand.auto; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000")
      let both = set("couleurs=sombre", "a=b; affichage=grand.auto")
      #expect(both.headers["Set-Cookie"]?.hasPrefix("affichage=grand.sombre;") == true)
      #expect(
        set("taille=normal", "affichage=grand.auto").headers["Set-Cookie"]?.hasSuffix("Max-Age=0")
          == true)
      let page = kiosk.get("/", ["Cookie": "affichage=tres-grand.contraste"]).text
      #expect(
        page.contains("<html lang=\"fr\" data-couleurs=\"contraste\" data-taille=\"tres-grand\">"))
      let odd = kiosk.get("/", ["Cookie": "affichage=\"><b>.x; affichage=grand"]).text
      #expect(odd.contains("<html lang=\"fr\">"))
      let shared = stall.kiosk { $0.isShared = true }
      let brief = shared.post("/affichage", "jeton=\(Stall.token)&taille=grand")
      #expect(brief.headers["Set-Cookie"]?.contains("Max-Age") == false)
      #expect(shared.get("/adieu").headers["Set-Cookie"]?.hasPrefix("affichage=;") == true)
      #expect(shared.get("/adieu").headers["Location"] == "/")
    }
  }

  @Test(arguments: [
    "//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a b", "/\u{e9}", "",
  ])
  func `no form leads out of the kiosk`(back: String) throws {
    try withStall { stall in
      let escaped = back.utf8.map { "%" + Hex.encode([$0]) }.joined()
      let form = "jeton=\(Stall.token)&taille=grand&retour=\(escaped)"
      #expect(stall.kiosk().post("/affichage", form).headers["Location"] == "/")
      let rest = stall.kiosk().get("/repos?retour=\(escaped)").text
      #expect(rest.contains("<a class=\"rester\" href=\"/\">"))
    }
  }

  @Test func `what is no text is no search and no place`() throws {
    try withStall { stall in
      let kiosk = stall.kiosk()
      for query in ["q=%zz", "q=%ff", "q=%00", "q=%", "q", "=x", "&&&", "q=&q=fleuve"] {
        let page = kiosk.get("/recherche?\(query)")
        #expect(page.status == 200 && !page.text.contains("role=\"status\""), "\(query)")
      }
      #expect(kiosk.get("/recherche?q=le+fleuve&x=%20").text.contains("value=\"le fleuve\""))
      let long = "%2F" + String(repeating: "a", count: 1_100)
      #expect(kiosk.get("/repos?retour=\(long)").text.contains("href=\"/\">Continuer"))
    }
  }

  @Test func `what the newsroom writes is never markup`() throws {
    let evil = "</title><script>alert(1)</script>\"'><img src=x onerror=y>"
    let masthead = Masthead(
      name: evil, about: evil + " [a](javascript:b)", contact: evil, language: "fr\"><script>",
      sections: [Masthead.Section(slug: "nord", title: evil)])
    try withStall(masthead: masthead) { feed in
      try Stall.publish(
        feed, evil, section: "nord", summary: evil, tags: [evil], hours: 5, flags: .une,
        author: evil, language: "fr\" onclick=\"x", evil + " [a](javascript:b) ![c](d)")
      try Stall.publish(feed, evil, section: "nord", tags: [evil], hours: 4, "mot")
      try Stall.correct(feed, 1, note: evil)
      try feed.append(
        .retraction(Retraction(published: 1, time: Stall.signed - 9, reason: evil)), number: 2)
    } _: { stall in
      let tag = evil.utf8.map { "%" + Hex.encode([$0]) }.joined()
      for isShared in [false, true] {
        let kiosk = stall.kiosk { $0.isShared = isShared }
        for target in [
          "/", "/rubrique/nord", "/etiquette/\(tag)", "/article/1", "/article/2",
          "/recherche?q=\(tag)", "/recherche?q=alert", "/archives", "/a-propos", "/etat",
          "/bulletin",
          "/rss.xml", "/repos?retour=\(tag)", "/nulle\(tag)", "/?\(tag)",
        ] {
          let page = kiosk.get(target).text
          #expect(!page.contains("<script>alert") && !page.contains("<img"), "\(target)")
          #expect(!page.contains("\" onclick") && !page.contains("href=\"javascript"), "\(target)")
        }
      }
    }
  }
}
