import Testing
import Text

@Suite struct CommonMarkTests {
  @Test func `what is interpolated into markup stays in its place`() {
    let evil = "<script>\"'&\u{8}"
    let page: Markup = "<p title=\"\(evil)\">\(evil)</p>"
    let escaped = "&lt;script&gt;&quot;&#39;&amp;"
    #expect(page.text == "<p title=\"\(escaped)\">\(escaped)</p>")
    #expect(
      ("<div>\(page)\(7)\(nil as Markup?)</div>" as Markup).text == "<div>\(page.text)7</div>")
  }

  @Test(arguments: [
    ("un\ndeux", "<p>un\ndeux</p>\n"),
    ("un  \ndeux", "<p>un<br>\ndeux</p>\n"),
    ("*a* **b** `c<`", "<p><em>a</em> <strong>b</strong> <code>c&lt;</code></p>\n"),
    ("- a\n- b\n", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
    ("3. a\n\n4. b\n", "<ol start=\"3\">\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ol>\n"),
    ("> « oui »", "<blockquote>\n<p>« oui »</p>\n</blockquote>\n"),
    ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"),
    ("    <b>", "<pre><code>&lt;b&gt;\n</code></pre>\n"),
    (
      "| a | b |\n| --- | --: |\n| c | *d* |\n| e | f |",
      "<div class=\"tableau\" role=\"region\" aria-label=\"Tableau\" tabindex=\"0\"><table>\n"
        + "<thead><tr><th scope=\"col\">a</th><th scope=\"col\" class=\"fin\">b</th></tr></thead>\n"
        + "<tbody>\n<tr><td>c</td><td class=\"fin\"><em>d</em></td></tr>\n"
        + "<tr><td>e</td><td class=\"fin\">f</td></tr>\n</tbody></table></div>\n"
    ),
    (
      "| a |\n| :-: |",
      "<div class=\"tableau\" role=\"region\" aria-label=\"Tableau\" tabindex=\"0\"><table>\n"
        + "<thead><tr><th scope=\"col\" class=\"centre\">a</th></tr></thead>\n</table></div>\n"
    ),
  ])
  func `a text becomes a page`(text: String, page: String) {
    #expect(CommonMark.markup(text).text == page)
  }

  @Test(arguments: [
    ("<script>alert(1)</script>\n\nvu", "<p>vu</p>\n"),
    ("a <b onclick=x>b</b>", "<p>a b</p>\n"),
    ("[a](javascript:alert(1))", "<p>a</p>\n"),
    ("[a](JAVASCRIPT:x) [b](data:text/html,x) [c](/chez-nous)", "<p>a b c</p>\n"),
    ("[a](http:x)", "<p>a</p>\n"),
    (
      "[a](HTTPS://b.example/?x=\"y\"&z)",
      "<p><a href=\"HTTPS://b.example/?x=&quot;y&quot;&amp;z\">a</a></p>\n"
    ),
    ("[a](<https://b.example/ c>)", "<p>a</p>\n"),
    ("<mailto:a@b.example>", "<p><a href=\"mailto:a@b.example\">mailto:a@b.example</a></p>\n"),
    ("![un *champ* `x`](https://b.example/c.png)", "<p>un champ x</p>\n"),
  ])
  func `a text cannot do anything`(text: String, page: String) {
    #expect(CommonMark.markup(text).text == page)
  }

  @Test func `no level of heading is skipped`() {
    let text = "### a\n##### b\n###### c\n# d\n# e\n## f\n"
    let levels = CommonMark.markup(text).text.split(separator: "\n").map { $0.prefix(3) }
    #expect(levels == ["<h2", "<h3", "<h4", "<h2", "<h2", "<h3"])
  }

  @Test func `links are counted and can be led elsewhere`() {
    let text = "[a](https://a.example) [b](ftp://b.example) [c](mailto:c@c.example)"
    #expect(CommonMark.links(text) == ["https://a.example", "mailto:c@c.example"])
    #expect(
      CommonMark.markup(text) { place, _ in "/lien/7/\(place)" }.text
        == "<p><a href=\"/lien/7/0\">a</a> b <a href=\"/lien/7/1\">c</a></p>\n")
  }

  @Test func `what is read aloud has no signs`() {
    let text = """
      # Le *fleuve*

      Il [monte](https://a.example)
      vite.

      - un
      - deux <b>trois</b>

      | mot | sens |
      | --- | --- |
      | hari | l’eau |

      ![une pirogue](x.png)
      """
    #expect(
      CommonMark.plainText(text)
        == "Le fleuve\n\nIl monte vite.\n\nun\n\ndeux trois\n\nmot, sens\n\nhari, l’eau\n\nune pirogue"
    )
  }

  @Test(arguments: [">", "- ", "*a **b ", "[", "![", "<b>"])
  func `no nesting is too deep`(sign: String) {
    let text = String(repeating: sign, count: 20_000) + "fin"
    #expect(CommonMark.markup(text).text.contains("fin"))
    #expect(CommonMark.plainText(text).hasSuffix("fin"))
  }
}
