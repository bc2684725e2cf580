internal import FilProtocol
internal import Files
internal import Glibc

/// How an import says who asks: a user of the site, and an application password.
public enum SiteLogin {
  /// Whether an address of the web has a login in it, which would be stored and printed.
  public static func isIn(_ url: String) -> Bool {
    guard let start = ["http://", "https://"].first(where: url.lowercased().hasPrefix) else {
      return false
    }
    return url.dropFirst(start.count).prefix { !"/?#".contains($0) }.contains("@")
  }

  /// Whether a password may be sent there: over TLS, or to this machine.
  public static func isSafe(_ url: String) -> Bool {
    let lower = url.lowercased()
    if lower.hasPrefix("https://") { return true }
    guard lower.hasPrefix("http://") else { return false }
    let host = lower.dropFirst(7).prefix { !"/?#".contains($0) }
    return ["127.0.0.1", "localhost", "[::1]"].contains {
      host == $0 || host.hasPrefix($0 + ":") && !host.contains("@")
    }
  }

  /// The field `Authorization` for `user` and the first line of a file that only its owner reads.
  public static func authorization(
    user: String, passwordFile file: String
  ) throws(InputError) -> String {
    var status = stat()
    if stat(file, &status) == 0, status.st_mode & 0o077 != 0 {
      throw InputError(file, nil, "can be read by others; run: chmod 600 \(file)")
    }
    let bytes = try ArticleFile.bytes(file, atMost: 4_096)
    let line = bytes.prefix { $0 != 10 && $0 != 13 }
    guard !line.isEmpty, !user.isEmpty, !user.contains(":") else {
      throw InputError(file, nil, "has no password on its first line, or the user a colon")
    }
    return "Basic " + Base64.encode(Array(user.utf8) + [UInt8(ascii: ":")] + line)
  }
}
