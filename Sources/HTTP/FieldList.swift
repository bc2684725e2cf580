internal import CCurl

/// A request's fields as libcurl takes them, freed with the value.
///
/// A name followed by a colon alone keeps libcurl from adding a field of its own.
struct FieldList: ~Copyable {
  let head: UnsafeMutablePointer<curl_slist>?

  /// Nil when there is no memory for it.
  init?(_ request: ClientRequest) {
    var lines: [String] = []
    for name in ["Accept", "Expect", "Content-Type"] where request.headers[name] == nil {
      lines.append("\(name):")
    }
    for field in request.headers.fields {
      lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines {
      guard let longer = curl_slist_append(list, line) else {
        curl_slist_free_all(list)
        return nil
      }
      list = longer
    }
    head = list
  }

  deinit { curl_slist_free_all(head) }
}
