internal import FilProtocol
internal import Files
internal import Glibc

/// The file with the seed of the signing key: one line, `fil-key-1 <origin> <base64 of 32 bytes>`.
///
/// Whoever reads it can publish in the newsroom's name; it has mode 0600 and is in no backup.
enum KeyFile {
  private static let mark = "fil-key-1"

  static func write(_ path: String, origin: String, seed: [UInt8]) throws(NewsroomError) {
    let line = "\(mark) \(origin) \(Base64.encode(seed))\n"
    do { try Files.writeDurably(path, Array(line.utf8), mode: 0o600) } catch { throw .file(error) }
  }

  /// The key, which must be the one that `verifier` verifies.
  static func read(_ path: String, verifier: VerifierKey) throws(NewsroomError) -> SigningKey {
    guard let (origin, seed) = try content(path) else {
      throw .key("\(path) is missing; put back the key file, it is in no backup of the database")
    }
    guard let key = try? SigningKey(name: origin, seed: seed), key.verifier == verifier else {
      throw .key("\(path) is not the key \(verifier) of this newsroom; put that back")
    }
    return key
  }

  /// What the file holds; nil where there is none.
  static func content(_ path: String) throws(NewsroomError) -> (origin: String, seed: [UInt8])? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    guard status.st_mode & 0o077 == 0 else {
      throw .key("\(path) can be read by others; run: chmod 600 \(path)")
    }
    let bytes: [UInt8]
    do { bytes = try Files.read(path, atMost: 1024) } catch { throw .file(error) }
    let words =
      String(decoding: bytes, as: UTF8.self).split(separator: "\n").first?
      .split(separator: " ").map(String.init) ?? []
    guard words.count == 3, words[0] == mark, let seed = Base64.decode(words[2]), seed.count == 32
    else { throw .key("\(path) is no key file; put back the one of this newsroom") }
    return (words[1], seed)
  }
}
