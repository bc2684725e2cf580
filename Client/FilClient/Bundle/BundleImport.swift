internal import FilProtocol

extension Replica {
  /// Takes from a bundle file what is new in it, verified as what a line brings is.
  ///
  /// It blocks its thread, costs no bytes of a budget, and is not remembered as a source. A bundle that
  /// is cut or damaged gives what is whole of it.
  ///
  /// - Throws: ``SyncFailure``: `notFound` when the bundle lacks what this replica needs, `behind` when
  ///   it is older than the replica, `file` and `malformed` for what is no bundle; what was verified
  ///   until then is kept.
  @discardableResult
  public func importBundle(
    _ bundle: BundleSource, cancellation: Cancellation = Cancellation(),
    onProgress: (SyncProgress) -> Void = { _ in }
  ) throws(SyncFailure) -> SyncReport {
    var options = SyncOptions()
    options.remembers = false
    options.codec = .deflate
    do throws(FilError) {
      // A copy without the old volumes begins where it begins.
      if try bundle.contents().floor != nil, try status().version == 0 { options.days = 1 }
    } catch {
      throw SyncFailure(error: error, report: SyncReport())
    }
    return try sync(from: bundle, options, cancellation: cancellation, onProgress: onProgress)
  }
}
