internal import CCurl

/// Scheme, host and port of a URL, as libcurl reads it.
struct Origin: Equatable {
  let scheme: String
  let host: String
  let port: String

  init?(_ url: String) {
    guard let parts = curl_url() else { return nil }
    defer { curl_url_cleanup(parts) }
    guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK,
      let scheme = Origin.part(parts, CURLUPART_SCHEME),
      let host = Origin.part(parts, CURLUPART_HOST),
      let port = Origin.part(parts, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT))
    else { return nil }
    self.scheme = scheme
    self.host = String(decoding: host.utf8.map(Headers.lowercased), as: UTF8.self)
    self.port = port
  }

  /// What `location` means on the page `url`, as a whole URL without a fragment.
  static func resolve(_ location: String, on url: String) -> String? {
    guard let parts = curl_url() else { return nil }
    defer { curl_url_cleanup(parts) }
    guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK,
      curl_url_set(parts, CURLUPART_URL, location, UInt32(CURLU_URLENCODE)) == CURLUE_OK
    else { return nil }
    curl_url_set(parts, CURLUPART_FRAGMENT, nil, 0)
    return part(parts, CURLUPART_URL)
  }

  private static func part(_ parts: OpaquePointer, _ which: CURLUPart, _ flags: UInt32 = 0)
    -> String?
  {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(parts, which, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}
