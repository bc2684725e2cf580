import FilProtocol
import FilSource
import TestSupport

extension Vectors {
  static let key: SigningKey = fixedKey("askia24.net/fil", 1)
  private static let later: SigningKey = fixedKey("askia24.net/fil", 2)
  private static let witness: SigningKey = fixedKey("temoin.example", 3)

  private static func fixedKey(_ name: String, _ seed: UInt8) -> SigningKey {
    guard let key = try? SigningKey(name: name, seed: [UInt8](repeating: seed, count: 32)) else {
      preconditionFailure("a name and a seed")
    }
    return key
  }

  static func head(version: Int = 5_123, size: Int = 4_380, time: Int = 1_798_012_800) throws
    -> Checkpoint
  {
    try Checkpoint(
      origin: "askia24.net/fil", version: version, logRoot: SHA256.hash(Array("log".utf8)),
      stateSize: size, stateRoot: SHA256.hash(Array("state".utf8)), time: time)
  }

  static func signed(_ keys: [SigningKey] = [key]) throws -> SignedCheckpoint {
    SignedCheckpoint(signing: try head(), with: keys)
  }

  private static func known(_ keys: [SigningKey] = [key], origin: String = "askia24.net/fil")
    -> JSON
  {
    ["origin": .text(origin), "keys": JSON(keys.map(\.verifier.description))]
  }

  /// Any unsigned lines, signed by the key: the note that only the parser can refuse.
  static func note(_ lines: String) -> String {
    let signature = key.sign(Array(lines.utf8))
    return lines + "\n— askia24.net/fil \(Base64.encode(key.verifier.id + signature))\n"
  }

  static func note() throws -> [Vector] {
    let text = try head().text
    let right = note(text)
    let log = Base64.encode(try head().logRoot.bytes)
    func changed(_ name: String, _ old: String, _ new: String) -> Vector {
      Vector(name, note(replace(old, new, in: text)), with: known())
    }
    func altered(_ name: String, _ old: String, _ new: String) -> Vector {
      Vector(name, replace(old, new, in: right), with: known())
    }
    let lines = right.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    let signature = lines[6]
    return [
      Vector("a note", right, with: known()),
      Vector("the key is the second of two", try string([key]), with: known([later, key])),
      Vector("signed by two known keys", try string([key, later]), with: known([key, later])),
      Vector("signed by two, one is known", try string([later, key]), with: known()),
      Vector("further signatures of others", try string([witness, key, witness]), with: known()),
      Vector("no known key", right, with: known([later])),
      Vector("no key at all", right, with: known([])),
      Vector("only signatures of others", try string([witness]), with: known()),
      Vector("of another feed", right, with: known(origin: "autre.example/fil")),
      altered("another version than was signed", "5123", "5124"),
      altered("another time than was signed", "1798012800", "1798012801"),
      Vector(
        "a right and a wrong signature",
        right
          + replace("5123", "5124", in: note(replace("5123", "5124", in: text))).split(
            separator: "\n"
          ).suffix(1).joined() + "\n", with: known()),
      altered("a signature of 63 bytes", signature, shorten(signature)),
      altered(
        "a signature of an unknown kind", signature, signature + "\n— temoin.example AAAAAAA="),
      Vector("no empty line", replace("\n\n", "\n", in: try string([key, later])), with: known()),
      Vector("no signature line", text + "\n", with: known()),
      Vector("no newline at the end", String(right.dropLast()), with: known()),
      Vector(
        "two signatures, no newline at the end", String(try string([key, later]).dropLast()),
        with: known()),
      Vector(
        "a fourth part of a signature line", String(right.dropLast()) + " x\n", with: known()),
      altered(
        "a signature of a name with a plus", signature, signature + "\n— a+b AAAAAAA="),
      changed("a fourth part of the state line", "\ntime", " x\ntime"),
      changed("a time of nineteen digits", "1798012800", "1000000000000000000"),
      Vector("an empty line at the end", right + "\n", with: known()),
      altered(
        "a line of another kind at the end", signature + "\n", signature + "\n- x AAAAAAA=\n"),
      altered("a hyphen for the dash", "— ", "- "),
      altered("a signature that is no base64", signature, "— askia24.net/fil ="),
      altered("a signature without padding", "=\n", "\n"),
      altered("a signature of four bytes", signature, "— askia24.net/fil AAAAAA=="),
      altered("two spaces before a signature", "fil A", "fil  A").orFirst(right),
      Vector("carriage returns", replaceAll("\n", "\r\n", in: right), with: known()),
      changed("a carriage return in a line", "5123\n", "5123\r\n"),
      changed("a carriage return in the origin", "fil\n", "fil\r\n"),
      changed("an empty origin", "askia24.net/fil\n", "\n"),
      changed("an origin with a space", "askia24.net/fil", "askia24.net /fil"),
      changed("an origin with a plus", "askia24.net/fil", "askia24.net+fil"),
      changed("an origin that is not ASCII", "askia24.net/fil", "askiá24.net/fil"),
      changed("an origin of 256 bytes", "askia24.net/fil", String(repeating: "a", count: 256)),
      changed("a leading zero in the version", "5123", "05123"),
      changed("a sign before the version", "5123", "+5123"),
      changed("a version of 0", "5123", "0"),
      changed("a version below the size", "5123", "4379"),
      changed("a version over its limit", "5123", "1099511627777"),
      changed("a version of twenty digits", "5123", "18446744073709551616"),
      changed("digits that are not ASCII", "5123", "٥١٢٣"),
      changed("a leading zero in the size", "4380", "04380"),
      changed("a size of 0", "4380", "0"),
      changed(
        "a size over its limit", "5123\n\(log)\nstate 4380", "9000000\n\(log)\nstate 8388609"),
      changed("no state line", "state 4380", "stat 4380"),
      changed("two spaces in the state line", "state 4380", "state  4380"),
      changed("a leading zero in the time", "time 1", "time 01"),
      changed("no time", "time 1798012800", "time "),
      changed("another word for time", "time", "Time"),
      changed("a log root of 31 bytes", log, Base64.encode(Array(repeating: 7, count: 31))),
      changed(
        "a log root in base64url", log,
        replaceAll("+", "-", in: replaceAll("/", "_", in: log)) + "="),
      changed("a log root without padding", log, String(log.dropLast())),
      changed("a further line", "1798012800\n", "1798012800\nextension\n"),
      Vector("17 signature lines", right + repeated(16), with: known()),
      Vector("16 signature lines", right + repeated(15), with: known()),
      Vector("a note over its limit", right + repeated(15, size: 1_100), with: known()),
      Vector("nothing", "", with: known()),
      Vector("the first two lines", lines.prefix(2).joined(separator: "\n") + "\n", with: known()),
    ]
  }

  private static func string(_ keys: [SigningKey]) throws -> String {
    String(decoding: try signed(keys).note, as: UTF8.self)
  }

  private static func repeated(_ count: Int, size: Int = 68) -> String {
    let line = "— temoin.example \(Base64.encode([UInt8](repeating: 9, count: size)))\n"
    return String(repeating: line, count: count)
  }

  private static func shorten(_ line: String) -> String {
    let parts = line.split(separator: " ").map { String($0) }
    let bytes = Base64.decode(parts[2]) ?? []
    return "\(parts[0]) \(parts[1]) \(Base64.encode(Array(bytes.dropLast())))"
  }

  static func replace(_ old: String, _ new: String, in text: String) -> String {
    replaceBytes(old, new, text, once: true)
  }

  static func replaceAll(_ old: String, _ new: String, in text: String) -> String {
    replaceBytes(old, new, text, once: false)
  }

  private static func replaceBytes(
    _ old: String, _ new: String, _ text: String, once: Bool
  ) -> String {
    let (bytes, search) = (Array(text.utf8), Array(old.utf8))
    var out: [UInt8] = []
    var at = 0
    var done = false
    while at < bytes.count {
      if !(done && once), bytes[at...].starts(with: search) {
        out += Array(new.utf8)
        at += search.count
        done = true
      } else {
        out.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  static func vkey() throws -> [Vector] {
    let right = key.verifier.description
    let parts = right.split(separator: "+", maxSplits: 2).map { String($0) }
    func vector(_ name: String, _ a: String, _ b: String, _ c: String) -> Vector {
      Vector(name, "\(a)+\(b)+\(c)")
    }
    let bytes = Base64.decode(parts[2]) ?? []
    return [
      Vector("a key", right),
      Vector("a key whose base64 has a plus", fixedKey("plus.example", 6).verifier.description),
      vector("another name", "askia24.net/autre", parts[1], parts[2]),
      vector("another id", parts[0], "00000000", parts[2]),
      vector("an id in capitals", parts[0], parts[1].uppercased(), parts[2]),
      vector("an id of three bytes", parts[0], String(parts[1].dropLast(2)), parts[2]),
      vector("another algorithm", parts[0], parts[1], Base64.encode([2] + bytes.dropFirst())),
      vector("a key of 31 bytes", parts[0], parts[1], Base64.encode(Array(bytes.dropLast()))),
      vector("a key of 33 bytes", parts[0], parts[1], Base64.encode(bytes + [0])),
      vector("base64 without padding", parts[0], parts[1], parts[2] + "="),
      vector("an empty name", "", parts[1], parts[2]),
      vector("a name with a space", "a b", parts[1], parts[2]),
      Vector("two parts", "\(parts[0])+\(parts[1])"),
      Vector("a newline at the end", right + "\n"),
      Vector("nothing", ""),
    ]
  }

  static func time() throws -> [Vector] {
    let held = String(decoding: try signed().note, as: UTF8.self)
    let at = try head(time: 1_798_016_400)
    let field = SignedCheckpoint(signing: at, with: [key]).timeField ?? ""
    let other = SignedCheckpoint(signing: at, with: [later]).timeField ?? ""
    let base64 = String(field.split(separator: " ")[1])
    func vector(_ name: String, _ field: String) -> Vector {
      Vector(
        name, field,
        with: [
          "note": .text(held), "origin": "askia24.net/fil",
          "keys": JSON([key.verifier.description]),
        ])
    }
    return [
      vector("an hour later", field),
      vector("the same time", try signed().timeField ?? ""),
      vector("another time than was signed", replace("1798016400", "1798016401", in: field)),
      vector("by an unknown key", other),
      vector("no signature", "1798016400"),
      vector("an empty signature", "1798016400 "),
      vector("no time", base64),
      vector("a leading zero", "0" + field),
      vector("two spaces", replace(" ", "  ", in: field)),
      vector("a third part", field + " x"),
      vector("67 bytes", "1798016400 " + Base64.encode([UInt8](repeating: 1, count: 67))),
      vector("72 bytes", "1798016400 " + Base64.encode([UInt8](repeating: 1, count: 72))),
      vector("nothing", ""),
    ]
  }

  /// The feed of the object vectors at one of its signed versions.
  static func feed(_ version: Int) throws -> MemoryFeed {
    let feed = MemoryFeed(origin: "askia24.net/fil", seed: 1)
    try feed.append(
      .masthead(Masthead(name: "Askia 24", sections: [.init(slug: "societe", title: "Société")])),
      number: 0)
    var news = News(seed: 24)
    for _ in 0..<6 { try feed.publish(&news, sentences: 3) }
    try feed.sign(time: 1_798_012_800)
    guard version > feed.version else { return feed }
    try feed.correct(2, &news)
    try feed.retract(4)
    for _ in 0..<3 { try feed.publish(&news, sentences: 3) }
    try feed.sign(time: 1_798_016_400)
    return feed
  }

  static func object() throws -> [Vector] {
    let feed = try feed(12)
    func vector(_ name: String, from: Int, to: Int) throws -> Vector {
      let bytes = try DeltaRenderer(feed, from: from, to: to, selection: .all, floor: 0).render()
      return Vector(
        name, bytes,
        with: [
          "key": .text(feed.key.verifier.description), "from": .integer(from), "to": .integer(to),
          "selection": "all", "floor": 0,
        ])
    }
    return [
      try vector("from version 0", from: 0, to: 7), try vector("from 7 to 12", from: 7, to: 12),
    ]
  }
}

extension Vector {
  /// The vector, made of `text` when its change did not fit anywhere.
  fileprivate func orFirst(_ text: String) -> Vector {
    guard input == text else { return self }
    var copy = self
    copy.input = Vectors.replace("fil ", "fil  ", in: text)
    return copy
  }
}
