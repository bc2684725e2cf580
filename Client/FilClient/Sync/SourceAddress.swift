internal import Synchronization

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
    try chosen(addresses).map(SourceAddress.source)
  }

  private func chosen(_ addresses: [String]) throws(FilError) -> [String] {
    let found = addresses.isEmpty ? try knownSources() : addresses
    guard !found.isEmpty else { throw .usage("no source was given, and none is known") }
    return found
  }

  /// As ``sources(_:)``, with the connections that earlier calls have left open; give them back with
  /// ``giveBack(_:)``.
  ///
  /// Nobody else has them meanwhile: what asks what a sync costs does not wait for one that stalls.
  package func lendSources(_ addresses: [String]) throws(FilError) -> [any Source] {
    try chosen(addresses).map { address in
      idleSources.withLock { $0.removeValue(forKey: address) } ?? SourceAddress.source(address)
    }
  }

  package func giveBack(_ sources: [any Source]) {
    idleSources.withLock { idle in
      for case let source as HTTPSource in sources { idle[source.address] = source }
    }
  }
}
