import FilServer
import Foundation
import HTTP
import Synchronization

/// A WordPress without a socket: answers as `wp/v2` does, and can be broken in every way.
final class FakeWordPress: SiteFetcher {
  struct Post {
    var title = "Un titre"
    var content = "<p>Un texte.</p>"
    var excerpt = ""
    var status = "publish"
    var password = ""
    var categories = [2]
    var tags: [Int] = []
    var isSticky = false
    /// Empty: made of its number.
    var guid = ""
    /// Seconds since 1970-01-01T00:00Z.
    var date = 1_790_000_000
    var modified = 1_790_000_000
  }

  struct Term {
    var name: String
    var slug: String
    var parent = 0
  }

  struct State {
    var posts: [Int: Post] = [:]
    var categories: [Int: Term] = [
      1: Term(name: "À la Une", slug: "a-la-une"), 2: Term(name: "Politique", slug: "politique"),
      3: Term(name: "Société", slug: "societe"), 4: Term(name: "Santé", slug: "sante", parent: 3),
    ]
    var tags: [Int: String] = [:]
    /// Pictures, and when they were changed.
    var pictures: [Int: Int] = [:]
    var hasPrettyLinks = true
    var tellsPages = true
    /// What is answered instead, by the address; nil: as usual.
    var fault: (@Sendable (String) -> SiteAnswer?)?
    var asked: [String] = []
  }

  let state = Mutex(State())

  /// What was asked since the last call.
  func asked() -> [String] {
    state.withLock { state in
      defer { state.asked = [] }
      return state.asked
    }
  }

  func change(_ post: Int, _ body: (inout Post) -> Void) {
    state.withLock { body(&$0.posts[post, default: Post()]) }
  }

  func remove(_ post: Int) { state.withLock { $0.posts[post] = nil } }

  func fault(_ body: (@Sendable (String) -> SiteAnswer?)?) { state.withLock { $0.fault = body } }

  func get(_ url: String) throws(ImportError) -> SiteAnswer {
    state.withLock { state in
      state.asked.append(url)
      if let answer = state.fault?(url) { return answer }
      let parts = URLComponents(string: url)
      var query = Dictionary(
        (parts?.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
      var path = parts?.path ?? ""
      if path.hasPrefix("/wp-json/") {
        guard state.hasPrettyLinks else { return .page(404) }
        path = String(path.dropFirst("/wp-json/".count))
      } else {
        path = String((query.removeValue(forKey: "rest_route") ?? "").dropFirst())
      }
      return FakeWordPress.answer(path, query, state)
    }
  }

  private static func answer(
    _ path: String, _ query: [String: String], _ state: State
  ) -> SiteAnswer {
    switch path {
    case "": return .json(["home": "https://journal.example", "namespaces": ["wp/v2"]])
    case "wp/v2/posts": return list(posts(query, state), query, state)
    case "wp/v2/categories":
      return list(
        state.categories.sorted { $0.key < $1.key }.map {
          ["id": $0.key, "name": $0.value.name, "slug": $0.value.slug, "parent": $0.value.parent]
        }, query, state)
    case "wp/v2/tags":
      let wanted = query["include"].map { $0.split(separator: ",").compactMap { Int($0) } }
      return list(
        state.tags.sorted { $0.key < $1.key }.filter { wanted?.contains($0.key) ?? true }
          .map { ["id": $0.key, "name": $0.value] }, query, state)
    case "wp/v2/media":
      let after = query["modified_after"].flatMap(time) ?? 0
      return list(
        state.pictures.filter { $0.value > after }.map { ["id": $0.key, "post": 0] }, query, state)
    default:
      guard path.hasPrefix("wp/v2/posts/"), let id = Int(path.dropFirst("wp/v2/posts/".count)),
        let post = state.posts[id]
      else { return .json(["code": "rest_post_invalid_id"], 404) }
      guard post.status == "publish" else { return .json(["code": "rest_forbidden"], 401) }
      return .json(json(id, post))
    }
  }

  private static func posts(_ query: [String: String], _ state: State) -> [[String: Any]] {
    var posts = state.posts.filter { $0.value.status == "publish" }
    if let text = query["modified_after"], let after = time(text) {
      posts = posts.filter { $0.value.modified > after }
    }
    if let include = query["include"] {
      let wanted = include.split(separator: ",").compactMap { Int($0) }
      posts = posts.filter { wanted.contains($0.key) }
    }
    for (field, terms) in [("categories", \Post.categories), ("tags", \Post.tags)] {
      if let text = query[field] {
        let wanted = Set(text.split(separator: ",").compactMap { Int($0) })
        posts = posts.filter { !wanted.isDisjoint(with: $0.value[keyPath: terms]) }
      }
    }
    let sorted: [(key: Int, value: Post)]
    switch query["orderby"] {
    case "modified":
      sorted = posts.sorted { ($0.value.modified, $0.key) < ($1.value.modified, $1.key) }
    case "id": sorted = posts.sorted { $0.key < $1.key }
    default: sorted = posts.sorted { ($0.value.date, $0.key) > ($1.value.date, $1.key) }
    }
    return sorted.map { json($0.key, $0.value) }
  }

  private static func json(_ id: Int, _ post: Post) -> [String: Any] {
    let isProtected = !post.password.isEmpty
    return [
      "id": id, "date_gmt": text(post.date), "modified_gmt": text(post.modified),
      "status": post.status,
      "guid": ["rendered": post.guid.isEmpty ? "https://journal.example/\(id)/" : post.guid],
      "link": "https://journal.example/\(id)/",
      "title": ["rendered": post.title],
      "content": ["rendered": isProtected ? "" : post.content, "protected": isProtected],
      "excerpt": ["rendered": post.excerpt, "protected": isProtected], "author": 7,
      "categories": post.categories, "tags": post.tags, "sticky": post.isSticky,
    ]
  }

  private static func list(
    _ items: [[String: Any]], _ query: [String: String], _ state: State
  ) -> SiteAnswer {
    let size = query["per_page"].flatMap { Int($0) } ?? 10
    let page = query["page"].flatMap { Int($0) } ?? 1
    let pages = (items.count + size - 1) / size
    if page > max(1, pages) { return .json(["code": "rest_post_invalid_page_number"], 400) }
    var answer = SiteAnswer.json(Array(items.dropFirst((page - 1) * size).prefix(size)))
    if state.tellsPages { answer.headers["X-WP-TotalPages"] = "\(pages)" }
    return answer
  }

  private static func text(_ time: Int) -> String {
    String(format(time).dropLast())
  }

  private static func format(_ time: Int) -> String {
    Date(timeIntervalSince1970: Double(time)).ISO8601Format()
  }

  private static func time(_ text: String) -> Int? {
    // Without the zone WordPress would take it for a local time.
    guard text.hasSuffix("Z") else { return nil }
    return (try? Date(text, strategy: .iso8601)).map { Int($0.timeIntervalSince1970) }
  }
}

extension SiteAnswer {
  static func json(_ value: Any, _ status: Int = 200) -> SiteAnswer {
    let data = try? JSONSerialization.data(withJSONObject: value)
    return SiteAnswer(
      status: status, headers: ["Content-Type": "application/json; charset=UTF-8"],
      body: Array(data ?? Data()))
  }

  /// A page for people.
  static func page(_ status: Int, _ headers: Headers = ["Content-Type": "text/html"]) -> SiteAnswer
  {
    SiteAnswer(
      status: status, headers: headers, body: Array("<!DOCTYPE html><form>login</form>".utf8))
  }
}
