internal import FilProtocol

/// The look of all pages: one small file, named by its hash and kept by the browser.
///
/// Colours keep a contrast of 7 to 1 with their ground, in every scheme. Sizes are in rem, so that the
/// browser's own setting and ours multiply. What is touched is at least 44 pixels high.
enum StyleSheet {
  /// The path without its slash.
  static let name = "style-\(Hex.encode(SHA256.hash(Array(text.utf8)).bytes.prefix(6))).css"

  static let text = colours + layout + parts + texts + narrowAndPrint

  private static let colours = """
    :root{--papier:#fbfaf6;--encre:#1b1a17;--gris:#4d4a43;--filet:#8a857a;--fond:#f0ede4;--fort:#8c1c0c;\
    --lien:#6d1709;--marque:#ffe9a8;color-scheme:light;font-size:100%}
    @media (prefers-color-scheme:dark){:root:not([data-couleurs]){--papier:#171613;--encre:#eeeae1;\
    --gris:#c5bfb2;--filet:#7d786d;--fond:#24221d;--fort:#ffb09c;--lien:#ffc2b2;--marque:#5c4a00;color-scheme:dark}}
    :root[data-couleurs=sombre]{--papier:#171613;--encre:#eeeae1;--gris:#c5bfb2;--filet:#7d786d;\
    --fond:#24221d;--fort:#ffb09c;--lien:#ffc2b2;--marque:#5c4a00;color-scheme:dark}
    @media (prefers-contrast:more){:root:not([data-couleurs]){--papier:#fff;--encre:#000;--gris:#000;\
    --filet:#000;--fond:#fff;--fort:#600;--lien:#00c;--marque:#ff0}}
    @media (prefers-contrast:more) and (prefers-color-scheme:dark){:root:not([data-couleurs]){--papier:#000;\
    --encre:#fff;--gris:#fff;--filet:#fff;--fond:#000;--fort:#ff0;--lien:#ff0;--marque:#00528f}}
    :root[data-couleurs=contraste]{--papier:#000;--encre:#fff;--gris:#fff;--filet:#fff;--fond:#000;\
    --fort:#ff0;--lien:#ff0;--marque:#00528f;color-scheme:dark}
    :root[data-taille=grand]{font-size:125%}
    :root[data-taille=tres-grand]{font-size:160%}\n
    """

  private static let layout = """
    *{box-sizing:border-box}
    body{margin:0;background:var(--papier);color:var(--encre);\
    font:1.0625rem/1.5 "Source Serif 4","Noto Serif",Charter,Georgia,"DejaVu Serif","Noto Sans Tifinagh","DejaVu Sans",serif;\
    overflow-wrap:break-word}
    .tete,.corps{max-width:76rem;margin:auto;padding:0 1rem}
    .tete{text-align:center;padding-top:.5rem}
    .nom{margin:0;font-size:clamp(1.9rem,6vw,3.4rem);font-weight:900;line-height:1.15;letter-spacing:-.015em}
    .nom a{color:inherit;text-decoration:none;display:inline-block;min-height:44px}
    .date{margin:.4rem 0 0;padding:.3rem 0;border-top:3px double var(--filet);border-bottom:1px solid var(--filet);\
    display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:0 1.5rem}
    .date p{margin:0}
    .date,.meta,.mots,.bouton,button,input,label,nav,.pied,legend,.sur,.avis,th,dt,.pages{\
    font-family:"Source Sans 3","Noto Sans",system-ui,"DejaVu Sans",sans-serif}
    .date,.meta,nav,.pied{font-size:.9375rem}
    .raccourcis{display:flex;flex-wrap:wrap;gap:0 1.25rem;margin:0;padding:0;list-style:none}
    a{color:var(--lien);text-underline-offset:.15em;text-decoration-thickness:1px}
    a:hover{text-decoration-thickness:2px}
    :focus-visible{outline:3px solid var(--fort);outline-offset:2px;border-radius:2px}
    .saut{position:absolute;left:-99rem;background:var(--papier);padding:.75rem 1rem;z-index:2}
    .saut:focus{left:.5rem;top:.5rem}
    .corps{display:grid;gap:0 3rem;padding-top:1rem}
    main{min-width:0}
    .marge{margin-top:2rem;border-top:3px double var(--filet);min-width:0}
    @media (min-width:62rem){.corps{grid-template-columns:minmax(0,1fr) 15rem}\
    .marge{margin-top:0;border-top:0;border-left:1px solid var(--filet);padding-left:1.5rem}}
    .marge ul{list-style:none;margin:0;padding:0}
    .marge li ul{padding-left:1rem}
    nav a,.raccourcis a,.meta a,.date a,.mots a,.pages a,.jours a{display:inline-flex;align-items:center;\
    min-height:44px;min-width:44px}
    .marge h2,.sur{font-size:1rem;text-transform:uppercase;letter-spacing:.06em;margin:1rem 0 .25rem}
    .pied{max-width:74rem;width:calc(100% - 2rem);margin:2.5rem auto 0;padding-bottom:2rem;border-top:1px solid var(--filet)}\n
    """

  private static let parts = """
    h1,h2,h3{line-height:1.2;text-wrap:balance;hyphens:auto}
    main h1{font-size:min(2rem,11vw)}
    .rubrique{margin:2rem 0 0;border-top:2px solid var(--encre)}
    .rubrique>h2,main .une>h1{font:700 1rem/1.2 "Source Sans 3","Noto Sans",system-ui,"DejaVu Sans",sans-serif;\
    text-transform:uppercase;letter-spacing:.06em;color:var(--fort);margin:.25rem 0}
    .rubrique>h2 a{color:inherit;display:inline-flex;align-items:center;min-height:44px}
    .grille{display:grid;gap:0 2rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr))}
    .deux{display:grid;gap:0 2rem}
    @media (min-width:44rem){.deux{grid-template-columns:3fr 2fr}}
    .deux .titre{border-top:0;padding:0 0 .4rem}
    .deux>.titre h3{font-size:1.5rem}
    .deux div h3{font-size:1.1rem;font-weight:600}
    .deux div .titre+.titre{border-top:1px solid var(--filet)}
    .titre{border-top:1px solid var(--filet);padding:.5rem 0}
    .grille .titre{border-top:0}
    .titre h2,.titre h3{margin:0;font-size:1.2rem}
    .titre a{color:inherit;text-decoration:none;display:block;padding:.4rem 0;min-height:44px}
    .titre .meta a{display:inline-flex;padding:0}
    .titre a:hover,.titre a:focus{text-decoration:underline}
    .titre p{margin:.1rem 0}
    .titre .chapo{color:var(--gris)}
    .manchette{padding-bottom:1rem}
    .manchette h2{font-size:min(clamp(1.7rem,4.2vw,2.8rem),11vw);font-weight:800;letter-spacing:-.01em}
    .manchette .chapo{font-size:1.2rem;color:var(--encre)}
    .meta{color:var(--gris);display:flex;flex-wrap:wrap;gap:0 .9rem;align-items:center}
    .urgent{font-weight:700;color:var(--fort)}
    .retire{color:var(--gris);font-style:italic}
    .avis{border-left:4px solid var(--fort);background:var(--fond);padding:.6rem 1rem;margin:1rem 0}
    .avis p{margin:.2rem 0}
    .bandeau{background:var(--fort);color:var(--papier);padding:.6rem 1rem;text-align:center}
    .bandeau p{margin:0 auto;max-width:60rem}
    form{margin:.5rem 0}
    fieldset{border:0;margin:0 0 .5rem;padding:0;display:flex;flex-wrap:wrap;gap:.5rem}
    legend{padding:0 0 .25rem}
    button,.bouton{font-size:1rem;min-height:44px;min-width:44px;padding:.4rem 1rem;border:1px solid var(--encre);\
    background:var(--papier);color:var(--encre);border-radius:3px;cursor:pointer;display:inline-flex;align-items:center;\
    text-decoration:none}
    button[aria-pressed=true],.fort{background:var(--encre);color:var(--papier)}
    input[type=search]{font-size:1rem;min-height:44px;width:100%;padding:.4rem .6rem;border:1px solid var(--encre);\
    background:var(--papier);color:var(--encre);border-radius:3px;margin:.25rem 0 .5rem}
    mark{background:var(--marque);color:inherit;padding:0 .1em}
    dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.4rem 1.5rem}
    dt{font-weight:700}dd{margin:0}
    .mots,.jours{display:flex;flex-wrap:wrap;gap:0 1.25rem;list-style:none;padding:0;margin:1rem 0}
    .pages{display:flex;flex-wrap:wrap;gap:0 1.5rem;align-items:center;border-top:1px solid var(--filet);margin-top:1rem}
    .code{display:block;width:min(100%,18rem);height:auto}
    .adresse{font-size:1.15rem;word-break:break-all;border:1px solid var(--filet);padding:.75rem}\n
    """

  private static let texts = """
    .article{max-width:42rem}
    main .article>h1{font-size:min(clamp(1.8rem,4.6vw,2.9rem),11vw);font-weight:800;letter-spacing:-.01em;margin:.25rem 0 .5rem}
    .article>.chapo{font-size:1.25rem;line-height:1.4;margin:.5rem 0}
    .texte{font-size:1.125rem;line-height:1.6;border-top:1px solid var(--filet);margin-top:.75rem;padding-top:.25rem}
    .texte h2{font-size:1.35rem;margin:1.6rem 0 .4rem}.texte h3,.texte h4{font-size:1.15rem;margin:1.3rem 0 .3rem}
    .texte p{margin:.8rem 0}
    .texte li{margin:.3rem 0}
    blockquote{margin:1rem 0;padding-inline-start:1rem;border-inline-start:3px solid var(--filet);color:var(--gris)}
    pre{white-space:pre-wrap;background:var(--fond);padding:.75rem}
    .tableau{overflow-x:auto;margin:1rem 0}
    table{border-collapse:collapse;min-width:50%}
    caption,th,td{text-align:start;padding:.35rem .75rem;border-bottom:1px solid var(--filet);vertical-align:top}
    th{border-bottom:2px solid var(--encre)}
    .fin{text-align:end}.centre{text-align:center}
    :lang(ar){font-family:"Noto Naskh Arabic",Amiri,"Scheherazade New","DejaVu Sans",serif;line-height:1.75}
    .texte:lang(ar){font-size:1.25rem}h1:lang(ar),h2:lang(ar),h3:lang(ar){line-height:1.4}
    .bulletin{max-width:42rem}.bulletin p{white-space:pre-wrap;margin:.6rem 0}
    .bulletin h2{font-size:1rem;letter-spacing:.06em;border-top:1px solid var(--filet);\
    margin:1.5rem 0 0;padding-top:.4rem}.bulletin h3{font-size:1.2rem;margin:1.4rem 0 0}.bulletin h2+h3{margin-top:.5rem}
    .repos[open]{width:100%;height:100%;max-width:none;max-height:none;border:0;background:var(--papier);color:inherit;\
    display:flex;flex-direction:column;justify-content:center;text-align:center;font-size:1.5rem;padding:2rem}
    .repos button{font-size:1.5rem;padding:1rem 2rem}
    .rester{display:flex;align-items:center;justify-content:center;min-height:50vh;font-size:2rem;border:3px solid var(--encre)}\n
    """

  private static let narrowAndPrint = """
    @media (max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}.date{justify-content:center}}
    @media (prefers-reduced-motion:no-preference){.saut:focus{transition:top .1s}}
    @media print{@page{margin:16mm 18mm}:root:root{--papier:#fff;--encre:#000;--gris:#000;--filet:#666;--fond:#fff;\
    --fort:#000;--lien:#000;font-size:10.5pt;color-scheme:light}
    .marge,.pied form,.raccourcis,.autres,.saut,.mots,.pages,.article form,.repos,.sans-papier{display:none!important}
    .corps{display:block;padding:0}.tete,.corps,.pied{max-width:none;width:auto;padding:0}
    .nom{font-size:20pt}.article,.bulletin{max-width:none}.texte{font-size:10.5pt;line-height:1.4}
    main .article>h1{font-size:20pt}.pied{margin-top:1rem}.avis,.bandeau{border:1px solid #000;color:#000;background:#fff}
    a{text-decoration:none;color:inherit}h1,h2,h3{break-after:avoid}p{orphans:3;widows:3}table{break-inside:avoid}}\n
    """

  /// The mark in a browser's tab.
  static let icon =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><path fill=\"#8c1c0c\" d=\"M0 0h32v32H0z\"/>"
    + "<path fill=\"#fff\" d=\"M9 6h15v4H14v5h8v4h-8v8H9z\"/></svg>\n"
}
