internal import FilSource
internal import Files
public import HTTP

/// Why a newsroom cannot be served.
public enum ServingError: Error, Sendable {
  case newsroom(NewsroomError)
  case server(ServerError)
}

/// A newsroom on a port, which it may be published to meanwhile.
///
/// Trust: whoever connects can ask for anything, and gets what was signed or an error; the bounds
/// are `ServerOptions`'s. Readers believe the signature, not this server.
public final class Serving: Sendable {
  /// Bytes of rendered objects that are kept.
  public static let cacheBytes = 1_000_000_000
  /// Connections from one address; behind one there may be a whole town.
  public static let perAddressLimit = 256

  private let server: Server
  private let metricsServer: Server?
  private let path: String
  private let surroundings: Surroundings
  private let counters = Metrics()

  /// Listens on `address`, such as `127.0.0.1:8024`, and serves until ``stop()``.
  ///
  /// Where it stands `behindProxy`, all connections come from one address, which is not limited.
  /// `metrics` is another address, of which only an operator should know; `onAnswer` is called with
  /// every answer, on the threads that answer, and must not block.
  public init(
    _ path: String, address: String, behindProxy: Bool = false, threads: Int = 1,
    metrics: String? = nil, surroundings: Surroundings = Surroundings(),
    onAnswer: @escaping @Sendable (ServedAnswer) -> Void = { _ in }
  ) throws(ServingError) {
    self.path = path
    self.surroundings = surroundings
    let service: Service<NewsroomArchive>
    do throws(NewsroomError) {
      let archive = try NewsroomArchive(path)
      let cache: RenderCache
      do { cache = try RenderCache(folder: Store.cache(path), bound: Serving.cacheBytes) } catch {
        throw .file(error)
      }
      service = Service(archive, cache: cache)
    } catch { throw .newsroom(error) }
    var options = ServerOptions(address: address)
    options.threads = threads
    options.perAddressLimit = behindProxy ? nil : Serving.perAddressLimit
    let counters = counters
    counters.addProcess()
    counters.add(service, path)
    options.observe = { observation in
      let answer = ServedAnswer(observation)
      counters.count(answer)
      onAnswer(answer)
    }
    do throws(ServerError) {
      metricsServer = try metrics.map { (address) throws(ServerError) in
        try Server(ServerOptions(address: address)) { counters.answer($0) }
      }
      server = try Server(options) { service.answer($0) }
    } catch { throw .server(error) }
  }

  public var port: Int { server.port }
  /// Of the metrics, where there are any.
  public var metricsPort: Int? { metricsServer?.port }

  /// Puts a turn of an import into the metrics; thread-safe.
  public func count(_ turn: Result<ImportReport, ImportError>) {
    counters.count(turn, now: surroundings.now())
  }

  /// Signs a fresh time, unless somebody publishes at this moment: then that is fresh enough.
  ///
  /// To be called every hour; readers learn from it that nothing was withheld from them.
  ///
  /// - Returns: whether it did.
  @discardableResult
  public func renew() throws(NewsroomError) -> Bool {
    let newsroom: Newsroom
    do throws(NewsroomError) {
      newsroom = try Newsroom(
        path, surroundings: surroundings, patience: 0, purpose: "fil-server serve")
    } catch {
      if case .busy = error { return false }
      throw error
    }
    try newsroom.renew()
    return true
  }

  /// Stops listening, lets running answers end, and closes.
  public func stop() {
    server.stop()
    metricsServer?.stop()
  }
}
