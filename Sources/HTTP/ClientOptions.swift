/// What holds for all requests of a client.
public struct ClientOptions: Sendable {
  /// Bytes the kernel may take in ahead of us; small means little is lost, and paid for, at a cut.
  public var receiveBuffer: Int?
  /// A file of certificates to trust instead of the system's.
  public var authorities: String?

  public init(receiveBuffer: Int? = nil, authorities: String? = nil) {
    self.receiveBuffer = receiveBuffer
    self.authorities = authorities
  }
}
