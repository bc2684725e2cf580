/// Where a source is, as people write it.
public enum SourceAddress {
  /// The source at `address`: an `http://` or `https://` URL, a bundle when it ends in `.fil`, else a
  /// folder.
  public static func source(_ address: String) -> any Source {
    if address.hasPrefix("http://") || address.hasPrefix("https://") { return HTTPSource(address) }
    return address.hasSuffix(".fil") ? BundleSource(address) : FolderSource(address)
  }
}

extension Replica {
  /// The sources at `addresses`; without any, those of earlier syncs.
  ///
  /// - Throws: `usage` when there were none.
  public func sources(_ addresses: [String]) throws(FilError) -> [any Source] {
    let found = addresses.isEmpty ? try knownSources() : addresses
    guard !found.isEmpty else { throw .usage("no source was given, and none is known") }
    return found.map(SourceAddress.source)
  }
}
