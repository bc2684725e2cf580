public import FilProtocol
import FoundationEssentials

/// The real French news that some measurements use; it is not part of the project.
public enum Corpus {
  public struct Article: Decodable, Sendable {
    public var id: Int
    public var slug: String
    public var title: String
    public var summary: String
    public var section: String
    public var tags: [String]
    public var published: Int
    public var author: String
    public var body: [String]

    public var text: String { body.joined(separator: "\n\n") }

    /// The body cut at the end of a sentence, at about 1,900 characters: the site's own length.
    public var shortText: String {
      let text = text
      guard text.count > 1_900 else { return text }
      let cut = text.prefix(1_900)
      guard let end = cut.lastIndex(where: { ".!?".contains($0) }) else { return String(cut) }
      return String(cut[...end])
    }

    public func headline(_ body: [UInt8]) -> Headline {
      Headline(
        published: published, title: title, summary: summary, section: section, tags: tags,
        author: author, body: BodyHash(of: body), length: body.count)
    }
  }

  /// Where it lies: `FIL_CORPUS`, or beside the project.
  public static var path: String {
    ProcessInfo.processInfo.environment["FIL_CORPUS"] ?? "../shared/corpus/actualites.jsonl"
  }

  /// The articles, or nil when the corpus is not there: the caller says so and skips.
  public static func articles() -> [Article]? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return data.split(separator: 0x0A).compactMap {
      try? JSONDecoder().decode(Article.self, from: Data($0))
    }
  }
}
