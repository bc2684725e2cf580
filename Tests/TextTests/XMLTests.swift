import Testing
import Text

private func events(_ text: String) throws(XMLError) -> [XML.Event] {
  var events: [XML.Event] = []
  try XML.read(Array(text.utf8)) { events.append($0) }
  return events
}

@Suite struct `Reading XML` {
  @Test func `elements, attributes and texts come in order`() throws {
    let found = try events("<a x='1'>é<b:c/><![CDATA[<i>&amp;]]>&lt;&#233;</a>")
    #expect(
      found == [
        .start("a", ["x": "1"]), .text("é"), .start("b:c", [:]), .end("b:c"),
        .text("<i>&amp;<é"), .end("a"),
      ])
  }

  @Test(arguments: ["", "<a>", "<a></b>", "<a>&nbsp;</a>", "text", "<a/><b/>", "<a x=1/>"])
  func `what is not well-formed is refused`(_ text: String) {
    #expect(throws: XMLError.self) { try events(text) }
  }

  @Test func `about the line of a fault is named`() {
    let error = #expect(throws: XMLError.self) { try events("<a>\n\n<b>\n</a>\n\n\n</a>") }
    guard case .malformed(let line)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect((3...4).contains(line))
  }

  @Test func `entities that a document declares are not expanded`() throws {
    let bomb =
      "<!DOCTYPE a [<!ENTITY x 'xxxxxxxxxx'><!ENTITY y '&x;&x;&x;&x;&x;&x;&x;&x;'>"
      + "<!ENTITY z '&y;&y;&y;&y;&y;&y;&y;&y;'>]><a>&z;&z;&z;</a>"
    let found = (try? events(bomb)) ?? []
    #expect(!"\(found)".contains("xxxxxxxxxx"))
  }

  @Test func `nothing outside of the document is read`() throws {
    let text =
      "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>"
    let found = (try? events(text)) ?? []
    for case .text(let text) in found { #expect(text.isEmpty) }
  }

  @Test func `elements beyond all measure are refused`() {
    let text = String(repeating: "<a>", count: XML.depthLimit + 1)
    #expect(throws: XMLError.tooDeep) { try events(text) }
  }

  @Test func `control characters that were pasted are left out`() throws {
    #expect(try events("<a>x\u{8}y\u{1f}</a>")[1] == .text("xy"))
  }
}
