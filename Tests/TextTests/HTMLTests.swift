import Foundation
import TestSupport
import Testing
import Text

/// One line of `Tests/Inputs/awkward-html.json`.
struct AwkwardHTML: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let html: String
  let commonMark: String
  var testDescription: String { name }

  static let all: [AwkwardHTML] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "Inputs/awkward-html.json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode([AwkwardHTML].self, from: data)) ?? []
  }()
}

/// The CommonMark of an HTML text, on a page of a made-up site.
private func commonMark(_ html: String, keepsLines: Bool = false) throws(HTMLError) -> String {
  try HTML.commonMark(html, HTML.Options(base: "https://a.example/p/", keepsLines: keepsLines))
    .commonMark
}

/// What must hold of the result, whatever the HTML was.
private func expectSound(_ text: String, of html: String) {
  var previous: Character = " "
  var isEscaped = false
  for character in text {
    let opens = character == "<" && !isEscaped
    #expect(!opens, "an angle bracket that is not escaped")
    isEscaped = character == "\\" && !isEscaped
    previous = character
  }
  #expect(!previous.isNewline || text.isEmpty)
  #expect(Text.isNFC(text))
  #expect(Text.findings(in: text, isLine: false).isEmpty)
  #expect(text.utf8.count <= 8 * html.utf8.count + 64)
  #expect(!text.lowercased().contains("](javascript:"))
}

@Suite struct `HTML becomes CommonMark` {
  @Test func `the table of awkward inputs is there`() {
    #expect(AwkwardHTML.all.count >= 600)
  }

  @Test(arguments: AwkwardHTML.all)
  func `an awkward input comes out as the table says`(_ input: AwkwardHTML) throws {
    let text = try commonMark(input.html)
    #expect(text == input.commonMark)
    expectSound(text, of: input.html)
    #expect(try commonMark(input.html) == text)
  }

  /// An address alone, a caption, emphasis that cannot be told: what is read again stays as it is.
  @Test(arguments: [
    "<p><b>https://a.example/«x»</b>", "<p>https://a.example/<b>«x»</b>y</p>",
    "<p>https://a.example&nbsp;: voici</p>", "<p>https://a.example\u{202f}x</p>",
    "<figure><img src=x><figcaption>https://a.example/c</figcaption></figure>",
    "<table><caption>https://a.example/c</caption><tr><td>a</td><td>b</td></tr></table>",
  ])
  func `a text that is read again is the same`(_ html: String) throws {
    let text = try commonMark(html)
    #expect(try commonMark(CommonMark.markup(text).text) == text)
  }

  @Test(arguments: [
    "<script>x</script><!-- --><p>\u{200b}</p>", "<iframe>Un cadre</iframe>",
    "<p style='display:none'>Caché</p><noscript>Sans</noscript>", "<p>[gallery ids='1']</p>",
  ])
  func `what nobody sees is no text that was lost`(_ html: String) throws {
    #expect(try commonMark(html).isEmpty)
  }

  /// Each took a time that grew with the square of its length.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      String(repeating: "<b>«</b>«", count: 100_000),
      "<table><tr>" + String(repeating: "<td>a</td>", count: 100_000),
      "<table>" + String(repeating: "<tr><td>a<td>b", count: 100_000),
      String(repeating: "<object>a", count: 20_000), String(repeating: "<embed>", count: 20_000),
      String(repeating: "<label>a", count: 20_000) + "<p>b",
    ])
  func `a text that repeats one thing is read in time`(_ html: String) throws {
    #expect(try !commonMark(html).isEmpty || html.hasPrefix("<embed"))
  }

  @Test func `an element with attributes beyond all measure is refused`() throws {
    func element(_ count: Int) -> String {
      "<p " + (0..<count).map { "a\($0)='>' " }.joined() + ">x</p>"
    }
    #expect(try commonMark(element(1_000)) == "x")
    #expect(throws: HTMLError.tooManyAttributes) { try commonMark(element(1_001)) }
    // A script is no element.
    let script = "<script>if (a<b) { " + String(repeating: "c d ", count: 1_000) + "}</script>x"
    #expect(try commonMark(script) == "x")
  }

  @Test(arguments: [
    "div", "b", "blockquote", "ul><li", "table><tr><td", "a href='https://e.org'", "font",
  ])
  func `ten thousand elements in one another lose no text`(_ element: String) throws {
    let name = String(element.prefix { $0.isLetter })
    let html =
      String(repeating: "<\(element)>", count: 10_000) + "fond"
      + String(repeating: "</\(name)>", count: 10_000)
    #expect(try commonMark(html).contains("fond"))
  }

  @Test func `what is nested beyond all measure is refused`() {
    let html = String(repeating: "<div>", count: HTML.depthLimit + 1) + "x"
    #expect(throws: HTMLError.tooDeep) { try commonMark(html) }
  }

  @Test func `what is longer than all measure is refused`() {
    let html = String(repeating: "x", count: HTML.bytesLimit + 1)
    #expect(throws: HTMLError.tooLarge) { try commonMark(html) }
  }

  @Test func `a post of a megabyte comes out whole`() throws {
    let paragraph = "<p>L'eau <b>monte</b> &agrave; Gao &amp; <a href='/x'>ailleurs</a>.</p>"
    let count = 1_000_000 / paragraph.utf8.count
    let text = try commonMark(String(repeating: paragraph, count: count))
    #expect(text.split(separator: "\n\n").count == count)
  }

  @Test func `lines that were typed are paragraphs and breaks`() throws {
    let typed = "un\ndeux\n\ntrois <b>quatre</b>\n<ul>\n<li>a</li>\n\n<li>b</li>\n</ul>\ncinq"
    #expect(
      try commonMark(typed, keepsLines: true)
        == "un\\\ndeux\n\ntrois **quatre**\n\n- a\n- b\n\ncinq")
  }

  @Test func `the bytes of a picture's number are remembered`() throws {
    let html =
      "<img class='a wp-image-12'><div id='attachment_7' class='wp-caption'></div>"
      + "<img class='wp-image-x'>x"
    #expect(try HTML.commonMark(html).images == [7, 12])
  }

  @Test func `an invalid sequence of bytes is one replacement`() throws {
    let html = String(
      decoding: Array("<p>a".utf8) + [0xff, 0xc3] + Array("b</p>".utf8), as: UTF8.self)
    #expect(try commonMark(html) == "a\u{fffd}\u{fffd}b")
  }

  @Test func `a zero byte ends nothing`() throws {
    #expect(try commonMark("<p>a\u{0}b</p>\u{0}<p>c</p>") == "ab\n\nc")
  }

  @Test func `a declared encoding is not believed`() throws {
    #expect(try commonMark("<meta charset='iso-8859-1'><p>été</p>") == "été")
  }
}

@Suite struct `HTML on one line` {
  @Test(arguments: [
    ("L&#8217;eau &amp; le &lt;sable&gt;", "L’eau & le <sable>"),
    ("<em>Un</em> titre<br>double", "Un titre double"),
    ("a<script>x</script>b<style>y</style>", "ab"),
    ("<p>a</p><p>b</p>", "a b"), (" \n a \t b ", "a b"), ("", ""),
    ("<span style='display:none'>x</span>y", "y"), ("e\u{301}\u{202e}", "é"),
    ("<img class='emoji' alt='😀'> fête", "😀 fête"),
  ])
  func `shows what a reader sees`(_ html: String, _ text: String) throws {
    #expect(try HTML.text(html) == text)
  }
}

/// What is put in where HTML is damaged: elements that do something, as figures and captions.
private enum Damage {
  static let elements = [
    "a", "a href='#'", "a href='/x'", "table", "td", "li", "blockquote", "q", "label", "object",
    "img alt='vue'", "figure", "p", "del",
  ]
  static let classes = [
    "gallery-item", "wp-caption", "wp-caption-text", "gallery-caption", "emoji", "more-link",
  ]
}

@Suite struct `Damaged HTML` {
  /// Bytes removed, doubled, moved and put in, over the whole table.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `gives no markup, and the same twice`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    func number(_ bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }
    for _ in 0..<10 {
      var bytes = Array(AwkwardHTML.all[number(AwkwardHTML.all.count)].html.utf8)
      bytes += Array(AwkwardHTML.all[number(AwkwardHTML.all.count)].html.utf8)
      for _ in 0..<number(6) where !bytes.isEmpty {
        let place = number(bytes.count)
        switch number(5) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(Array("<>&;\"'/[]()*_`|\\#\u{0}\n".utf8)[number(19)], at: place)
        case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 3:
          let element = Damage.elements[number(Damage.elements.count)]
          let name = Damage.classes[number(Damage.classes.count)]
          bytes.insert(contentsOf: "<\(element) class='\(name)'>".utf8, at: place)
        default:
          let part = Array(bytes[place..<min(bytes.count, place + number(40))])
          bytes.insert(contentsOf: part, at: number(bytes.count))
        }
      }
      let html = String(decoding: bytes, as: UTF8.self)
      let text = try commonMark(html)
      expectSound(text, of: html)
      #expect(try commonMark(html) == text)
      _ = try commonMark(html, keepsLines: true)
      _ = try HTML.text(html)
    }
  }
}
