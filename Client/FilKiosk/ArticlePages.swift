internal import FilClient
internal import FilProtocol
internal import Text

extension Edition {
  /// An article, or what stands in its place.
  func article(_ number: Int) throws(FilError) -> Page? {
    guard let article = try replica.article(number) else { return nil }
    guard article.isReadable else {
      return Page(
        title: "Article \(number)",
        main: """
          <article class="article"><h1>Article \(number)</h1>
          <p>Il faut une version plus récente de fil pour lire cet article.</p></article>\n
          """)
    }
    if let time = article.retracted { return retraction(article, time) }
    let language = language(article)
    let summary: Markup =
      article.summary.isEmpty ? "" : "<p class=\"chapo\"\(language)>\(article.summary)</p>\n"
    return Page(
      title: article.title,
      main: """
        <article class="article">
        <h1\(language)>\(article.title)</h1>
        \(summary)\(byline(article))
        \(correction(article))\(try text(article))\(tags(article))</article>
        \(try others(article))
        """)
  }

  /// Section, dates, author.
  private func byline(_ article: Article) -> Markup {
    let slug = article.section
    let isKnown = masthead.sections.contains { $0.slug == slug }
    let section: Markup =
      isKnown
      ? "<a href=\"/rubrique/\(slug)\">\(title(ofSection: slug))</a>" : "<span>\(slug)</span>"
    let author: Markup = article.author.isEmpty ? "" : "<span>\(article.author)</span>"
    let urgent: Markup = article.isUrgent ? "<span class=\"urgent\">Urgent</span>" : ""
    return """
      <p class="meta">\(urgent)\(section)<span>\(date(article.published))</span>\(author)</p>
      """
  }

  /// The notice that begins « Corrigé le ».
  func correction(_ article: Article) -> Markup {
    guard let updated = article.updated else { return "" }
    let note: Markup =
      article.note.isEmpty ? "." : "&nbsp;: <span\(language(article))>\(article.note)</span>"
    return """
      <div class="avis" role="note"><p><strong>Corrigé le \(date(updated))</strong>\(note)</p></div>\n
      """
  }

  private func text(_ article: Article) throws(FilError) -> Markup {
    switch article.bodyState {
    case .none: return ""
    case .missing: return try missing(article)
    case .current, .outdated: break
    }
    let notice: Markup =
      article.bodyState == .current
      ? ""
      : """
      <div class="avis" role="note"><p>Une version corrigée de ce texte est en route&nbsp;; \
      voici l’ancienne.</p>\(try wish(article))</div>\n
      """
    let body = CommonMark.markup(article.body ?? "") { place, address in
      options.isShared ? "/article/\(article.number)/lien/\(place)" : address
    }
    return "\(notice)<div class=\"texte\"\(language(article))>\n\(body)</div>\n"
  }

  /// What is said in place of a text that is not here yet, and the button that asks for it.
  private func missing(_ article: Article) throws(FilError) -> Markup {
    """
    <div class="avis" role="note">
    <p><strong>Le texte de cet article n’est pas encore ici.</strong> \
    Il pèse \(size(article.length)).</p>
    \(try wish(article))</div>\n
    """
  }

  private func wish(_ article: Article) throws(FilError) -> Markup {
    guard options.takesWishes else {
      return "<p>Il viendra si ce kiosque reçoit les textes de cette rubrique.</p>\n"
    }
    if try replica.isWanted(article.number) {
      return "<p>Il est demandé&nbsp;: il viendra avec la prochaine synchronisation.</p>\n"
    }
    return """
      <form method="post" action="/demande">
      \(token)<input type="hidden" name="article" value="\(article.number)">
      <button class="fort">Demander ce texte</button>
      </form>
      <p>Votre demande est gardée, sans votre nom.</p>\n
      """
  }

  func size(_ bytes: Int) -> Markup {
    bytes < 1_000 ? "\(bytes)&nbsp;octets" : "\((bytes + 999) / 1_000)&nbsp;ko"
  }

  private func retraction(_ article: Article, _ time: Int) -> Page {
    let text: Markup =
      article.isErased
      ? "Son texte a été effacé de toutes les copies du fil qui ont été mises à jour."
      : "Son texte n’est plus montré."
    return Page(
      title: "Article retiré",
      main: """
        <article class="article">
        <h1>Article retiré par la rédaction</h1>
        <div class="avis" role="note">
        <p><strong>Retiré le \(date(time))</strong>&nbsp;: \
        <span\(language(article))>\(article.reason ?? "")</span></p>
        </div>
        <p>L’article numéro \(article.number), publié le \(date(article.published)), n’est plus \
        diffusé. \(text)</p>
        </article>\n
        """)
  }

  private func tags(_ article: Article) -> Markup {
    guard !article.tags.isEmpty else { return "" }
    let items = article.tags.map { tag -> Markup in
      "<li><a href=\"/etiquette/\(Percent.encode(tag))\"\(language(article))>\(tag)</a></li>"
    }
    return "<ul class=\"mots\" aria-label=\"Étiquettes\">\(items)</ul>\n"
  }

  private func others(_ article: Article) throws(FilError) -> Markup {
    let others = try replica.related(to: article.number, limit: 3)
    guard !others.isEmpty else { return "" }
    return """
      <section class="rubrique autres" aria-labelledby="autres">
      <h2 id="autres">Autres articles</h2>
      <div class="grille">
      \(others.map { entry($0) })</div>
      </section>\n
      """
  }

  /// The address that a link leads to, to be taken away from a screen that does not go there.
  func link(article number: Int?, place: Int) throws(FilError) -> Page? {
    let text = try number.map { (number) throws(FilError) in
      try replica.article(number)?.body ?? ""
    }
    let links = CommonMark.links(text ?? masthead.about)
    guard links.indices.contains(place) else { return nil }
    let back = number.map { "/article/\($0)" } ?? "/a-propos"
    let code: Markup =
      QRCode.svg(links[place]).map {
        "<p>Photographiez ce code avec un téléphone, ou recopiez l’adresse.</p>\n\($0)"
      } ?? ""
    return Page(
      title: "Adresse à emporter",
      main: """
        <h1>Adresse à emporter</h1>
        <p>Cet écran ne va pas sur d’autres sites. Le lien mène à&nbsp;:</p>
        <p class="adresse" dir="ltr">\(links[place])</p>
        \(code)<p class="meta"><a href="\(back)">Revenir au texte</a></p>\n
        """)
  }
}
