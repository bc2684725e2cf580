import FilProtocol
import FoundationEssentials
import Testing

/// One conformance vector: an input, and the value or the error code that it gives.
struct Vector: Codable, Sendable, CustomTestStringConvertible {
  var name: String
  /// Hexadecimal, or text where the structure is text.
  var input: String
  /// What the input is read with, such as a key.
  var with: JSON?
  var value: JSON?
  var error: String?

  var testDescription: String { name }

  init(_ name: String, _ input: String, with: JSON? = nil) {
    self.name = name
    self.input = input
    self.with = with
  }

  init(_ name: String, _ input: [UInt8], with: JSON? = nil) {
    self.init(name, Hex.encode(input), with: with)
  }

  func bytes() throws -> [UInt8] { try #require(Hex.decode(input), "the input is no hexadecimal") }
}

/// A file of `Protocol/Vectors`.
struct VectorFile: Codable {
  var structure: String
  var vectors: [Vector]

  /// The folder, found from this file, wherever the tests run.
  static let folder: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/") + "/Protocol/Vectors"
  }()

  static var writes: Bool { ProcessInfo.processInfo.environment["FIL_WRITE_VECTORS"] != nil }

  static func load(_ structure: String) throws -> [Vector] {
    let path = "\(folder)/\(structure).json"
    guard let data = FileManager.default.contents(atPath: path) else {
      if writes { return [] }
      throw FormatError(.truncated, path)
    }
    let file = try JSONDecoder().decode(VectorFile.self, from: data)
    #expect(file.structure == structure)
    return file.vectors
  }

  /// Writes the file with one vector on a line.
  func write() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let lines = try vectors.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    let text = """
      {"structure": "\(structure)", "vectors": [
      \(lines.joined(separator: ",\n"))
      ]}

      """
    try Data(text.utf8).write(to: URL(filePath: "\(VectorFile.folder)/\(structure).json"))
  }
}

/// The code of an error, as vectors spell it.
func code(_ error: any Error) -> String {
  switch error {
  case let error as FormatError: error.code.rawValue
  case let error as TrustError: error.code.rawValue
  case ReadError<Never>.format(let error): error.code.rawValue
  case ReadError<Never>.trust(let error): error.code.rawValue
  case ReadError<Never>.missing: "missing"
  default: "\(error)"
  }
}
