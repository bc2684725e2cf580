public import FilProtocol

/// Reads a masthead from a file of front matter; what follows is the feed's about text.
public enum MastheadFile {
  static let keys = ["name", "contact", "language", "section", "key"]

  public static func read(_ path: String) throws(InputError) -> Masthead {
    try parse(path, try ArticleFile.bytes(path, atMost: Limits.recordBytes))
  }

  /// The masthead in `bytes`; `file` is what errors call it.
  public static func parse(_ file: String, _ bytes: [UInt8]) throws(InputError) -> Masthead {
    let fields = try Fields(file, bytes, known: keys, repeated: ["section", "key"])
    var masthead = Masthead(
      name: try fields.required("name", example: "Askia 24"), about: fields.body,
      contact: try fields.text("contact") ?? "", language: try fields.text("language") ?? "fr")
    for (text, line) in fields.all("section") {
      masthead.sections.append(try section(text, file, line, after: masthead.sections))
    }
    guard !masthead.sections.isEmpty else {
      throw InputError(
        file, nil, "section is missing; add lines such as `section: culture, Culture, societe`")
    }
    for (text, line) in fields.all("key") {
      do { masthead.keys.append(try VerifierKey(parsing: text)) } catch {
        throw InputError(
          file, line, "key: is no verifier key; paste the last line of `fil-server key`")
      }
    }
    do { _ = try Record(.masthead(masthead), number: 0, version: 1) } catch {
      throw InputError(file, nil, "\(error.field) is not acceptable (\(error.code)); see limits.md")
    }
    return masthead
  }

  private static func section(
    _ text: String, _ file: String, _ line: Int, after earlier: [Masthead.Section]
  ) throws(InputError) -> Masthead.Section {
    let parts = commaSeparated(try cleanLine(text, file, line))
    guard (2...3).contains(parts.count), Selection.isSlug(parts[0]), !parts[1].isEmpty else {
      throw InputError(
        file, line,
        "section: write `slug, Title` or `slug, Title, parent`, the slug of a-z, 0-9 and -")
    }
    guard !earlier.contains(where: { $0.slug == parts[0] }) else {
      throw InputError(file, line, "section: \(parts[0]) is there twice; remove one")
    }
    let parent = parts.count == 3 ? parts[2] : ""
    guard parent.isEmpty || earlier.contains(where: { $0.slug == parent }) else {
      throw InputError(
        file, line,
        "section: the parent \(parent) does not stand above; move it up, or mend its name")
    }
    return Masthead.Section(slug: parts[0], title: parts[1], parent: parent)
  }
}

extension Masthead {
  /// What a feed begins with where nothing else is said: the sections of Askia 24.
  public static func standard(name: String) -> Masthead {
    let sections = [
      ("nord-actu", "Nord Actu", ""), ("politique", "Politique", ""),
      ("sahelfox", "Sahelfox", ""), ("securite", "Sécurité", ""), ("societe", "Société", ""),
      ("atout", "Atout", "societe"), ("culture", "Culture", "societe"),
      ("education", "Éducation", "societe"), ("enquetes", "Enquêtes", "societe"),
      ("faits-divers", "Faits Divers", "societe"),
      ("femmes-et-jeunes", "Femmes et Jeunes", "societe"), ("sante", "Santé", "societe"),
    ]
    return Masthead(
      name: name, sections: sections.map { Section(slug: $0.0, title: $0.1, parent: $0.2) })
  }
}
