import FilProtocol
import Testing

extension Structure {
  /// The objects of a bundle that are whole, those that are damaged, and why it ends too early.
  static let bundle = Structure(
    name: "bundle",
    value: { vector in
      let bytes = try vector.bytes()
      var offset = try Bundle.begin(bytes)
      var objects: [String] = []
      var damaged: [String] = []
      var fault: String?
      do {
        while case .entry(let entry) = try next(bytes, &offset) {
          let path = String(entry.resource.path.dropFirst(Resource.root.count))
          guard entry.size <= bytes.count - offset else { throw FormatError(.truncated, "bundle") }
          guard !(objects + damaged).contains(path) else {
            throw FormatError(.notCanonical, "bundle")
          }
          let isWhole = BodyHash(of: Array(bytes[offset..<offset + entry.size])) == entry.check
          if isWhole { objects.append(path) } else { damaged.append(path) }
          #expect(bytes[..<offset].suffix(entry.encoded.count).elementsEqual(entry.encoded))
          offset += entry.size
        }
        if offset < bytes.count { throw FormatError(.trailingBytes, "bundle") }
      } catch { fault = code(error) }
      return [
        "objects": JSON(objects.sorted()), "damaged": JSON(damaged.sorted()),
        "fault": fault.map { .text($0) } ?? nil,
      ]
    }, make: { Vectors.bundle })

  private static func next(_ bytes: [UInt8], _ offset: inout Int) throws -> Bundle.Piece {
    let (piece, size) = try Bundle.piece(Array(bytes[offset...].prefix(Bundle.headBytes)))
    offset += size
    return piece
  }
}

extension Vectors {
  static var bundle: [Vector] {
    let text = Array("Le marché de Gao a rouvert.".utf8)
    let unit = Deflate.compress(text)
    let note = Array("askia24.example/fil\n".utf8)
    let body = Resource.body(BodyHash(of: text))
    let digest = Digest(bytes: [UInt8](repeating: 7, count: 32)) ?? Merkle.leaf([])
    let one = Bundle.Entry(.checkpoint, note).encoded + note
    let two = Bundle.Entry(body, unit).encoded + unit
    let state = Bundle.Entry(.state(452), []).encoded
    let volume = Bundle.Entry(.volume(1, digest), unit).encoded + unit
    let start = Bundle.magic
    let end = Bundle.end
    func entry(_ path: String, _ size: [UInt8] = [0]) -> [UInt8] {
      [UInt8(path.utf8.count)] + Array(path.utf8) + size + BodyHash(of: []).bytes
    }
    var rotten = start + one + two + end
    rotten[start.count + one.count + two.count - 3] ^= 1
    return [
      Vector("nothing but the end", start + end), Vector("two objects", start + one + two + end),
      Vector("an empty object, and volumes", start + one + state + volume + end),
      Vector("an object that was damaged", rotten),
      Vector("the end is missing", start + one + two),
      Vector("an object is cut", start + one + two.dropLast()),
      Vector("a head is cut", start + one + two.prefix(20)),
      Vector("a path is cut", start + one + two.prefix(3)),
      Vector("nothing behind the magic", start), Vector("half a magic", Array(start.prefix(3))),
      Vector("no bytes", ""), Vector("an object of the protocol", "46494c01"),
      Vector("a portal's page", Array("<html>".utf8)),
      Vector("format version 2", [0x46, 0x49, 0x4C, 0x42, 2, 0]),
      Vector("a byte behind the end", start + one + end + [0]),
      Vector("the same path twice", start + one + two + two + end),
      Vector("a sync", start + one + entry("sync/0/all/0") + end),
      Vector("a path of another spelling", start + one + entry("state/0452") + end),
      Vector("a path that leads away", start + one + entry("../passwd") + end),
      Vector("a path with its root", start + one + entry("/fil/v1/state/4") + end),
      Vector("a path that is no UTF-8", start + one + [1, 0xFF, 0] + BodyHash(of: []).bytes + end),
      Vector("a path over bundlePathBytes", start + one + [0x81, 0x22]),
      Vector("a size that is not canonical", start + one + entry("state/4", [0x80, 0]) + end),
      Vector(
        "a size of 2^32", start + one + entry("state/4", [0x80, 0x80, 0x80, 0x80, 0x10]) + end),
      Vector("a length that is not canonical", start + one + [0x80, 0]),
    ]
  }
}
