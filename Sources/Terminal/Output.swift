internal import Glibc

/// The output and the error output, written at once: nothing waits in a buffer.
public enum Output {
  public enum Stream: Int32, Sendable {
    case standard = 1
    case error = 2
  }

  /// Writes `text` and the end of a line.
  public static func line(_ text: String) { write(text + "\n") }

  /// Writes a line for people to the error output.
  public static func error(_ text: String) { write(text + "\n", to: .error) }

  /// Writes all of `text`; what nobody reads any more is dropped.
  ///
  /// - Returns: false when it was dropped.
  @discardableResult
  public static func write(_ text: String, to stream: Stream = .standard) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(
          stream.rawValue, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  public static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.rawValue) == 1 }

  /// Columns of the terminal; 80 where there is none.
  public static func width(_ stream: Stream) -> Int {
    var size = winsize()
    guard ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

/// Ends the process; what is written was written already.
public func exit(_ status: ExitStatus) -> Never { Glibc.exit(status.rawValue) }

/// The standard input.
public enum Input {
  /// All of it, at most `limit` bytes; nil when there is more, or it cannot be read.
  public static func read(atMost limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = Glibc.read(0, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes += part[..<count]
    }
    return nil
  }

  /// A line of the input.
  public enum Line: Sendable, Equatable {
    /// Its bytes, without the end of the line.
    case line([UInt8])
    /// It was longer than allowed, and is passed over.
    case tooLong
  }

  /// Hands each line to `body` until the input ends; one that is longer than `limit` bytes is not kept.
  public static func forEachLine(atMost limit: Int, _ body: (Line) -> Void) {
    var line: [UInt8] = []
    var isTooLong = false
    var part = [UInt8](repeating: 0, count: 65_536)
    func end() {
      body(isTooLong ? .tooLong : .line(line))
      line.removeAll(keepingCapacity: true)
      isTooLong = false
    }
    while true {
      let count = Glibc.read(0, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      for byte in part[..<count] {
        if byte == UInt8(ascii: "\n") {
          end()
        } else if line.count < limit {
          line.append(byte)
        } else {
          isTooLong = true
        }
      }
    }
    if !line.isEmpty || isTooLong { end() }
  }
}
