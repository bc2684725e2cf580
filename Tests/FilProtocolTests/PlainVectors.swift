import FilProtocol

extension Vectors {
  static var varint: [Vector] {
    let values = [0, 1, 127, 128, 300, 16_383, 16_384, 1 << 28 - 1, 1 << 28, 1 << 32 - 1]
    let valid = values.map { value in
      var bytes: [UInt8] = []
      bytes.appendVarint(value)
      return Vector("\(value)", bytes)
    }
    return valid + [
      Vector("nothing", ""), Vector("more to come", "80"), Vector("still more to come", "ffffffff"),
      Vector("zero in two bytes", "8000"), Vector("one in two bytes", "8100"),
      Vector("127 in three bytes", "ff8000"), Vector("two to the 32", "8080808010"),
      Vector("six bytes", "808080808001"), Vector("a fifth byte with more", "ffffffffff"),
      Vector("a byte too many", "0000"),
    ]
  }

  static var cbor: [Vector] {
    let values = [
      0, 23, 24, 255, 256, 65_535, 65_536, 1 << 32 - 1, 1 << 32, Int.max,
    ]
    let integers = values.map { Vector("\($0)", CBORItem.integer($0).encoded) }
    let lengths = [23, 24, 255, 256].map {
      Vector("a text of \($0)", CBORItem.text(String(repeating: "a", count: $0)).encoded)
    }
    return integers + lengths + [
      Vector("-1", "20"), Vector("-24", "37"), Vector("-25", "3818"),
      Vector("the least integer", "3b7fffffffffffffff"),
      Vector("false", "f4"), Vector("true", "f5"), Vector("null", "f6"),
      Vector("no bytes", "40"), Vector("three bytes", "43010203"), Vector("no text", "60"),
      Vector("text of one, two, three and four bytes", "6a61c3a9e6b0b4f09f90aa"),
      Vector("no elements", "80"), Vector("an array", "8301820203f6"),
      Vector("eight deep", "8181818181818180"),
      Vector("eight deep and a number", "8181818181818101"),
      Vector("nine deep", "818181818181818180"),
      Vector("a map", "a0"), Vector("a tag", "c000"), Vector("a half float", "f90000"),
      Vector("a float", "fa00000000"), Vector("a double", "fb0000000000000000"),
      Vector("undefined", "f7"), Vector("simple 16", "f0"), Vector("simple in two bytes", "f8ff"),
      Vector("break", "ff"), Vector("reserved 28", "1c"), Vector("reserved 30", "1e"),
      Vector("indefinite integer", "1f"), Vector("indefinite bytes", "5f4101ff"),
      Vector("indefinite text", "7f6161ff"), Vector("indefinite array", "9f01ff"),
      Vector("23 in two bytes", "1817"), Vector("255 in three bytes", "1900ff"),
      Vector("65,535 in five bytes", "1a0000ffff"),
      Vector("4,294,967,295 in nine bytes", "1b00000000ffffffff"),
      Vector("a length of 1 in two bytes", "580100"),
      Vector("a text length in two bytes", "780161"),
      Vector("an array length in two bytes", "980101"), Vector("-1 in two bytes", "3800"),
      Vector("two to the 63", "1b8000000000000000"),
      Vector("two to the 64 less one", "1bffffffffffffffff"),
      Vector("below the least integer", "3b8000000000000000"),
      Vector("nothing", ""), Vector("half a head", "19ff"), Vector("half a text", "6261"),
      Vector("half an array", "8201"), Vector("bytes of 4 GB", "5affffffff00"),
      Vector("an array of 4 GB", "9affffffff00"), Vector("a text of 2^63", "7b8000000000000000"),
      Vector("bytes of 2^63 less one", "5b7fffffffffffffff"),
      Vector("an array of 2^63 less one", "9b7fffffffffffffff"),
      Vector("a byte too many", "0000"), Vector("a lone continuation", "6180"),
      Vector("an overlong slash", "62c0af"), Vector("an overlong three", "63e080af"),
      Vector("a surrogate", "63eda080"), Vector("above U+10FFFF", "64f4908080"),
      Vector("half a character", "61c3"),
    ]
  }

  private static func records(_ size: Int) -> String {
    (0..<size).map { number in Hex.encode([UInt8(number >> 8), UInt8(number & 0xFF)]) }
      .joined(separator: " ")
  }

  static var merkle: [Vector] {
    [0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 255, 256, 257, 300].map {
      Vector("\($0) records", records($0))
    }
  }

  static var path: [Vector] {
    [1, 2, 3, 31, 32, 33, 255, 256].map { Vector("a volume of \($0)", records($0)) }
  }

  static var selection: [Vector] {
    let valid = [
      "all", "none", "sante", "culture,sante", "a,b,c", "0,a-b", "-", "a,aa", "a-b,ab",
      "all.bare", "all.bodies", "sante.bodies", "all.c2", "none.c2", "sante.bare.c2",
      String(repeating: "a", count: 64), "sante+all", "education+a,b+all.bare.c2", "b+a+a,b,c",
      "c+a,b+a,b,c.bodies",
    ]
    let invalid = [
      "+all", "a++all", "a+", "b,a+all", "a+a+all", "a,b+b+all", "a+none", "d+a,b", "all+all",
      "a,all+all", "all+a", "a+all+", "a+b",
      "", ",", "a,", ",a", "b,a", "a,a", "A", "a b", "é", "a_b", "all,sante", "a,none", "all.",
      "all..bare", "all.Bare", "all.bare.bodies", "all.bare.bare", "all.c1", "all.c3", "none.bare",
      "none.bodies", "all.c2.c2",
      ".bare", "All", "all ", "sante.c2.bare", String(repeating: "a", count: 4_097),
    ]
    return (valid + invalid).map { Vector(name($0), $0) }
  }

  private static func name(_ text: String) -> String {
    text.isEmpty ? "nothing" : text.utf8.count <= 64 ? text : "\(text.utf8.count) bytes"
  }

  static var resource: [Vector] {
    let digest = String(repeating: "0123456789abcdef", count: 4)
    let hash = String(repeating: "0123456789abcdef", count: 2)
    let valid = [
      "checkpoint", "sync/0/all/0", "sync/452/none/17", "sync/0/sante/days-30", "sync/0/all/days-1",
      "sync/0/all/days-3650", "sync/5/all.bare/0", "sync/1099511627776/all/32767",
      "delta/0-452/all/0", "delta/452-452/culture,sante/3", "delta/4-9/all.bodies/0",
      "sync/4/sante+all.c2/0", "state/452",
      "state/0", "volume/0/\(digest)", "volume/32767/\(digest)", "bodies/3/\(digest)/all",
      "bodies/3/\(digest)/sante.c2", "body/\(hash)",
    ]
    let invalid = [
      "", "checkpoint/", "Checkpoint", "sync/0/all", "sync/0/all/0/", "sync//all/0",
      "sync/00/all/0",
      "sync/+1/all/0", "sync/-1/all/0", "sync/1/all/days-30", "sync/0/all/days-0",
      "sync/0/all/days-3651", "sync/0/all/days-030", "sync/0/all/30-days", "sync/0/b,a/0",
      "sync/0/all/01", "sync/0/all/32768", "sync/1099511627777/all/0", "sync/0/all/0?x=1",
      "sync/٣/all/0", "sync/999999999999999999999/all/0", "delta/5-4/all/0", "delta/4/all/0",
      "delta/4-5-6/all/0", "delta/4-5/all/days-30", "delta/04-5/all/0", "state/", "state/01",
      "state/1099511627777", "volume/32768/\(digest)", "volume/0/\(digest.uppercased())",
      "volume/0/\(digest.dropLast())", "volume/0/\(digest)0", "bodies/0/\(digest)/all.bare",
      "bodies/0/\(digest)/all.bodies", "bodies/0/\(digest)/all/0", "volume/0/\(digest)/all",
      "bodies/32768/\(digest)/all", "bodies/3/\(digest)/sante+all", "sync/5/all.bodies/0",
      "sync/0/all.bare/0", "body/\(hash)00",
      "body/\(hash.uppercased())", "body/", "body/\(hash)/", "other",
    ]
    let rootless = [
      "", "/", "/fil/v1", "/fil/v2/checkpoint", "fil/v1/checkpoint", "/fil/v1//checkpoint",
    ]
    return (valid + invalid).map { Vector($0.isEmpty ? "the root" : $0, "/fil/v1/" + $0) }
      + rootless.map { Vector(name($0), $0) }
  }

  static var deflate: [Vector] {
    let context = Array("Le marché de Gao a rouvert ce matin. ".utf8)
    let plain = Array("Le marché de Gao a rouvert mardi.".utf8)
    func with(_ size: Int, _ context: [UInt8] = [], _ times: Int = 1) -> JSON {
      ["context": .text(Hex.encode(context)), "repeat": .integer(times), "size": .integer(size)]
    }
    let unit = Deflate.compress(plain, context: context[...])
    let alone = Deflate.compress(plain)
    let zeros = [UInt8](repeating: 0, count: 1_000_000)
    let long = (0..<2_000).flatMap { _ in context }
    let right = with(plain.count, context)
    return [
      Vector("the example of codec-1.md", unit, with: right),
      Vector("without a context", alone, with: with(plain.count)),
      Vector("nothing, well compressed", Deflate.compress([]), with: with(0)),
      Vector("stored, not compressed", [1, 3, 0, 0xFC, 0xFF, 1, 2, 3], with: with(3)),
      Vector("two blocks", [0, 1, 0, 0xFE, 0xFF, 7, 1, 1, 0, 0xFE, 0xFF, 8], with: with(2)),
      Vector(
        "a context of which the end counts", Deflate.compress(plain, context: long[...]),
        with: with(plain.count, context, 2_000)),
      Vector("another context", unit, with: with(plain.count, context.map { $0 ^ 1 })),
      Vector("a context too short", unit, with: with(plain.count, Array(context.suffix(5)))),
      Vector("no context where there was one", unit, with: with(plain.count)),
      Vector("a byte after the end", unit + [0], with: right),
      Vector("a second stream after the end", unit + unit, with: right),
      Vector("a byte more than stated", unit, with: with(plain.count - 1, context)),
      Vector("a byte less than stated", unit, with: with(plain.count + 1, context)),
      Vector("the last byte missing", Array(unit.dropLast()), with: right),
      Vector("nothing", [UInt8](), with: with(0)),
      Vector("no final block", [0, 1, 0, 0xFE, 0xFF, 7], with: with(1)),
      Vector("a bomb", Deflate.compress(zeros), with: with(100)),
      Vector("a block of a type that is none", [7], with: with(1)),
      Vector("a stored length that lies", [1, 3, 0, 0, 0, 1, 2, 3], with: with(3)),
      Vector("a zlib frame", [0x78, 0x9C, 3, 0, 0, 0, 0, 1], with: with(0)),
      Vector("a distance before the start", [0x63, 0x80, 0x11, 0], with: with(20)),
    ]
  }

  static var index: [Vector] {
    func vector(_ name: String, _ hex: String, _ first: Int = 300) -> Vector {
      Vector(name, hex.filter { $0 != " " }, with: ["first": .integer(first)])
    }
    func entries(_ count: Int) -> String {
      var bytes: [UInt8] = []
      bytes.appendVarint(count)
      for _ in 0..<count { bytes += [2, 5, 0] }
      return Hex.encode(bytes)
    }
    return [
      vector("one body", "01 02 05 00"),
      vector("two, of which the second is newer", "02 06 05 00 03 07 00"),
      vector("the same number again", "02 02 05 00 00 05 00"),
      vector("a context of one number", "01 02 05 01 14"),
      vector("a context of number 0", "01 02 05 01 00"),
      vector("a context of a range", "01 02 05 01 15 03"),
      vector("ranges of one, two and many", "01 02 05 03 02 05 00 0b 8002"),
      vector("256 bodies", entries(256)),
      vector("257 bodies", entries(257)),
      vector("number 1", "01 02 05 00", 2),
      vector("number 0", "01 02 05 00", 1),
      vector("a number below 0", "01 04 05 00", 1),
      vector("a number above all", "01 01 05 00", 8_388_608),
      vector("no body", "00"),
      vector("nothing", ""),
      vector("a body missing", "02 02 05 00"),
      vector("a byte too many", "01 02 05 00 00"),
      vector("a range that touches the one before", "01 02 05 02 02 00"),
      vector("a unit over its limit", "01 02 81 80 84 02 00"),
      vector("ranges over their limit", "01 02 05 81 08"),
      vector("a step that is not canonical", "01 82 00 05 00"),
      vector("a range over contextNumbers", "01 02 05 01 01 81 40"),
      vector("8,193 numbers", "01 02 05 01 01 ff 3f"),
      vector("8,192 numbers", "01 02 05 01 01 fe 3f"),
      vector("a range beyond all numbers", "01 02 05 01 80 80 80 08"),
      vector("a step of 2^32 less one", "01 ff ff ff ff 0f 05 00"),
    ]
  }
}
