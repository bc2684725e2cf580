/// What a ``Service`` did since it was made, for those who watch over it.
public struct ServiceActivity: Sendable, Equatable {
  /// Objects that were rendered before, and were found.
  public var found = 0
  /// Objects that were rendered, also those that turned out not to be there.
  public var rendered = 0
  /// The time that rendering took in all, of all threads.
  public var renderSeconds = 0.0
  /// Requests that were asked to come later, because too many objects waited to be rendered.
  public var refused = 0
  /// What the cache of rendered objects holds now.
  public var cachedObjects = 0
  public var cachedBytes = 0

  public init() {}
}
