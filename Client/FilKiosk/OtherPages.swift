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

  /// Where the replica stands, and what its syncs do, those of other programs too.
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
    if status.openWishes > 0 {
      rows.append(row("Demandés", counted(status.openWishes, "texte")))
    }
    if status.spoolTotal > 0 {
      rows.append(row("En route", "\(size(status.spooled)) sur \(size(status.spoolTotal))"))
    }
    rows.append(row("Synchronisation", syncing))
    let last = try lastSync()
    if let last { rows.append(row("La dernière", last.told)) }
    if let synced = status.synced, last?.isGood != true {
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
    rows.append(row("Heures", "celles de Gao, toute l’année celles du temps universel (UTC)"))
    return Page(
      title: "État du kiosque", main: "<h1>État du kiosque</h1>\n<dl>\n\(rows)</dl>\n")
  }

  private func row(_ name: Markup, _ value: Markup) -> Markup {
    "<dt>\(name)</dt><dd>\(value)</dd>\n"
  }

  private var syncing: Markup {
    if let progress = options.syncs?.progress {
      return """
        en cours&nbsp;: \(size(progress.done)) sur \(size(progress.total)), \
        \(counted(progress.headlines, "titre")) et \(counted(progress.bodies, "texte")) reçus
        """
    }
    guard options.syncs == nil else { return "pas en ce moment" }
    return replica.isSyncing()
      ? "en cours, dans un autre programme"
      : "pas en ce moment&nbsp;; un autre programme en est chargé"
  }

  /// The newest sync: of this program, or of another one that the replica remembers.
  private func lastSync() throws(FilError) -> (told: Markup, isGood: Bool)? {
    let past = try replica.lastSync()
    guard let own = options.syncs?.last, own.time >= past?.time ?? 0 else {
      return past.map {
        let time = dateAndTime($0.time)
        return (
          "\(ending($0.code)) (le \(time), d’après l’horloge de cet appareil)", $0.code == nil
        )
      }
    }
    let report = own.report
    let got: Markup =
      own.error == nil
      ? "&nbsp;: \(counted(report.headlines, "titre")), \(counted(report.bodies, "texte"))" : ""
    let bytes = size(report.bytesReceived + report.bytesSent)
    return (
      "\(ending(own.error?.code))\(got) (le \(dateAndTime(own.time)), \(bytes))", own.error == nil
    )
  }

  /// How a sync ended, by the code of its error.
  private func ending(_ code: String?) -> Markup {
    switch code {
    case nil: "réussie"
    case "offline": "hors connexion&nbsp;; ce qui a été reçu est gardé"
    case "budgetSpent": "le budget est épuisé&nbsp;; la suite viendra"
    case "behind": "la source est en retard sur ce kiosque"
    case "busy": "une autre était déjà en cours"
    case "cancelled": "interrompue"
    case "damaged", "database", "file":
      "impossible&nbsp;: le disque de ce kiosque est plein ou abîmé"
    case "notFound", "usage": "impossible&nbsp;: la source n’a pas ce fil"
    default: "refusée&nbsp;: ce qui est venu n’est pas ce que la rédaction a signé"
    }
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
        """, asks: true)
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
        """)
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
