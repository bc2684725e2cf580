internal import FoundationEssentials
internal import HTTP

/// The REST API of a WordPress site.
struct WordPressSite {
  /// Articles in one answer; WordPress gives no more.
  static let pageSize = 100
  static let pageLimit = 10_000

  let fetcher: PatientFetcher
  /// Where the API is: `https://…/wp-json/`, or `https://…/?rest_route=/`.
  let root: String

  /// Finds the API of the site at `url`, by either of its two addresses.
  ///
  /// - Returns: the API, and the site for ever.
  static func find(
    _ url: String, _ fetcher: PatientFetcher
  ) throws(ImportError) -> (site: WordPressSite, key: String) {
    var base = url.prefix { $0 != "?" && $0 != "#" }
    while base.last == "/" { base = base.dropLast() }
    var failure = ImportError.cancelled
    for root in ["\(base)/wp-json/", "\(base)/?rest_route=/"] {
      let site = WordPressSite(fetcher: fetcher, root: root)
      do throws(ImportError) {
        let index: WordPressIndex = try site.get("", [("_fields", "home,namespaces")]).value
        guard index.namespaces.contains("wp/v2") else {
          throw .strange(
            place: WebFetcher.place(url),
            why: "its API has no wp/v2; update WordPress (5.7 or newer)")
        }
        return (site, SiteAddress.key(index.home ?? url))
      } catch {
        guard case .strange = error else { throw error }
        failure = error
      }
    }
    throw failure
  }

  func url(_ path: String, _ query: [(String, String)]) -> String {
    let mark = root.contains("?") ? "&" : "?"
    let pairs = query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    return root + path + (pairs.isEmpty ? "" : mark + pairs)
  }

  /// All pages of a list, or the first `most` pages.
  ///
  /// - Returns: what is in them, and whether that is all there is.
  func list<T: Decodable>(
    _ path: String, _ query: [(String, String)], pages most: Int = pageLimit
  ) throws(ImportError) -> (items: [T], isAll: Bool) {
    var items: [T] = []
    var page = 1
    while page <= most {
      let answer: Answer<[T]>
      do throws(ImportError) {
        answer = try get(
          path,
          query + [("per_page", "\(WordPressSite.pageSize)")]
            + (page > 1 ? [("page", "\(page)")] : []))
      } catch {
        // The list became shorter meanwhile: WordPress has no empty pages.
        if page > 1, case .strange(_, let why) = error, why == WordPressSite.pastTheEnd {
          return (items, true)
        }
        throw error
      }
      items += answer.value
      let isLast =
        answer.pages.map { page >= $0 } ?? (answer.value.count < WordPressSite.pageSize)
      if isLast { return (items, true) }
      page += 1
    }
    return (items, false)
  }

  /// The articles with these numbers that anyone may see.
  func posts(_ numbers: [Int]) throws(ImportError) -> [WordPressPost] {
    var found: [WordPressPost] = []
    for start in stride(from: 0, to: numbers.count, by: WordPressSite.pageSize) {
      let part = numbers[start..<min(numbers.count, start + WordPressSite.pageSize)]
      let (items, _): ([WordPressPost], Bool) = try list(
        "wp/v2/posts",
        [
          ("include", part.map(String.init).joined(separator: ",")),
          ("_fields", WordPressPost.fields),
        ],
        pages: 1)
      found += items
    }
    return found
  }

  /// Those of the articles that the site says anyone may see, asked for by a hundred.
  func visible(_ posts: [String]) throws(ImportError) -> [String] {
    var found: [String] = []
    for start in stride(from: 0, to: posts.count, by: WordPressSite.pageSize) {
      let part = posts[start..<min(posts.count, start + WordPressSite.pageSize)]
      let (items, _): ([WordPressPost], Bool) = try list(
        "wp/v2/posts",
        [("include", part.joined(separator: ",")), ("_fields", "id,status,content.protected")],
        pages: 1)
      found += items.filter(\.isVisible).map { "\($0.id)" }
    }
    return found
  }

  /// Whether the site itself says of one article that readers cannot see it.
  func isGone(_ number: String) throws(ImportError) -> Bool {
    let url = url("wp/v2/posts/\(number)", [("_fields", "id,status,content.protected")])
    let answer = try fetcher.get(url)
    let body = Data(answer.body)
    switch answer.status {
    case 200:
      guard let post = try? JSONDecoder().decode(WordPressPost.self, from: body) else {
        throw strange(answer)
      }
      return !post.isVisible
    case 401, 403, 404, 410:
      // Only WordPress's own words count: a wall or a login page says the same of everything.
      guard let refusal = try? JSONDecoder().decode(WordPressRefusal.self, from: body),
        ["rest_forbidden", "rest_post_invalid_id", "rest_cannot_read"].contains(refusal.code)
      else { throw strange(answer) }
      return true
    default: throw strange(answer)
    }
  }

  private struct Answer<T> {
    let value: T
    /// How many pages there are, where the site says so.
    let pages: Int?
  }

  private static let pastTheEnd = "there is no such page"

  private func get<T: Decodable>(
    _ path: String, _ query: [(String, String)]
  ) throws(ImportError) -> Answer<T> {
    let answer = try fetcher.get(url(path, query))
    guard answer.status == 200 else {
      if answer.status == 400,
        let refusal = try? JSONDecoder().decode(WordPressRefusal.self, from: Data(answer.body)),
        refusal.code == "rest_post_invalid_page_number"
      {
        throw .strange(place: root, why: WordPressSite.pastTheEnd)
      }
      throw strange(answer)
    }
    guard let value = try? JSONDecoder().decode(T.self, from: Data(answer.body)) else {
      throw strange(answer)
    }
    return Answer(value: value, pages: answer.headers["X-WP-TotalPages"].flatMap { Int($0) })
  }

  private func strange(_ answer: SiteAnswer) -> ImportError {
    let why: String
    switch answer.status {
    case 200:
      let kind = answer.headers["Content-Type"] ?? "something"
      why =
        "it answers with \(kind.prefix(60)) that is not its articles: a login page, or a REST API "
        + "that is switched off; switch it on for anyone"
    case 401, 403:
      why =
        "it lets nobody read its articles (status \(answer.status)); let anyone, or give --user and "
        + "--password-file"
    case 404: why = "its REST API is not there (status 404); look at the address, or switch it on"
    default: why = "it answers with status \(answer.status)"
    }
    return .strange(place: root, why: why)
  }
}
