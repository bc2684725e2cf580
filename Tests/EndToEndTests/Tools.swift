import Foundation
import TestSupport

/// The built programs, run as people run them.
enum Tool: String {
  case fil
  case server = "fil-server"

  /// The package's folder.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  var url: URL {
    #if DEBUG
      let configuration = "debug"
    #else
      let configuration = "release"
    #endif
    return Tool.root.appending(path: ".build/\(configuration)/\(rawValue)")
  }

  /// What a program printed, and how it ended.
  struct Result {
    var status: Int32
    var output: String
    var error: String

    /// The output as JSON.
    var json: Any? { try? JSONSerialization.jsonObject(with: Data(output.utf8)) }
    var object: [String: Any] { json as? [String: Any] ?? [:] }
  }

  /// Runs the program to its end.
  func run(_ arguments: String...) throws -> Result { try Tool.run(url, arguments) }

  static func run(_ url: URL, _ arguments: [String]) throws -> Result {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    let output = Pipe()
    let error = Pipe()
    process.standardOutput = output
    process.standardError = error
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // Errors are few; the output may be more than a pipe holds.
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    let complaint = try error.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: String(decoding: complaint, as: UTF8.self))
  }
}

/// A newsroom in a folder, made and served by the real program.
final class ServedNewsroom {
  let folder: String
  let key: String
  private(set) var url = ""
  private var process: Process?

  init(in folder: String) throws {
    self.folder = folder + "/newsroom"
    let made = try Tool.server.run(
      "init", self.folder, "--origin", "askia24.example/fil", "--name", "Askia 24 (exemple)")
    guard made.status == 0 else { throw Failure(made.error) }
    key =
      try Tool.server.run("key", self.folder).output.split(separator: "\n").last.map { String($0) }
      ?? ""
  }

  struct Failure: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  /// Serves it on a free port of loopback until `stop`.
  func serve() throws {
    let process = Process()
    process.executableURL = Tool.server.url
    process.arguments = ["serve", folder, "--listen", "127.0.0.1:0"]
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    self.process = process
    var text = ""
    while !text.contains("\n") {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { throw Failure("serve ended: \(text)") }
      text += String(decoding: data, as: UTF8.self)
    }
    guard let start = text.range(of: "http://") else { throw Failure(text) }
    url = text[start.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Ends the server as an operator would; its exit status.
  @discardableResult
  func stop() -> Int32 {
    guard let process else { return 0 }
    process.terminate()
    process.waitUntilExit()
    self.process = nil
    return process.terminationStatus
  }

  deinit { stop() }
}
