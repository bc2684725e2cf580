internal import Glibc
internal import HTTP

/// What a newsroom takes from the world around it: the clock, chance, and the network.
public struct Surroundings: Sendable {
  /// Why something could not be fetched.
  public struct FetchFailure: Error, Sendable {
    public let why: String
    public init(_ why: String) { self.why = why }
  }

  /// Moments of a publication at which a crash must do no harm.
  package enum Stage: Sendable {
    /// The changes are on disk, and not signed.
    case committed
    /// The witness has the checkpoint, the store has not.
    case witnessed
  }

  /// Seconds since 1970-01-01T00:00Z.
  public var now: @Sendable () -> Int = { Int(time(nil)) }
  /// Waits for so many milliseconds.
  public var pause: @Sendable (Int) -> Void = { usleep(UInt32($0) * 1000) }
  /// 32 bytes nobody can guess.
  public var seed: @Sendable () -> [UInt8] = {
    var generator = SystemRandomNumberGenerator()  // getrandom(2)
    return (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
  /// The bytes under a URL, at most so many; nil where the server says that there are none.
  public var fetch: @Sendable (String, Int) throws(FetchFailure) -> [UInt8]? = Surroundings.get
  /// What becomes of a delta between its rendering and its rehearsal: a fault, in tests.
  package var rendered: @Sendable ([UInt8]) -> [UInt8] = { $0 }
  package var reached: @Sendable (Stage) throws(NewsroomError) -> Void = { _ in }

  public init() {}

  private static func get(_ url: String, atMost limit: Int) throws(FetchFailure) -> [UInt8]? {
    var bytes: [UInt8] = []
    let outcome: HTTP.Outcome
    do throws(TransportError) {
      outcome = try Client().send(ClientRequest(url)) { part in
        bytes += part
        return bytes.count <= limit
      }
    } catch { throw FetchFailure(error.description) }
    if outcome.status == 404 { return nil }
    guard outcome.status == 200 else { throw FetchFailure("status \(outcome.status)") }
    return bytes
  }
}
