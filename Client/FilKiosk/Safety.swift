internal import FilProtocol
internal import HTTP
internal import Text

/// What every answer carries, and what is refused before anything is looked up.
///
/// Trust: a request may come from any page of any browser on this network. It can read what is
/// published, which is everything; what it cannot do is to be answered under a foreign name (DNS
/// rebinding), to change a setting or to leave a wish without a token that only our pages have.
enum Safety {
  /// The answer to a request that goes no further; nil: it may.
  static func refusal(_ request: Request, _ options: KioskOptions) -> Response? {
    switch request.method {
    case .get, .head, .post: break
    case .other:
      var response = notice(405, "Cela ne se fait pas ici", "", options)
      response.headers["Allow"] = "GET, HEAD, POST"
      return response
    }
    guard let host = request.headers["Host"], isOurs(host, options.names) else {
      return notice(
        421, "Ce kiosque n’a pas ce nom",
        "Ouvrez-le par son adresse, ou lancez fil kiosk avec --name.", options)
    }
    guard request.path.utf8.count + (request.query?.utf8.count ?? 0) <= 2_048 else {
      return notice(414, "Cette adresse est trop longue", "", options)
    }
    return nil
  }

  /// Whether a form was sent by one of our pages.
  static func isGenuine(_ request: Request, _ form: Form, _ options: KioskOptions) -> Bool {
    guard form["jeton"] == options.token, !options.token.isEmpty else { return false }
    guard let origin = request.headers["Origin"] else { return true }
    return origin == "http://\(request.headers["Host"] ?? "")"
      || origin == "https://\(request.headers["Host"] ?? "")"
  }

  /// A name that another site can make lead here is none of ours: an address is, and `localhost`.
  private static func isOurs(_ host: String, _ names: Set<String>) -> Bool {
    var name = host[...]
    if name.hasPrefix("[") {
      guard let end = name.firstIndex(of: "]") else { return false }
      return name[..<end].dropFirst().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        && isPort(name[name.index(after: end)...])
    }
    if let colon = name.firstIndex(of: ":") {
      guard isPort(name[colon...]) else { return false }
      name = name[..<colon]
    }
    let lower = name.lowercased()
    let parts = lower.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) { return true }
    return lower == "localhost" || names.contains(lower)
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.isEmpty || text.first == ":" && UInt16(text.dropFirst()) != nil
  }

  /// The fields of every answer.
  static func protect(_ response: Response, _ options: KioskOptions) -> Response {
    var response = response
    let script = options.isShared ? " script-src '\(IdleScript.hash)';" : ""
    response.headers["Content-Security-Policy"] =
      "default-src 'none'; style-src 'self'; img-src 'self';\(script) form-action 'self'; "
      + "base-uri 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    // Not `no-referrer`: browsers then hide the origin of our own forms too.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if response.headers["Cache-Control"] == nil {
      response.headers["Cache-Control"] = options.isShared ? "no-store" : "private, no-cache"
    }
    return response
  }

  /// A page, which costs only its head when the browser has it already.
  static func page(
    _ body: Markup, status: Int = 200, type: String = "text/html; charset=utf-8"
  ) -> Response {
    var response = Response(
      status: status, headers: ["Content-Type": type, "Vary": "Cookie"], body: .bytes(body.bytes))
    if status == 200 { response.headers["ETag"] = tag(body.bytes) }
    return response
  }

  /// A page of its own, without anything of the replica: what does not work, and the way home.
  ///
  /// A shared screen may have no key to go back with: it goes home by itself.
  static func notice(
    _ status: Int, _ what: Markup, _ advice: Markup, _ options: KioskOptions
  ) -> Response {
    var response = page(
      """
      <!DOCTYPE html>
      <html lang="fr">
      <head>
      <meta charset="utf-8">
      <title>\(what)</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <link rel="stylesheet" href="/\(StyleSheet.name)">
      </head>
      <body>
      <div class="corps">
      <main>
      <h1>\(what)</h1>
      \(advice.isEmpty ? "" : "<p>\(advice)</p>\n")<p><a class="bouton" href="/">Aller à l’accueil</a></p>
      </main>
      </div>
      </body>
      </html>\n
      """, status: status)
    if options.isShared { response.headers["Refresh"] = "5; url=/" }
    return response
  }

  static func tag(_ bytes: [UInt8]) -> String {
    "\"\(Hex.encode(SHA256.hash(bytes).bytes.prefix(12)))\""
  }

  static func redirect(to path: String) -> Response {
    Response(status: 303, headers: ["Location": path])
  }

  /// A path of this kiosk to go back to; anything else is home.
  static func local(_ path: String?) -> String {
    guard let path, path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= 1_024,
      !path.hasPrefix("//"), !path.contains("\\"),
      path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return "/" }
    return path
  }
}
