internal import FilProtocol

/// Which release of le Fil this is.
///
/// Of a number `MAJOR.MINOR.PATCH` MAJOR changes when something goes that was promised, MINOR when
/// something is added, PATCH when something is mended; what is promised: `Client/README.md`.
public enum FilVersion {
  public static let current = Release.version
}
