internal import Glibc

/// When a replica is to sync by itself.
public struct WatchPlan: Sendable {
  /// Seconds between two syncs; a quarter of it either way is left to chance, so that a thousand
  /// kiosks do not call at once.
  public var every = 900.0
  /// The hours of the local day in which bodies are fetched, such as 22 ..< 6 over midnight; nil:
  /// always.
  ///
  /// Outside them only headlines come.
  public var hours: (from: Int, to: Int)?
  /// Seconds for which a request is held open until there is news, 1 to 60, where the source offers
  /// it and the line is good; nil: never.
  ///
  /// News then comes within a second, and each wait costs some 400 bytes.
  public var wait: Int?
  /// How many syncs; nil: until it is cancelled.
  public var count: Int?
  /// Whether there is a network at all; a sync is tried at once when there is one again.
  public var isOnline: @Sendable () -> Bool = Network.hasRoute
  /// The hour of the local day, 0 to 23, at so many seconds since 1970-01-01T00:00Z.
  public var localHour: @Sendable (Int) -> Int = { seconds in
    var (time, local) = (time_t(seconds), tm())
    localtime_r(&time, &local)
    return Int(local.tm_hour)
  }

  public init() {}

  /// Whether bodies are fetched at `now`, in seconds since 1970-01-01T00:00Z.
  func allowsBodies(at now: Int) -> Bool {
    guard let hours else { return true }
    let hour = localHour(now)
    return hours.from <= hours.to
      ? hour >= hours.from && hour < hours.to : hour >= hours.from || hour < hours.to
  }
}

extension Replica {
  /// Syncs again and again until it is cancelled, from the first of `sources` that can.
  ///
  /// It blocks its thread. After a failure it waits longer each time, up to 16 times the interval, and
  /// tries at once when the network comes back. Another process that syncs is not disturbed.
  ///
  /// `onSync` is told of each sync, done or failed, and `onProgress` of those under way.
  public func watch(
    _ sources: [any Source], _ plan: WatchPlan = WatchPlan(),
    _ options: SyncOptions = SyncOptions(), cancellation: Cancellation = Cancellation(),
    onSync: (Result<SyncReport, SyncFailure>) -> Void = { _ in },
    onProgress: (SyncProgress) -> Void = { _ in }
  ) {
    var failures = 0
    var done = 0
    var isDeceived = false
    var wasOnline = true
    while !cancellation.isCancelled, plan.count.map({ done < $0 }) ?? true {
      var isTold = false
      if done > 0 {
        isTold = failures == 0 && !isDeceived && lingers(sources, plan, options, cancellation)
        if !isTold { rest(plan, options.clock, failures, wasOnline, cancellation) }
      }
      if cancellation.isCancelled { return }
      done += 1
      wasOnline = plan.isOnline()
      var now = options
      now.headlinesOnly = !plan.allowsBodies(at: options.clock.now())
      do throws(SyncFailure) {
        let report = try sync(
          from: sources, now, cancellation: cancellation, onProgress: onProgress)
        failures = 0
        // Told of news, and there was none: somebody on the way answers in the source's place.
        isDeceived = isTold && report.from == report.to && report.bodies == 0
        onSync(.success(report))
      } catch {
        failures += 1
        onSync(.failure(error))
      }
    }
  }

  /// Bytes per second below which a line is kept free.
  private static let goodRate = 4_000.0

  /// Waits at the source that worked last until it has news; false: it is to be asked now and then.
  private func lingers(
    _ sources: [any Source], _ plan: WatchPlan, _ options: SyncOptions,
    _ cancellation: Cancellation
  ) -> Bool {
    guard let seconds = plan.wait, let source = try? ordered(sources).first,
      ((try? lastRate()) ?? nil).map({ $0 >= Self.goodRate }) ?? true
    else { return false }
    while !cancellation.isCancelled {
      // Each wait costs something: what is left is for the news.
      guard let spending = try? spending(now: options.clock.now()),
        spending.left.map({ $0 > 2 * source.overhead }) ?? true
      else { return false }
      switch try? linger(at: source, seconds: seconds, options, cancellation) {
      case .news: return true
      case .quiet: continue
      case .notOffered, .failed, nil: return false
      }
    }
    return true
  }

  private func rest(
    _ plan: WatchPlan, _ clock: SyncClock, _ failures: Int, _ wasOnline: Bool,
    _ cancellation: Cancellation
  ) {
    let factor = Double(1 << min(failures, 4))
    var left = plan.every * factor * (0.75 + 0.5 * clock.random())
    var wasOnline = wasOnline
    while left > 0, !cancellation.isCancelled {
      let nap = min(left, 5)
      clock.sleep(nap, cancellation)
      left -= nap
      let isOnline = plan.isOnline()
      if isOnline, !wasOnline { return }
      wasOnline = isOnline
    }
  }
}
