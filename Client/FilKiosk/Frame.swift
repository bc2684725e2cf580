internal import FilClient
internal import FilProtocol
internal import Text

extension Edition {
  /// The whole page: the name, what it says, then everything that leads elsewhere.
  ///
  /// What is read aloud comes in the order in which it is seen: the title before the ways out.
  func frame(_ page: Page) -> Markup {
    let name = masthead.name
    let isRested = page.isHome && display == Display()
    let title: Markup = page.isHome ? "\(name)" : "\(page.title) · \(name)"
    let colours: Markup =
      display.colours == .auto ? "" : " data-couleurs=\"\(display.colours.rawValue)\""
    let size: Markup =
      display.size == .normal ? "" : " data-taille=\"\(display.size.rawValue)\""
    return """
      <!DOCTYPE html>
      <html lang="fr"\(colours)\(size)>
      <head>
      <meta charset="utf-8">
      <title>\(title)</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <link rel="stylesheet" href="/\(StyleSheet.name)">
      <link rel="icon" href="/icone.svg" type="image/svg+xml">
      <link rel="alternate" href="/rss.xml" type="application/rss+xml" title="\(name)">
      <link rel="alternate" href="/feed.json" type="application/feed+json" title="\(name)">
      \(page.asks ? "" : IdleScript.head(options, back: path, isRested: isRested))</head>
      <body>
      <a class="saut" href="#contenu">Aller au texte</a>
      \(header)
      \(banner)<div class="corps">
      <main id="contenu">
      \(page.main)</main>
      \(margin)</div>
      \(footer)
      \(page.asks ? "" : IdleScript.tail(options, isRested: isRested))</body>
      </html>\n
      """
  }

  private var header: Markup {
    """
    <header class="tete">
    <p class="nom"><a href="/">\(masthead.name)</a></p>
    <div class="date">\(updated)
    <ul class="raccourcis"><li><a href="#rubriques">Rubriques</a></li>\
    <li><a href="#chercher">Chercher</a></li><li><a href="#affichage">Affichage</a></li></ul></div>
    </header>
    """
  }

  /// « Mis à jour le … »: the newsroom's own time, never the local clock's.
  private var updated: Markup {
    guard let signed = freshness.signed else { return "<p>Pas encore de nouvelles</p>" }
    return "<p>Mis à jour le \(dateAndTime(signed)) (heure de Gao)</p>"
  }

  private var banner: Markup {
    let text: Markup
    switch warning {
    case nil: return ""
    case .nothingHeld:
      text =
        "Rien n’a encore été reçu&nbsp;: les nouvelles viendront avec la première synchronisation."
    case .wrongClock:
      text = """
        L’horloge de cet appareil est fausse&nbsp;: elle indique le \(dateAndTime(now)), avant la \
        dernière mise à jour. Les dates des articles sont justes.
        """
    case .old(let seconds):
      text = """
        Ces nouvelles ont plus \(age(seconds)), d’après l’horloge de cet appareil. De plus récentes \
        viendront avec la prochaine synchronisation.
        """
    }
    return "<div class=\"bandeau\" role=\"region\" aria-label=\"Fraîcheur\"><p>\(text)</p></div>\n"
  }

  /// « d’un jour », « de 3 heures ».
  private func age(_ seconds: Int) -> Markup {
    let units: [(length: Int, one: Markup, noun: Markup)] = [
      (86_400, "un", "jour"), (3_600, "une", "heure"), (60, "une", "minute"),
    ]
    for (length, one, noun) in units where seconds >= length {
      return seconds < 2 * length ? "d’\(one) \(noun)" : "de \(seconds / length) \(noun)s"
    }
    return "de \(counted(seconds, "seconde"))"
  }

  private var margin: Markup {
    // A shared screen has no way back from what is no page.
    let feed: Markup = options.isShared ? "" : "<li><a href=\"/rss.xml\">Fil RSS</a></li>"
    return """
      <div class="marge">
      \(searchForm(""))
      <nav aria-labelledby="rubriques">
      <h2 id="rubriques" tabindex="-1">Rubriques</h2>
      \(sections(below: ""))</nav>
      <nav aria-labelledby="ailleurs">
      <h2 id="ailleurs">Aussi</h2>
      <ul><li><a href="/archives">Archives par jour</a></li><li><a href="/bulletin">Bulletin radio</a></li>\
      <li><a href="/a-propos">À propos</a></li><li><a href="/etat">État du kiosque</a></li>\
      \(feed)</ul>
      </nav>
      </div>
      """
  }

  private func sections(below parent: String) -> Markup {
    let found = masthead.sections.filter { $0.parent == parent }
    guard !found.isEmpty else { return "" }
    let items = found.map { section -> Markup in
      """
      <li><a href="/rubrique/\(section.slug)">\(section.title)</a>\(sections(below: section.slug))</li>\n
      """
    }
    return "<ul>\n\(items)</ul>\n"
  }

  /// The form of the margin and of the page of results.
  func searchForm(_ words: String, id: String = "chercher") -> Markup {
    let forgets: Markup = options.isShared ? " autocomplete=\"off\"" : ""
    return """
      <form role="search" action="/recherche"\(forgets)>
      <label for="\(id)">Chercher dans les nouvelles</label>
      <input type="search" id="\(id)" name="q" value="\(words)" maxlength="200">
      <button>Chercher</button>
      </form>
      """
  }

  private var footer: Markup {
    """
    <footer class="pied">
    \(displayForm)
    <p>Fil signé par la rédaction, <bdi>\(replica.key.name)</bdi>, version \(freshness.version). \
    Rien de ce que vous lisez ici n’est noté.</p>
    </footer>
    """
  }

  /// The buttons that change size and colours, without a script.
  var displayForm: Markup {
    let sizes = Display.Size.allCases.map {
      button("taille", $0.rawValue, $0.label, $0 == display.size)
    }
    let colours = Display.Colours.allCases.map {
      button("couleurs", $0.rawValue, $0.label, $0 == display.colours)
    }
    return """
      <form method="post" action="/affichage" id="affichage" tabindex="-1">
      \(token)<input type="hidden" name="retour" value="\(path)">
      <fieldset><legend>Taille du texte</legend>\(sizes)</fieldset>
      <fieldset><legend>Couleurs</legend>\(colours)</fieldset>
      </form>
      """
  }

  var token: Markup { "<input type=\"hidden\" name=\"jeton\" value=\"\(options.token)\">" }

  private func button(_ name: String, _ value: String, _ label: String, _ isPressed: Bool) -> Markup
  {
    """
    <button name="\(name)" value="\(value)" aria-pressed="\(isPressed ? "true" : "false")">\(label)</button>
    """
  }
}
