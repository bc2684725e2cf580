internal import FilProtocol
internal import Text

/// What brings a shared screen home: a script of a few lines, and without JavaScript a page that
/// comes by itself.
enum IdleScript {
  /// The only script of a kiosk; the policy of its pages names its hash.
  ///
  /// It counts touches, keys and scrolling, and shows the question that the page holds: a modal dialog,
  /// so that the touch that answers it reaches nothing beneath, and the focus comes back to where it
  /// was. A browser without such dialogs goes home unasked, as does the first page as everybody finds
  /// it, where there is nothing to forget.
  static let text: StaticString = """
    (()=>{const q=document.getElementById('repos'),n=q.querySelector('span');let t,left;\
    const home=()=>location.replace('/adieu');\
    const ask=()=>{if(q.dataset.accueil||!q.showModal)return home();left=+q.dataset.compte;n.textContent=left;q.showModal();\
    t=setInterval(()=>{n.textContent=--left;if(left<1){clearInterval(t);home()}},1000)};\
    const touched=e=>{if(q.open){if(e.type=='pointerdown')return;if(e.type=='keydown')e.preventDefault();q.close()}\
    clearInterval(t);clearTimeout(t);t=setTimeout(ask,q.dataset.repos*1000)};\
    for(const e of['pointerdown','click','keydown','wheel','scroll'])\
    addEventListener(e,touched,{passive:e!='keydown',capture:true});\
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
      <dialog id="repos" class="repos" role="alertdialog" aria-labelledby="repos-titre" \
      aria-describedby="repos-texte" data-repos="\(options.idle)" data-compte="\(options.countdown)"\(home)>
      <h2 id="repos-titre">Il y a quelqu’un&nbsp;?</h2>
      <p id="repos-texte">Retour à l’accueil dans <span>\(options.countdown)</span>&nbsp;secondes.</p>
      <p><button class="fort">Continuer à lire</button></p>
      </dialog>
      <script>\(Markup(text))</script>\n
      """
  }
}
