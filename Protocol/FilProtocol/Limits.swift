/// Every bound of the protocol, by name: the table of `Protocol/limits.md`.
///
/// Sizes are in bytes. A value above its limit is refused before anything is allocated for it.
public enum Limits {
  public static let recordBytes = 65_536
  public static let depth = 8
  public static let titleBytes = 1_024
  public static let proseBytes = 8_192
  public static let aboutBytes = 32_768
  public static let tags = 32
  public static let tagBytes = 128
  public static let slugBytes = 64
  public static let sections = 512
  public static let keys = 16
  public static let bodyBytes = 1_048_576
  public static let numbers = 8_388_608
  public static let versions = 1_099_511_627_776
  public static let noteBytes = 16_384
  public static let signatures = 16
  public static let preambleBytes = 1_179_648
  public static let ranges = 1_024
  public static let contextNumbers = 8_192
  public static let contextBytes = 32_768
  public static let textContextBytes = 1_048_576
  public static let blockSplit = 64
  public static let unitPlainBytes = 4_194_304
  public static let unitBytes = 4_259_840
  public static let groupBodies = 256
  public static let indexPlainBytes = 1_048_576
  public static let selectionBytes = 4_096
  public static let partBytes = 1_099_511_627_776
  public static let bundlePathBytes = 4_352
  public static let bundleEntries = 1_048_576
  public static let bundleObjectBytes = 268_435_456

  /// Numbers in a volume, and in a block of it.
  public static let volume = 256
  public static let block = 32
}
