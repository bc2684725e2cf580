internal import Database
internal import FilProtocol
internal import FilSource
internal import Files
public import HTTP

/// Answers `/fil/v1` requests from a replica, so that neighbours sync from it: `Protocol/http.md`.
///
/// It has nothing to be trusted with: what it hands on was signed by the newsroom, and whoever gets
/// it verifies that. It gives deltas from the heads at which the replica stood, volumes and bodies
/// as far as they are held, and 404 for what is not here, so that clients go on elsewhere. A sync
/// may go on meanwhile, in this process or another: each answer is of one moment. Thread-safe.
///
/// Requests are not trusted either: they are bounded, and what is costly is rendered two at a time,
/// kept, and refused with 503 and `Retry-After` when too much waits.
public final class Relay: Sendable {
  private let archive: ReplicaArchive
  private let service: Service<ReplicaArchive>

  /// Opens a relay of `replica`; objects that were rendered lie beside it, in `<path>-relay`.
  ///
  /// - Parameters:
  ///   - replica: what is handed on.
  ///   - cacheBytes: how many bytes they may have in all.
  ///   - renders: how many objects may wait to be rendered.
  ///   - places: how many requests may wait for news, each with a connection; one more is answered at
  ///     once.
  /// - Throws: `file` when that folder cannot be made.
  public init(
    _ replica: Replica, cacheBytes: Int = 200_000_000, renders: Int = 16, places: Int = 64
  ) throws(FilError) {
    archive = ReplicaArchive(replica)
    do {
      // What was rendered before may hold what was erased while nobody looked.
      try replica.forgetRendered()
      service = Service(
        archive, cache: try RenderCache(folder: replica.renderedPath, bound: cacheBytes),
        renders: renders, places: places)
    } catch let error as FilError { throw error } catch let error as FileError {
      throw .file(error)
    } catch { throw .damaged(replica.renderedPath) }
  }

  /// The answer to `request`; a costly one comes later.
  public func answer(_ request: Request) -> Answer {
    if let refusal { return .ready(refusal) }
    return service.answer(request)
  }

  /// The answer to `request`, rendered on this thread where it has to be.
  public func respond(to request: Request) -> Response { refusal ?? service.respond(to: request) }

  /// What is said while there is no head that could be handed on.
  private var refusal: Response? {
    do throws(FilError) {
      _ = try archive.head()
      return nil
    } catch {
      switch error {
      case .notFound, .damaged: return .text(404, "nothing is here that could be handed on")
      case .database(let error) where error.isDamage:
        return .text(404, "nothing is here that could be handed on")
      default:
        var response = Response.text(503, "the replica cannot be read at this moment")
        response.headers["Retry-After"] = "5"
        return response
      }
    }
  }
}

extension Replica {
  /// Where a relay keeps what it rendered.
  var renderedPath: String { "\(file)-relay" }

  /// Removes what a relay has rendered: texts that were erased may be in it.
  func forgetRendered() throws(FilError) {
    guard Files.exists(renderedPath) else { return }
    do {
      for file in try Files.list(renderedPath) {
        try Files.removeTree("\(renderedPath)/\(file.name)")
      }
    } catch { throw .file(error) }
  }
}
