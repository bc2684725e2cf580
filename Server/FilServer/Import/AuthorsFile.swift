internal import Files
internal import FoundationEssentials

/// The names of authors that an operator chose to show, `authors.json`.
///
///     {"3": "Aïssata Maïga", "redaction": "La rédaction"}
public enum AuthorsFile {
  /// By the number, or the name, that a site gives to an author; nobody else is named.
  public static func read(_ path: String) throws(InputError) -> [String: String] {
    let bytes = try ArticleFile.bytes(path, atMost: 1 << 20)
    guard let names = try? JSONDecoder().decode([String: String].self, from: Data(bytes)) else {
      throw InputError(
        path, nil, #"is no list of names; write {"3": "Aïssata Maïga"}, numbers or logins first"#)
    }
    var clean: [String: String] = [:]
    for (author, name) in names { clean[author] = try cleanLine(name, path, nil) }
    return clean
  }

  public static func isThere(_ path: String) -> Bool { Files.exists(path) }
}
