internal import CCurl

/// Dates of HTTP fields (RFC 9110 §5.6.7).
public enum HTTPDate {
  /// Seconds since 1970-01-01T00:00Z; nil for what is no date.
  public static func seconds(_ text: String) -> Int? {
    let seconds = curl_getdate(text, nil)
    return seconds < 0 ? nil : seconds
  }
}
