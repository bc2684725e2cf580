internal import Files

/// What has become of one request, seen from inside its callbacks.
///
/// Used by one thread.
final class Exchange {
  var transfer: Transfer?
  var spool: AppendFile?
  var assembly: Assembly?
  var failure: FilError?
  /// Bytes that are new here.
  var arrived = 0
  var ended = false

  // Of the request under way:

  /// Bytes at the start of the answer that are here already.
  var skip = 0
  /// Answered without an object: 304, or a status that says no.
  var status = 0
  /// Seconds for which a source that says no wants to be left alone.
  var retryAfter: Int?
  /// Bytes of this answer, and how many of them are on the account.
  var taken = 0
  var accounted = 0
  /// Bytes of the answer that the budget still allows; nil: no bound.
  var allowance: Int?
  /// What comes next does not belong behind the spool.
  var stopped = false

  func beginRequest(allowance: Int?) {
    skip = 0
    status = 0
    retryAfter = nil
    taken = 0
    accounted = 0
    self.allowance = allowance
    stopped = false
  }
}
