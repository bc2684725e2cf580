import FilProtocol

extension Vectors {
  static func preamble() throws -> [Vector] {
    try preambleObjects() + badPreambles()
  }

  static func delta(_ change: (inout DeltaPreamble) -> Void = { _ in }) throws -> [UInt8] {
    var totals = Totals()
    totals.records = 3
    totals.headlineBytes = 500
    totals.headlinePlain = 900
    totals.bodies = 2
    totals.bodyBytes = 1_500
    totals.bodyPlain = 4_000
    var preamble = DeltaPreamble(
      checkpoint: try signed(), from: 5_000, selection: .all, floor: 0,
      volumes: NumberRanges([0, 16, 17]), digests: [1, 2, 3].map { SHA256.hash([$0]) }, path: [],
      context: NumberRanges([1, 2, 3, 9]), totals: totals)
    change(&preamble)
    return Preamble.delta(preamble).encoded
  }

  private static func volume(
    bodies: Bool, _ change: (inout VolumePreamble) -> Void = { _ in }
  ) -> [UInt8] {
    var preamble = VolumePreamble(
      volume: 3, digest: SHA256.hash([3]), size: bodies ? 0 : 256, selection: bodies ? .all : .none,
      totals: Totals())
    change(&preamble)
    return (bodies ? Preamble.bodies(preamble) : .records(preamble)).encoded
  }

  private static func vector(_ name: String, _ bytes: [UInt8]) -> Vector {
    Vector(name, bytes, with: ["origin": "askia24.net/fil"])
  }

  private static func preambleObjects() throws -> [Vector] {
    let digests = (0..<18).map { SHA256.hash([$0]) }
    return [
      vector("a delta", try delta()),
      vector(
        "a delta of another floor and selection",
        try delta {
          $0.floor = 17
          $0.selection = Selection(parsing: "sante.bare") ?? .all
          $0.path = (0..<8).map { SHA256.hash([$0]) }
        }),
      vector(
        "bodies alone",
        try delta {
          $0.selection = Selection.all.on(.bodies)
          $0.context = NumberRanges([])
          ($0.totals.records, $0.totals.headlineBytes, $0.totals.headlinePlain) = (0, 0, 0)
        }),
      vector(
        "nothing new",
        try delta {
          $0.from = 5_123
          ($0.volumes, $0.digests, $0.totals) = (NumberRanges([]), [], Totals())
          $0.context = NumberRanges([])
        }),
      vector(
        "from version 0",
        try delta {
          $0.from = 0
          ($0.volumes, $0.digests) = (NumberRanges(0..<18), digests)
          $0.context = NumberRanges([])
        }),
      vector("a state", Preamble.state(try signed(), digests: digests).encoded),
      vector("the records of a volume", volume(bodies: false)),
      vector("the bodies of a volume", volume(bodies: true)),
    ]
  }

  private static func badPreambles() throws -> [Vector] {
    let right = try delta()
    let header = Array(right.prefix(8))
    func framed(_ body: [UInt8]) -> [UInt8] {
      Array(header.prefix(4)) + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: body.count >> $0) }
        + body
    }
    func raw(_ items: [CBORItem]) -> [UInt8] { framed(CBORItem.array(items).encoded) }
    var rest = right[8...]
    guard case .array(let items) = CBORItem(&rest), case .array(let head) = items[1] else {
      return []
    }
    func with(_ place: Int, _ item: CBORItem) -> [UInt8] {
      var changed = items
      changed[place] = item
      return raw(changed)
    }
    func heads(_ place: Int, _ item: CBORItem) -> [UInt8] {
      var changed = head
      changed[place] = item
      return with(1, .array(changed))
    }
    let signature = CBORItem.bytes([UInt8](repeating: 0, count: 68))
    let digests = (0..<18).map { SHA256.hash([$0]) }
    return [
      vector("another magic", [0x47] + right.dropFirst()),
      vector("another format version", Array("FIL".utf8) + [2] + right.dropFirst(4)),
      vector("a preamble of 4 GB", Array("FIL\u{1}".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]),
      vector("a preamble just over its limit", Array("FIL\u{1}".utf8) + [0, 0x12, 0, 1]),
      vector("seven bytes", Array(right.prefix(7))),
      vector("the last byte missing", Array(right.dropLast())),
      vector("an empty preamble", framed([])),
      vector("a byte too many in it", framed(Array(right.dropFirst(8)) + [0])),
      vector("an element too many", raw(items + [0])),
      vector("an element missing", raw(items.dropLast())),
      vector("an unknown kind", with(0, 5)),
      vector("a later version than the head's", with(2, 5_124)),
      vector("no selection", with(3, "b,a")),
      vector("a floor above the newest volume", with(4, 18)),
      vector("an unknown codec", with(5, 9)),
      vector("a volume that is not there", with(6, [[0, 1], [17, 2]])),
      vector("volumes that touch", with(6, [[0, 1], [1, 2]])),
      vector("volumes that descend", with(6, [[16, 2], [0, 1]])),
      vector("a range of none", with(6, [[0, 0], [15, 3]])),
      vector("a range of three elements", with(6, [[0, 1, 2]])),
      vector("a digest too few", with(7, .bytes([UInt8](repeating: 1, count: 64)))),
      vector("half a digest", with(7, .bytes([UInt8](repeating: 1, count: 80)))),
      vector("a path where none belongs", with(8, .bytes([UInt8](repeating: 1, count: 32)))),
      vector("a context of 8,193 numbers", with(9, [[1, 8_193]])),
      vector("a context beyond all numbers", with(9, [[8_388_607, 2]])),
      vector("totals of five", with(10, [1, 2, 3, 4, 5])),
      vector("a part over its limit", with(10, [1, .integer(1 << 40 + 1), 3, 4, 5, 6])),
      vector("more records than numbers", with(10, [8_388_609, 2, 3, 4, 5, 6])),
      vector("more bodies than numbers", with(10, [1, 2, 3, 8_388_609, 5, 6])),
      vector("a checkpoint of five elements", with(1, .array(head.dropLast()))),
      vector("a size above the version", heads(2, 5_124)),
      vector("a root of 31 bytes", heads(1, .bytes([UInt8](repeating: 1, count: 31)))),
      vector("no signature", heads(5, [])),
      vector("17 signatures", heads(5, .array(Array(repeating: signature, count: 17)))),
      vector("16 signatures", heads(5, .array(Array(repeating: signature, count: 16)))),
      vector("a signature of 64 bytes", heads(5, [.bytes([UInt8](repeating: 0, count: 64))])),
      vector(
        "a floor above the newest volume, with a path",
        try delta {
          $0.floor = 18
          $0.path = (0..<8).map { SHA256.hash([$0]) }
        }),
      vector(
        "a context of 1,025 ranges",
        with(9, .array((0...1_024).map { [.integer($0 * 2), 1] }))),
      vector(
        "a context of 1,024 ranges",
        with(9, .array((0..<1_024).map { [.integer($0 * 2), 1] }))),
      vector("no path where one belongs", try delta { $0.floor = 1 }),
      vector("from 0 without all volumes", try delta { $0.from = 0 }),
      vector("nothing new, but volumes", try delta { $0.from = 5_123 }),
      vector(
        "nothing new, but a context",
        try delta {
          $0.from = 5_123
          ($0.volumes, $0.digests, $0.totals) = (NumberRanges([]), [], Totals())
        }),
      vector(
        "nothing new, but parts",
        try delta {
          $0.from = 5_123
          $0.context = NumberRanges([])
          ($0.volumes, $0.digests) = (NumberRanges([]), [])
        }),
      vector(
        "something new, but no volumes",
        try delta { ($0.volumes, $0.digests) = (NumberRanges([]), []) }),
      vector("bodies alone, but headlines", try delta { $0.selection = Selection.all.on(.bodies) }),
      vector(
        "bodies alone, but a context",
        try delta {
          $0.selection = Selection.all.on(.bodies)
          ($0.totals.records, $0.totals.headlineBytes, $0.totals.headlinePlain) = (0, 0, 0)
        }),
      vector(
        "a state without a digest",
        Preamble.state(try signed(), digests: digests.dropLast()).encoded),
      vector("a volume of 257", volume(bodies: false) { $0.size = 257 }),
      vector("a volume of none", volume(bodies: false) { $0.size = 0 }),
      vector("a volume above all", volume(bodies: false) { $0.volume = 32_768 }),
      vector("records that have bodies", volume(bodies: false) { $0.totals.bodies = 1 }),
      vector("bodies that have records", volume(bodies: true) { $0.totals.headlineBytes = 1 }),
    ]
  }
}
