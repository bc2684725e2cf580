internal import FilClient
internal import FilProtocol
internal import Text

extension Edition {
  /// The masthead: who writes, and where the newsroom can be reached.
  func about() -> Page {
    let text = CommonMark.markup(masthead.about) { place, address in
      options.isShared ? "/a-propos/lien/\(place)" : address
    }
    let contact: Markup =
      masthead.contact.isEmpty
      ? ""
      : "<p>Pour écrire à la rédaction&nbsp;: <strong dir=\"auto\">\(masthead.contact)</strong></p>\n"
    return Page(
      title: "À propos",
      main: """
        <article class="article">
        <h1>À propos</h1>
        <div class="texte" lang="\(masthead.language)" dir="auto">
        \(text)</div>
        \(contact)<p>Clé de la rédaction&nbsp;:</p>
        <p class="adresse" dir="ltr">\(replica.key.description)</p>
        </article>\n
        """)
  }

  /// Where the replica stands, and what its syncs do.
  func state() throws(FilError) -> Page {
    let status = try replica.status()
    var rows: [Markup] = [
      row("Fil", "<bdi>\(status.origin)</bdi>"), row("Version", "\(status.version)"),
    ]
    if let signed = status.signed {
      rows.append(row("Signée par la rédaction le", dateAndTime(signed)))
    }
    rows.append(row("Articles", "\(status.articles), depuis le numéro \(status.oldest)"))
    rows.append(row("Textes", "\(status.bodies) ici, \(status.missingBodies) à venir"))
    if status.openWishes > 0 { rows.append(row("Demandés", "\(status.openWishes) textes")) }
    if status.spoolTotal > 0 {
      rows.append(row("En route", "\(size(status.spooled)) sur \(size(status.spoolTotal))"))
    }
    rows.append(row("Synchronisation", syncing))
    if let last = options.syncs?.last { rows.append(row("La dernière", outcome(last))) }
    if let synced = status.synced {
      rows.append(
        row("La dernière réussie", "le \(dateAndTime(synced)), d’après l’horloge de cet appareil"))
    }
    rows.append(
      row("Reçu en tout", "\(size(status.bytesReceived)), et envoyé \(size(status.bytesSent))"))
    if status.pendingErasures > 0 {
      rows.append(row("Effacements", "\(status.pendingErasures), à la prochaine synchronisation"))
    }
    if status.forks > 0 {
      rows.append(
        row(
          "Attention",
          "<strong>deux versions signées se contredisent&nbsp;: prévenez la rédaction</strong>"))
    }
    return Page(
      title: "État du kiosque", main: "<h1>État du kiosque</h1>\n<dl>\n\(rows)</dl>\n")
  }

  private func row(_ name: Markup, _ value: Markup) -> Markup {
    "<dt>\(name)</dt><dd>\(value)</dd>\n"
  }

  private var syncing: Markup {
    guard let syncs = options.syncs else { return "ce kiosque ne synchronise pas lui-même" }
    guard let progress = syncs.progress else { return "pas en ce moment" }
    return """
      en cours&nbsp;: \(size(progress.done)) sur \(size(progress.total)), \
      \(progress.headlines) titres et \(progress.bodies) textes reçus
      """
  }

  private func outcome(_ outcome: SyncLog.Outcome) -> Markup {
    let report = outcome.report
    let what: Markup
    switch outcome.error {
    case nil:
      what = "réussie&nbsp;: \(report.headlines) titres, \(report.bodies) textes"
    case .offline?: what = "hors connexion&nbsp;; ce qui a été reçu est gardé"
    case .budgetSpent?: what = "le budget est épuisé&nbsp;; la suite viendra"
    case .untrusted?, .malformed?:
      what = "refusée&nbsp;: ce qui est venu n’est pas ce que la rédaction a signé"
    case .behind?: what = "la source est en retard sur ce kiosque"
    case .busy?: what = "une autre était déjà en cours"
    case .cancelled?: what = "interrompue"
    case .damaged?, .database?, .file?:
      what = "impossible&nbsp;: le disque de ce kiosque est plein ou abîmé"
    case .notFound?, .usage?: what = "impossible&nbsp;: la source n’a pas ce fil"
    }
    return
      "\(what) (le \(dateAndTime(outcome.time)), \(size(report.bytesReceived + report.bytesSent)))"
  }

  func displayPage() -> Page {
    Page(
      title: "Affichage",
      main: "<h1>Affichage</h1>\n<p>Les boutons sont au bas de chaque page.</p>\n")
  }

  /// Asks whether somebody is there; without an answer the browser goes home by itself.
  func rest(_ form: Form) -> Page {
    let back = Safety.local(form["retour"])
    return Page(
      title: "Il y a quelqu’un ?",
      main: """
        <h1>Il y a quelqu’un&nbsp;?</h1>
        <p>Sans réponse, cet écran revient à l’accueil dans \(options.countdown)&nbsp;secondes et oublie \
        vos réglages.</p>
        <p><a class="rester" href="\(back)">Continuer à lire</a></p>\n
        """)
  }

  func notFound() -> Page {
    Page(
      status: 404, title: "Page introuvable",
      main: """
        <h1>Il n’y a rien sous cette adresse</h1>
        <p>L’article n’existe pas, ou n’est pas encore arrivé jusqu’ici. Cherchez-le, ou revenez à \
        <a href="/">l’accueil</a>.</p>\n
        """)
  }

  func tooManyWishes() -> Page {
    Page(
      status: 503, title: "Trop de demandes",
      main: """
        <h1>Trop de textes sont déjà demandés</h1>
        <p>Réessayez après la prochaine synchronisation.</p>\n
        """, asks: true)
  }

  /// A form without the token of this kiosk.
  func refused() -> Page {
    Page(
      status: 403, title: "À refaire",
      main: """
        <h1>À refaire</h1>
        <p>Cette page était restée ouverte depuis trop longtemps. Revenez à \
        <a href="\(Safety.local(path))">la page</a> et recommencez.</p>\n
        """)
  }
}
