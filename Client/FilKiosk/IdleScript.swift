internal import FilProtocol
internal import Text

/// What brings a shared screen home: a script of a few lines, and without JavaScript a page that
/// comes by itself.
enum IdleScript {
  /// The only script of a kiosk; the policy of its pages names its hash.
  ///
  /// It counts touches, keys and scrolling, shows the question that the page holds, and stops at the
  /// first touch; the first page as everybody finds it is fetched again without a question.
  static let text: StaticString = """
    (()=>{const q=document.getElementById('repos'),n=q.querySelector('output');let t,left;\
    const ask=()=>{if(q.dataset.accueil)return location.replace('/adieu');left=+q.dataset.compte;n.textContent=left;q.hidden=false;\
    t=setInterval(()=>{n.textContent=--left;if(left<1){clearInterval(t);location.replace('/adieu')}},1000)};\
    const touched=()=>{clearInterval(t);clearTimeout(t);q.hidden=true;\
    t=setTimeout(ask,q.dataset.repos*1000)};\
    for(const e of['pointerdown','keydown','wheel','scroll'])addEventListener(e,touched,{passive:true,capture:true});\
    touched()})()
    """

  /// `sha256-` and the hash of ``text``, as a content security policy names it.
  static let hash = "sha256-\(Base64.encode(SHA256.hash(Array(text.description.utf8)).bytes))"

  /// For the head: without JavaScript a page that was left alone asks by itself.
  ///
  /// `isRested`: it is the first page as everybody finds it, which is only made anew.
  static func head(_ options: KioskOptions, back: String, isRested: Bool) -> Markup {
    guard options.isShared else { return "" }
    let next: Markup = isRested ? "/adieu" : "/repos?retour=\(Percent.encode(back))"
    return """
      <noscript><meta http-equiv="refresh" content="\(options.idle);url=\(next)"></noscript>\n
      """
  }

  /// For the end of the body: the question, and the script that shows it.
  static func tail(_ options: KioskOptions, isRested: Bool) -> Markup {
    guard options.isShared else { return "" }
    let home: Markup = isRested ? " data-accueil=\"1\"" : ""
    return """
      <div id="repos" class="repos" role="alertdialog" aria-labelledby="repos-titre" \
      data-repos="\(options.idle)" data-compte="\(options.countdown)"\(home) hidden>
      <p id="repos-titre">Il y a quelqu’un&nbsp;?</p>
      <p>Retour à l’accueil dans <output>\(options.countdown)</output>&nbsp;secondes.</p>
      <p>Touchez l’écran pour continuer à lire.</p>
      </div>
      <script>\(Markup(text))</script>\n
      """
  }
}
