import FilProtocol
import FilSource
import Files
import HTTP
import Synchronization
import TestSupport
import Testing

/// The answers of a source, without a socket: `Protocol/http.md`.
struct ServiceTests {
  private func service(_ feed: MemoryFeed, _ folder: String) throws -> Service<MemoryFeed> {
    Service(feed, cache: try RenderCache(folder: folder + "/cache", bound: 1 << 24))
  }

  private func get(
    _ service: Service<MemoryFeed>, _ path: String, _ headers: Headers = [:]
  ) -> Response {
    service.respond(to: Request(method: .get, path: path, headers: headers))
  }

  private func bytes(_ response: Response) throws -> [UInt8] {
    switch response.body {
    case .none: return []
    case .bytes(let bytes): return bytes
    case .file(let file):
      let whole = try Files.read(file.path, atMost: 1 << 24)
      return Array(whole[file.offset..<file.offset + file.size])
    }
  }

  /// [HTTP-1] [HTTP-2]: what is not spelt in the one way is not there.
  @Test(arguments: [
    "/fil/v1/sync/01/all/0", "/fil/v1/sync/0/all/00", "/fil/v1/sync/0/b,a/0",
    "/fil/v1/sync/0/a,a/0", "/fil/v1/sync/0/all/days-0", "/fil/v1/sync/1/all/days-3",
    "/fil/v1/sync/0/all/days-4000", "/fil/v1/sync/0/all.bare/0", "/fil/v1/sync/1/all.bodies/0",
    "/fil/v1/sync/0/none.bare/0", "/fil/v1/sync/0/All/0", "/fil/v1/sync/0/all/0/",
    "/fil/v1//sync/0/all/0", "/fil/v1/state/x", "/fil/v1/body/00", "/fil/v1/delta/2-1/all/0",
    "/fil/v2/checkpoint", "/", "/fil/v1/sync/0/%61ll/0",
  ])
  func `another spelling is not found`(path: String) throws {
    try withTemporaryFolder { folder in
      let service = try service(try MemoryFeed.sample(3), folder)
      #expect(get(service, path).status == 404)
    }
  }

  // [HTTP-3] [HTTP-4] [HTTP-9]
  @Test func `sync names the delta, and both have one tag and the same bytes`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(40)
      let service = try service(feed, folder)
      let sync = get(service, "/fil/v1/sync/0/all/0")
      #expect(sync.status == 200)
      #expect(sync.headers["Content-Location"] == "/fil/v1/delta/0-41/all/0")
      #expect(sync.headers["Cache-Control"] == "no-cache, no-transform")
      #expect(sync.headers["Content-Encoding"] == nil)
      let body = try bytes(sync)
      #expect(sync.headers["ETag"] == EntityTag.of(body))
      try feed.sign(time: 1_800_009_999)
      let delta = get(service, "/fil/v1/delta/0-41/all/0")
      #expect(try bytes(delta) == body, "a fresh time changes no object")
      #expect(delta.headers["ETag"] == sync.headers["ETag"])
      #expect(delta.headers["Cache-Control"] == "max-age=604800, no-transform")
      #expect(delta.headers["Content-Type"] == "application/octet-stream")
    }
  }

  // [HTTP-5]
  @Test func `a part is answered under its tag, also of sync`() throws {
    try withTemporaryFolder { folder in
      let service = try service(try MemoryFeed.sample(40), folder)
      let path = "/fil/v1/sync/0/all/0"
      let whole = try bytes(get(service, path))
      let tag = try #require(get(service, path).headers["ETag"])
      let part = get(service, path, ["Range": "bytes=100-199", "If-Range": tag])
      #expect(part.status == 206)
      #expect(part.headers["Content-Range"] == "bytes 100-199/\(whole.count)")
      #expect(try bytes(part) == Array(whole[100..<200]))
      // The type came with the tag; a client that names no tag is told it again.
      #expect(part.headers["Content-Type"] == nil && part.headers["ETag"] == tag)
      let other = get(service, path, ["Range": "bytes=100-199"])
      #expect(other.headers["Content-Type"] == "application/octet-stream")
      #expect(get(service, path, ["Range": "bytes=100-", "If-Range": "\"x\""]).status == 200)
      let beyond = get(service, path, ["Range": "bytes=\(whole.count)-"])
      #expect(beyond.status == 416)
      #expect(beyond.headers["Content-Range"] == "bytes */\(whole.count)")
    }
  }

  // [HTTP-6]
  @Test func `nothing new is a 304 that the newsroom has signed again`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(3)
      let service = try service(feed, folder)
      let held = feed.head().checkpoint
      try feed.sign(time: 1_800_003_600)
      let answer = get(service, "/fil/v1/sync/4/all/0", ["If-None-Match": held.tag])
      #expect(answer.status == 304)
      let renewed = try SignedCheckpoint(
        renewing: held, field: try #require(answer.headers["Fil-Time"]))
      let head = try renewed.verified(origin: feed.origin, keys: [feed.key.verifier])
      #expect(head.time == 1_800_003_600)
      let unconditional = get(service, "/fil/v1/sync/4/all/0")
      #expect(unconditional.status == 200)
      #expect(unconditional.headers["Content-Location"] == nil)
      #expect(unconditional.headers["ETag"] == held.tag)
    }
  }

  // [HTTP-7]
  @Test func `a version above the head is behind, one never signed is not here`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(3)
      let service = try service(feed, folder)
      #expect(get(service, "/fil/v1/sync/5/all/0").status == 404)
      #expect(get(service, "/fil/v1/delta/0-3/all/0").status == 404)
      #expect(get(service, "/fil/v1/sync/2/all/0").status == 404, "no replica stands there")
      #expect(get(service, "/fil/v1/state/3").status == 404)
      #expect(get(service, "/fil/v1/sync/0/all/7").status == 404)
    }
  }

  @Test func `what was erased is gone, from the cache too`() throws {
    try withTemporaryFolder { folder in
      let feed = try MemoryFeed.sample(5)
      let service = try service(feed, folder)
      #expect(get(service, "/fil/v1/delta/0-6/all/0").status == 200)
      let hash = try #require(feed.record(2, asOf: 6)?.headline?.body)
      try feed.retract(2, erasing: true)
      try feed.sign(time: 1_800_000_001)
      #expect(get(service, "/fil/v1/delta/0-6/all/0").status == 410)
      #expect(get(service, "/fil/v1/body/\(hash)").status == 404)
      #expect(get(service, "/fil/v1/sync/0/all/0").status == 200)
    }
  }

  @Test func `only GET and HEAD are answered`() throws {
    try withTemporaryFolder { folder in
      let service = try service(try MemoryFeed.sample(1), folder)
      let answer = service.respond(to: Request(method: .post, path: "/fil/v1/checkpoint"))
      #expect(answer.status == 405)
      #expect(answer.headers["Allow"] == "GET, HEAD")
      #expect(get(service, "/fil/v1/checkpoint").status == 200)
      #expect(
        service.respond(
          to: Request(method: .get, path: "/fil/v1/checkpoint", query: "x=1")
        ).status == 404)
    }
  }

  @Test func `the floor of so many days is named in the location`() throws {
    try withTemporaryFolder { folder in
      // One article an hour: the last day begins in volume 2.
      let service = try service(try MemoryFeed.sample(600), folder)
      let answer = get(service, "/fil/v1/sync/0/none/days-1")
      #expect(answer.headers["Content-Location"] == "/fil/v1/delta/0-601/none/2")
    }
  }
}

struct RenderCacheTests {
  private func resource(_ version: Int) -> Resource { .state(version) }

  @Test func `objects survive a restart, and the oldest goes when there is no room`() throws {
    try withTemporaryFolder { folder in
      let cache = try RenderCache(folder: folder, bound: 250)
      for version in 1...3 {
        _ = try cache.store([UInt8](repeating: UInt8(version), count: 100), for: resource(version))
      }
      #expect(cache.find(resource(1)) == nil)
      let again = try RenderCache(folder: folder, bound: 250)
      let entry = try #require(again.find(resource(3)))
      #expect(try Files.read(entry.path, atMost: 1_000) == [UInt8](repeating: 3, count: 100))
      #expect(entry.tag == EntityTag.of([UInt8](repeating: 3, count: 100)))
      #expect(try Files.list(folder).count == 2)
    }
  }

  @Test func `a purge leaves nothing, and strange files go at the start`() throws {
    try withTemporaryFolder { folder in
      try Files.writeDurably(folder + "/strange", [1])
      let cache = try RenderCache(folder: folder, bound: 250)
      _ = try cache.store([1, 2, 3], for: resource(1))
      try cache.purge()
      #expect(cache.find(resource(1)) == nil)
      #expect(try Files.list(folder).isEmpty)
    }
  }
}
