/// The release of this software; the formats have versions of their own, in `Protocol/`.
///
/// The one place where it is written: the programs, the packages and `fil.h` are held to it.
public enum Release {
  /// Semantic: the first number changes when something promised in `CONTRIBUTING.md` no longer holds.
  public static let version = "1.0.0"
}
