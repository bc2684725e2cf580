public import FilClient
public import HTTP
internal import Text

/// A replica as a newspaper: a function from request to page.
///
/// Sendable, without state of its own, and without a clock: pages are made anew of what the replica
/// holds. It blocks for some milliseconds, and for a wish as long as somebody else writes: see
/// ``KioskHandler``. It keeps nothing about readers but which texts were asked for, and on which day.
///
/// Trust: everything shown is what the replica verified. Whoever asks can make it work, not remember.
public struct Kiosk: Sendable {
  private let replica: Replica
  private let options: KioskOptions

  public init(_ replica: Replica, _ options: KioskOptions) {
    self.replica = replica
    self.options = options
  }

  /// The answer to `request` at `now`, in seconds since 1970-01-01T00:00Z by the local clock.
  public func answer(_ request: Request, now: Int) -> Response {
    if let refusal = Safety.refusal(request, options) {
      return Safety.protect(refusal, options)
    }
    let response: Response
    do throws(FilError) { response = try respond(to: request, now) } catch {
      response = failure(error)
    }
    return Safety.protect(response.conditioned(by: request), options)
  }

  private func respond(to request: Request, _ now: Int) throws(FilError) -> Response {
    let form = Form(
      request.method == .post ? String(decoding: request.body, as: UTF8.self) : request.query)
    let route = Route(request.path)
    if request.method != .post, let file = file(route) { return file }
    if request.method != .post, route == .goodbye, options.isShared { return goodbye(request) }
    let path = request.path + (request.query.map { "?\($0)" } ?? "")
    let edition = try Edition(
      replica, options, Display(cookies: request.headers.list("Cookie")), now: now,
      path: request.method == .post ? Safety.local(form["retour"]) : Safety.local(path))
    if request.method == .post { return try take(form, route, request, edition, now) }
    switch route {
    case .rss?: return try edition.rss(host: request.headers["Host"] ?? "")
    case .jsonFeed?: return try edition.jsonFeed(host: request.headers["Host"] ?? "")
    case .bulletinText?: return .text(200, try edition.bulletinText(form))
    default: break
    }
    let page: Page?
    do throws(FilError) { page = try self.page(route, form, edition) } catch {
      guard case .notFound = error else { throw error }
      page = nil
    }
    let found = page ?? edition.notFound()
    var response = Safety.page(edition.frame(found), status: found.status)
    // For browsers without JavaScript: the question goes home by itself.
    if route == .rest, options.isShared {
      response.headers["Refresh"] = "\(options.countdown); url=/adieu"
    }
    return response
  }

  private func page(_ route: Route?, _ form: Form, _ edition: Edition) throws(FilError) -> Page? {
    switch route {
    case .home?: try edition.home()
    case .section(let slug)?: try edition.section(slug, form)
    case .tag(let tag)?: try edition.tag(tag, form)
    case .article(let number)?: try edition.article(number)
    case .link(let number, let place)?: try edition.link(article: number, place: place)
    case .search?: try edition.search(form)
    case .archives?: try edition.archives()
    case .month(let month)?: try edition.archives(month: month)
    case .day(let day)?: try edition.archives(day: day, form)
    case .about?: edition.about()
    case .state?: try edition.state()
    case .bulletin?: try edition.bulletin(form)
    case .display?: edition.displayPage()
    case .rest?: edition.rest(form)
    default: nil
    }
  }

  /// What does not depend on the replica.
  private func file(_ route: Route?) -> Response? {
    func fixed(_ text: String, _ type: String, _ life: String) -> Response {
      let bytes = Array(text.utf8)
      return Response(
        status: 200,
        headers: [
          "Content-Type": type, "Cache-Control": "public, max-age=\(life)",
          "ETag": Safety.tag(bytes),
        ], body: .bytes(bytes))
    }
    switch route {
    case .style?: return fixed(StyleSheet.text, "text/css; charset=utf-8", "31536000, immutable")
    case .icon?: return fixed(StyleSheet.icon, "image/svg+xml", "86400")
    default: return nil
    }
  }

  /// A shared screen begins anew, without the settings of whoever was there.
  ///
  /// Only its own pages send it home: a picture with this address on another site must not.
  private func goodbye(_ request: Request) -> Response {
    guard [nil, "same-origin", "none"].contains(request.headers["Sec-Fetch-Site"]) else {
      return Safety.notice(403, "Cela ne se demande pas d’ailleurs", "", options)
    }
    var response = Safety.redirect(to: "/")
    response.headers["Set-Cookie"] = Display.forgetting
    return response
  }

  /// The two forms that change something.
  private func take(
    _ form: Form, _ route: Route?, _ request: Request, _ edition: Edition, _ now: Int
  ) throws(FilError) -> Response {
    guard route == .display || route == .wish else {
      var response = Safety.notice(405, "Cette page ne prend pas de formulaire", "", options)
      response.headers["Allow"] = "GET, HEAD"
      return response
    }
    guard Safety.isGenuine(request, form, options) else {
      return Safety.page(edition.frame(edition.refused()), status: 403)
    }
    if route == .display {
      var display = edition.display
      display.take(form)
      var response = Safety.redirect(to: edition.path)
      response.headers["Set-Cookie"] = display.setCookie(isShared: options.isShared)
      return response
    }
    guard options.takesWishes, let number = form["article"].flatMap({ Int($0) }) else {
      return Safety.page(edition.frame(edition.notFound()), status: 404)
    }
    let outcome: WishOutcome
    do throws(FilError) { outcome = try replica.want(number, now: now) } catch {
      guard case .notFound = error else { throw error }
      return Safety.page(edition.frame(edition.notFound()), status: 404)
    }
    guard outcome == .full else { return Safety.redirect(to: "/article/\(number)") }
    let full = edition.tooManyWishes()
    return Safety.page(edition.frame(full), status: full.status)
  }

  /// Nothing of the cause is told to readers; `fil verify` tells it to the operator.
  private func failure(_ error: FilError) -> Response {
    guard error.status != 7 else { return busy }
    return Safety.notice(
      500, "Le kiosque ne peut pas lire ses nouvelles", "Si cela dure, lancez fil verify.", options)
  }

  /// Somebody else writes, or too many ask.
  var busy: Response {
    var response = Safety.notice(503, "Le kiosque est occupé un instant", "Réessayez.", options)
    response.headers["Retry-After"] = "2"
    return Safety.protect(response, options)
  }
}
