/// What of an HTML text is kept, and what goes with all that is in it.
enum AllowList {
  /// Elements that go with what is in them: nobody reads it, or it does something.
  private static let dropped: Set<String> = [
    "script", "style", "noscript", "template", "head", "title", "meta", "link", "base", "svg",
    "math", "canvas", "input", "select", "option", "optgroup", "datalist", "textarea", "button",
    "label", "legend", "output", "progress", "meter", "dialog", "nav", "applet", "frame",
    "frameset", "noframes", "rp", "rt", "del", "s", "strike",
  ]

  /// Those of them that take in all that follows where they are not closed: what has a paragraph in
  /// it stays.
  private static let swallowing: Set<String> = [
    "title", "svg", "math", "canvas", "button", "label", "legend", "output", "progress", "meter",
    "nav", "rp", "rt", "del", "s", "strike",
  ]

  /// Elements before and after which a paragraph ends.
  private static let blocks: Set<String> = [
    "p", "div", "section", "article", "main", "header", "footer", "aside", "address", "center",
    "dl", "dt", "dd", "details", "summary", "fieldset", "form", "hgroup", "pre", "body", "html",
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "menu", "dir", "blockquote", "table",
    "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "figure", "figcaption", "hr",
    "listing", "xmp", "plaintext",
  ]

  /// Classes, and beginnings of classes, of share bars, related articles and advertisements.
  private static let furniture = [
    "sharedaddy", "sd-sharing", "sd-block", "jp-relatedposts", "addtoany", "a2a_", "addthis",
    "essb_", "heateor", "ssba", "social-share", "share-button", "sharing-", "swp_", "mashsb",
    "simplesocial", "post-share", "post-views", "yarpp", "related-posts", "relatedposts",
    "post-navigation", "wp-block-social-link", "wp-block-search", "wp-block-latest-posts",
    "wp-block-post-navigation", "adsbygoogle", "advertisement", "ad-container", "ads-container",
    "quads-location", "code-block-ad", "screen-reader-text", "wpcf7", "mc4wp-form", "sr-only",
    "likebtn", "wpulike", "saboxplugin", "comment-respond", "more-link",
  ]

  /// Hosts of advertisements and counters, which are no embeds.
  private static let counters = [
    "doubleclick.net", "googlesyndication.com", "googletagmanager.com", "google-analytics.com",
  ]

  static func breaks(_ name: String) -> Bool { blocks.contains(name) }

  static func isDropped(_ element: HTMLTree.Node) -> Bool {
    if dropped.contains(element.name),
      !element.hasParagraph || !swallowing.contains(element.name)
    {
      return true
    }
    if element.attributes.isEmpty { return false }
    if element["hidden"] != nil { return true }
    // What is hidden from screen readers only is seen: icons go, words and emoji stay.
    if element["aria-hidden"]?.lowercased() == "true", !element.hasWords, !isEmoji(element) {
      return true
    }
    if let style = element["style"], isInvisible(style) { return true }
    return element.classes.contains { word in furniture.contains { word.hasPrefix($0) } }
  }

  private static func isInvisible(_ style: String) -> Bool {
    style.lowercased().filter { !$0.isWhitespace }.split(separator: ";").contains {
      ["display:none", "visibility:hidden"].contains($0.prefix { $0 != "!" })
    }
  }

  static func isCounter(host: String) -> Bool {
    counters.contains { host == $0 || host.hasSuffix("." + $0) }
  }

  /// Whether an image stands for a character.
  static func isEmoji(_ element: HTMLTree.Node) -> Bool {
    element.name == "img" && element.classes.contains { ["emoji", "wp-smiley"].contains($0) }
  }

  /// Whether an element holds pictures and what is said of them.
  static func isFigure(_ element: HTMLTree.Node) -> Bool {
    element.name == "figure"
      || element.classes.contains { ["wp-caption", "gallery-item"].contains($0) }
  }

  static func isCaption(_ element: HTMLTree.Node) -> Bool {
    element.name == "figcaption"
      || element.classes.contains { ["wp-caption-text", "gallery-caption"].contains($0) }
  }

  /// Elements that show or play something from elsewhere.
  static let embeds: Set<String> = ["iframe", "object", "video", "audio", "embed"]
}
