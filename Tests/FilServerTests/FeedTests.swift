import FilProtocol
import FilServer
import Files
import Synchronization
import Testing

/// Has a file imported into a new newsroom; the report and the newsroom.
private func take(
  _ kind: FileImport.Kind, _ text: String, section: String? = nil, into desk: Desk? = nil
) throws -> (ImportReport, Follower) {
  let follower = try Follower(posts: 1)
  let file = "\(follower.desk.folder)/file.xml"
  try Files.writeDurably(file, Array(text.utf8))
  var work = FileImport(kind, file)
  work.section = section
  let report = try work.run(
    follower.desk.path, follower.site, surroundings: follower.desk.surroundings)
  return (report, follower)
}

private let rss = """
  <?xml version="1.0" encoding="UTF-8"?>
  <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel><title>Journal</title><link>https://journal.example</link>
  <item><title>L&#8217;eau &#038; le sable</title><link>https://journal.example/eau/</link>
  <dc:creator><![CDATA[redaction]]></dc:creator><pubDate>Wed, 23 Sep 2026 10:00:00 +0100</pubDate>
  <category><![CDATA[Santé]]></category><category><![CDATA[Gao]]></category><category>À la Une</category>
  <guid isPermaLink="false">https://journal.example/?p=12</guid>
  <description><![CDATA[Court [&#8230;]]]></description>
  <content:encoded><![CDATA[<p>Un <b>texte</b>.</p>]]></content:encoded></item>
  <item><title>Sans rubrique</title><guid>urn:x</guid><description>Seul &lt;i&gt;ceci&lt;/i&gt;</description></item>
  </channel></rss>
  """

@Suite struct `Feeds` {
  @Test func `an item of RSS becomes an article`() throws {
    let (report, follower) = try take(.feed, rss, section: "nord-actu")
    #expect(report.count(.published) == 2)
    let headline = try #require(try follower.headline(2))
    #expect(headline.title == "L’eau & le sable")
    #expect(headline.section == "sante")
    #expect(headline.tags == ["Gao"])
    #expect(headline.flags == .une)
    #expect(headline.published == 1_790_154_000)
    #expect(headline.author == "")
    #expect(headline.summary == "Un texte.")
    #expect(try follower.body(2) == "Un **texte**.")
    #expect(try follower.body(1) == "Seul *ceci*")
  }

  @Test func `what has no section is refused with a remedy`() throws {
    let (report, _) = try take(.feed, rss)
    #expect(report.count(.published) == 1)
    #expect(report.entries.first { $0.action == .refused }?.reason.contains("--section") == true)
  }

  @Test func `entries of Atom in its three kinds of text`() throws {
    let atom = """
      <feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="https://x.example/f"/>
      <link href="https://journal.example/"/>
      <entry><id>a</id><title type="html">&lt;b&gt;Un&lt;/b&gt; &amp;amp; deux</title><published>2026-09-23T10:00:00+01:00</published>
      <author><name>X</name></author><category term="sante" label="Santé"/><content type="html">&lt;p&gt;h&lt;/p&gt;</content></entry>
      <entry><id>b</id><title>1 &lt; 2</title><updated>2026-09-23T10:00:00.5Z</updated><category term="sante"/>
      <content type="xhtml"><div><p>x <em class="a&quot;b">y</em> &amp; z</p></div></content></entry>
      <entry><id>c</id><title>C</title><category term="sante"/><content type="text">a &lt;b&gt; c</content></entry></feed>
      """
    let (report, follower) = try take(.feed, atom)
    #expect(report.count(.published) == 3)
    #expect(try follower.headline(3)?.title == "Un & deux")
    #expect(try follower.headline(3)?.published == 1_790_154_000)
    #expect(try follower.body(3) == "h")
    #expect(try follower.headline(2)?.title == "1 < 2")
    #expect(try follower.body(2) == "x *y* & z")
    #expect(try follower.body(1) == "a \\<b> c")
  }

  @Test(arguments: ["<html><body/></html>", "pas de XML", "", "<rss><channel>"])
  func `what is no feed is refused by name`(_ text: String) {
    #expect(throws: ImportError.self) { try take(.feed, text) }
  }

  @Test func `an article that came by its feed is known to its API`() throws {
    let (_, follower) = try take(.feed, rss, section: "nord-actu")
    follower.site.state.withLock { $0.posts = [:] }
    follower.site.change(12) {
      ($0.title, $0.content) = ("L&#8217;eau &#038; le sable", "<p>Un <b>texte</b>.</p>")
      ($0.categories, $0.tags, $0.date) = ([4, 1], [5], 1_790_154_000)
    }
    follower.site.state.withLock { $0.tags = [5: "Gao"] }
    let report = try follower.look()
    #expect(report.unchanged == 1)
    #expect(report.count(.published) == 0)
  }
}

@Suite struct `Feeds that say less than is known` {
  /// The feed's first item only, with another text.
  private func feed(_ element: String, guid: String = "https://journal.example/?p=12") -> String {
    """
    <rss version="2.0" xmlns:content="c"><channel><title>Journal</title><link>https://journal.example</link>
    <item><title>L’eau</title><category>Santé</category><guid>\(guid)</guid>\(element)</item></channel></rss>
    """
  }

  private func run(_ text: String, into follower: Follower) throws -> ImportReport {
    let file = "\(follower.desk.folder)/file.xml"
    try Files.writeDurably(file, Array(text.utf8))
    return try FileImport(.feed, file).run(
      follower.desk.path, follower.site, surroundings: follower.desk.surroundings)
  }

  @Test func `an excerpt replaces no text`() throws {
    let follower = try Follower(posts: 1)
    let whole =
      "<content:encoded>&lt;p&gt;Un texte entier, avec sa fin.&lt;/p&gt;</content:encoded>"
    #expect(try run(feed(whole), into: follower).count(.published) == 1)
    let report = try run(feed("<description>Un texte</description>"), into: follower)
    #expect(report.entries.first?.reason.contains("excerpts") == true)
    #expect(try follower.body(1) == "Un texte entier, avec sa fin.")
    #expect(try run(feed(whole), into: follower).entries.isEmpty)
  }

  @Test(arguments: [
    "<description>Il n’y a pas d’extrait, car cette publication est protégée.</description>",
    "<description>There is no excerpt because this is a protected post.</description>",
    "<content:encoded>&lt;form class='post-password-form'&gt;&lt;/form&gt;</content:encoded>",
  ])
  func `what is behind a password now is withdrawn, not corrected`(_ element: String) throws {
    let follower = try Follower(posts: 1)
    #expect(try run(feed(element), into: follower).entries.isEmpty)
    #expect(try run(feed("<description>Un.</description>"), into: follower).count(.published) == 1)
    #expect(try run(feed(element), into: follower).count(.withdrawn) == 1)
  }

  @Test func `the number of another site is none of this one`() throws {
    let follower = try Follower(posts: 1)
    let foreign = feed("<description>Un.</description>", guid: "https://autre.example/?p=1")
    #expect(try run(foreign, into: follower).count(.published) == 1)
    // Post 1 of the site is another one.
    #expect(try follower.look().count(.published) == 1)
    #expect(try follower.headline(1)?.title == "L’eau")
  }
}

@Suite struct `The names of a post` {
  @Test(arguments: [true, false])
  func `one without its number in the feed is not published twice`(_ feedIsFirst: Bool) throws {
    let text = rss.replacing("https://journal.example/?p=12", with: "https://journal.example/1/")
    let follower = try Follower(posts: 1)
    follower.site.change(1) { ($0.content, $0.categories) = ("<p>Un <b>texte</b>.</p>", [4]) }
    let file = "\(follower.desk.folder)/file.xml"
    try Files.writeDurably(file, Array(text.utf8))
    let feed = FileImport(.feed, file)
    var published = 0
    for turn in 0..<4 {
      if (turn % 2 == 0) == feedIsFirst {
        published += try feed.run(
          follower.desk.path, follower.site, surroundings: follower.desk.surroundings
        ).count(.published)
      } else {
        published += try follower.look().count(.published)
      }
    }
    #expect(published == 1)
  }
}

private let wxr = """
  <?xml version="1.0" encoding="UTF-8"?>
  <rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="c" xmlns:excerpt="e" xmlns:dc="d">
  <channel><language>fr-FR</language><wp:base_site_url>https://reseau.example</wp:base_site_url><wp:base_blog_url>https://journal.example</wp:base_blog_url>
  <wp:author><wp:author_login>redaction</wp:author_login><wp:author_email>redaction@example.invalid</wp:author_email></wp:author>
  <wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>societe</wp:category_nicename><wp:cat_name><![CDATA[Société]]></wp:cat_name></wp:category>
  <wp:category><wp:term_id>40</wp:term_id><wp:category_nicename>marches</wp:category_nicename><wp:category_parent>societe</wp:category_parent><wp:cat_name><![CDATA[Marchés & prix]]></wp:cat_name></wp:category>
  ITEMS</channel></rss>
  """

private func item(
  _ id: Int, _ content: String, _ more: String = "", status: String = "publish",
  type: String = "post"
) -> String {
  """
  <item><title>L'article \(id)</title><link>https://journal.example/\(id)/</link><dc:creator>redaction</dc:creator>
  <content:encoded><![CDATA[\(content)]]></content:encoded><excerpt:encoded><![CDATA[]]></excerpt:encoded>
  <wp:post_id>\(id)</wp:post_id><wp:post_date_gmt>2026-09-23 09:00:00</wp:post_date_gmt><wp:status>\(status)</wp:status>
  <wp:post_type>\(type)</wp:post_type><wp:is_sticky>0</wp:is_sticky>
  <category domain="category" nicename="marches"><![CDATA[Marchés & prix]]></category><category domain="post_tag" nicename="gao"><![CDATA[Gao]]></category>
  <wp:comment><wp:comment_content>Un commentaire</wp:comment_content></wp:comment>\(more)</item>
  """
}

@Suite struct `WordPress exports` {
  @Test func `only what was public comes, with the sections and without the people`() throws {
    let items =
      item(1, "<!-- wp:paragraph -->\n<p>L'eau \"monte\" -- dit-on...</p>\n<!-- /wp:paragraph -->")
      + item(2, "secret", status: "draft") + item(3, "secret", status: "private")
      + item(4, "secret", "<wp:post_password>x</wp:post_password>")
      + item(5, "secret", type: "page")
      + item(6, "secret", status: "future")
    let (report, follower) = try take(
      .export, wxr.split(separator: "ITEMS").joined(separator: items))
    #expect(report.count(.published) == 1)
    #expect(report.entries.count == 1)
    let headline = try #require(try follower.headline(1))
    #expect(headline.title == "L’article 1")
    #expect(headline.section == "marches")
    #expect(headline.tags == ["Gao"])
    #expect(headline.author == "")
    #expect(try follower.body(1) == "L’eau «\u{a0}monte\u{a0}» — dit-on…")
    #expect(try follower.masthead()?.sections.first { $0.slug == "marches" }?.parent == "societe")
    for word in ["secret", "redaction@", "commentaire"] { #expect(try !follower.desk.holds(word)) }
  }

  @Test(arguments: [
    ("un\n\ndeux\ntrois", "un\n\ndeux\\\ntrois"),
    ("a\n\n<blockquote>b</blockquote>\n\n<ul>\n<li>c</li>\n</ul>\nd", "a\n\n> b\n\n- c\n\nd"),
    (
      "a\n\n[caption id=\"attachment_8\" width=\"3\"]<img src=\"/a.jpg\" alt=\"Vue\" /> L'été[/caption]\n\nb",
      "a\n\n*Photo : Vue — L’été*\n\nb"
    ),
    ("[gallery ids=\"9,77\"]", "*Photo : Étal — Le marché*"),
    ("[embed]https://v.example/1[/embed]", "[v.example](https://v.example/1)"),
    ("il dit [...] puis [sic]", "il dit […] puis [sic]"),
    ("<pre>a -- \"b\"</pre>", "a -- \"b\""),
  ])
  func `what was typed is read as WordPress shows it`(_ typed: String, _ text: String) throws {
    let picture = """
      <item><title>p</title><content:encoded/><excerpt:encoded><![CDATA[Le marché]]></excerpt:encoded><wp:post_id>9</wp:post_id>
      <wp:post_type>attachment</wp:post_type><wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>Étal</wp:meta_value></wp:postmeta></item>
      """
    let (report, follower) = try take(
      .export, wxr.split(separator: "ITEMS").joined(separator: item(1, typed) + picture))
    #expect(report.count(.refused) == 0)
    #expect(try follower.body(1) == text)
  }

  /// Each took a time that grew with the square of its length.
  @Test(.timeLimit(.minutes(1)), arguments: ["[", "<", "[caption x]", "<!--", "[[a=\"b\" "])
  func `what is opened and never closed is read in time`(_ mark: String) throws {
    let typed = String(repeating: mark + " mot ", count: 20_000)
    let (report, _) = try take(
      .export, wxr.split(separator: "ITEMS").joined(separator: item(1, typed)))
    #expect(report.count(.published) + report.count(.refused) == 1)
  }

  @Test func `what is no export is refused by name`() {
    #expect(throws: ImportError.self) { try take(.export, rss) }
  }
}
