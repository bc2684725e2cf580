internal import Terminal

/// The `params` of one request: every one is asked for by its name and its kind.
///
/// The host that writes them is trusted with the replica; what it gets wrong it is told by name.
struct StdioParameters: Sendable {
  private let values: [String: JSON]

  /// - Throws: `usage` for what is no object, or has a name that is not in `names`.
  init(_ json: JSON?, _ names: [String]) throws(Failure) {
    guard let json, json != .null else {
      values = [:]
      return
    }
    guard case .object(let values) = json else { throw .usage("params: not an object") }
    for name in values.keys.sorted() where !names.contains(name) {
      let known = names.isEmpty ? "none is known" : "known are \(names.joined(separator: ", "))"
      throw .usage("params.\(name): unknown; \(known)")
    }
    self.values = values.filter { $0.value != .null }
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  func text(_ name: String) throws(Failure) -> String? {
    guard let value = values[name] else { return nil }
    guard case .string(let text) = value else { throw .usage("params.\(name): not a string") }
    return text
  }

  func flag(_ name: String) throws(Failure) -> Bool? {
    guard let value = values[name] else { return nil }
    guard case .bool(let flag) = value else { throw .usage("params.\(name): not a boolean") }
    return flag
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let value = values[name] else { return nil }
    guard case .integer(let number) = value, range.contains(number) else {
      throw .usage(
        "params.\(name): not an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// One string, or an array of them.
  func texts(_ name: String) throws(Failure) -> [String]? {
    guard let value = values[name] else { return nil }
    switch value {
    case .string(let text): return [text]
    case .array(let values):
      var texts: [String] = []
      for value in values {
        guard case .string(let text) = value else {
          throw .usage("params.\(name): not an array of strings")
        }
        texts.append(text)
      }
      return texts
    default: throw .usage("params.\(name): neither a string nor an array of strings")
    }
  }

  /// A parameter that the method cannot do without.
  func required<T>(_ name: String, _ value: T?) throws(Failure) -> T {
    guard let value else { throw .usage("params.\(name): missing") }
    return value
  }
}
