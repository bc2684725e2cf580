/// How a reader wants pages to look: the only thing that a kiosk keeps, in the reader's browser.
struct Display: Equatable {
  enum Size: String, CaseIterable {
    case normal, grand
    case enorme = "tres-grand"

    var label: String {
      switch self {
      case .normal: "Normal"
      case .grand: "Grand"
      case .enorme: "Très grand"
      }
    }
  }

  enum Colours: String, CaseIterable {
    case auto, clair, sombre, contraste

    var label: String {
      switch self {
      case .auto: "Comme l’appareil"
      case .clair: "Clair"
      case .sombre: "Sombre"
      case .contraste: "Contraste fort"
      }
    }
  }

  var size = Size.normal
  var colours = Colours.auto

  static let cookie = "affichage"

  init() {}

  /// From the field `Cookie` of a request; what is not understood counts as not chosen.
  init(cookies: String?) {
    for pair in (cookies ?? "").split(separator: ";") {
      let halves = pair.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, halves[0].drop(while: { $0 == " " }) == Display.cookie else {
        continue
      }
      let words = halves[1].split(separator: ".").map(String.init)
      guard words.count == 2 else { continue }
      size = Size(rawValue: words[0]) ?? size
      colours = Colours(rawValue: words[1]) ?? colours
    }
  }

  /// Takes what the buttons of a form say.
  mutating func take(_ form: Form) {
    size = form["taille"].flatMap(Size.init) ?? size
    colours = form["couleurs"].flatMap(Colours.init) ?? colours
  }

  /// The field `Set-Cookie` that keeps it: for a year, or until a shared screen forgets.
  func setCookie(isShared: Bool) -> String {
    if self == Display() { return Display.forgetting }
    let life = isShared ? "" : "; Max-Age=31536000"
    return
      "\(Display.cookie)=\(size.rawValue).\(colours.rawValue); Path=/; HttpOnly; SameSite=Strict\(life)"
  }

  static let forgetting = "\(cookie)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
}
