import FilProtocol
import Testing

/// Lengths of gigabytes in inputs of a few bytes: refused before anything is allocated [CBOR-5].
struct LyingLengthTests {
  @Test(arguments: [0x5A, 0x7A, 0x9A] as [UInt8])
  func `a CBOR length of 4 GB is truncated`(head: UInt8) {
    let items: [UInt8] = [head, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(throws: FormatError(.truncated, "")) { try Record(decoding: items) }
    #expect(throws: FormatError(.truncated, "")) { try Record(decoding: [0x84, 4, 7, 1] + items) }
  }

  @Test(arguments: [0x5B, 0x7B, 0x9B] as [UInt8])
  func `a CBOR length of 2^63 is over the limit`(head: UInt8) {
    let items: [UInt8] = [head, 0x80, 0, 0, 0, 0, 0, 0, 0]
    #expect(throws: FormatError(.overLimit, "")) { try Record(decoding: items) }
    #expect(throws: FormatError(.overLimit, "")) { try Record(decoding: [0x84, 4, 7, 1] + items) }
  }

  @Test func `a frame that announces gigabytes is refused at its head`() throws {
    func outcome(_ change: @escaping (inout DeltaPreamble) -> Void, _ part: [UInt8]) throws
      -> Outcome
    {
      scan(try Vectors.delta(change) + part, origin: "askia24.net/fil")
    }
    let long: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]
    let headlines: (inout DeltaPreamble) -> Void = { $0.totals.headlineBytes = 1 << 40 }
    let bodies: (inout DeltaPreamble) -> Void = {
      ($0.totals.headlineBytes, $0.totals.bodyBytes) = (0, 1 << 40)
    }
    let over = Outcome.failed("overLimit")
    #expect(try outcome(headlines, long) == over)
    #expect(try outcome(headlines, [0] + long) == over)
    #expect(try outcome(headlines, [0, 0] + long) == over)
    #expect(try outcome(headlines, [0, 0, 1] + long) == over)
    #expect(try outcome(headlines, [0, 0, 1]) == .waiting)
    #expect(try outcome(bodies, long) == over)
    #expect(try outcome(bodies, [1] + long) == over)
    #expect(try outcome(bodies, [0x84, 0x80, 0x84, 2, 1]) == over)
    #expect(try outcome(headlines, [0, 0, 0x85, 0x80, 0x84, 2, 1]) == over)
  }

  @Test func `an index that announces more than its bytes is refused`() throws {
    for bytes: [UInt8] in [
      [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [1, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
      [1, 2, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [1, 2, 5, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
    ] {
      var first = 300
      #expect(throws: FormatError(.overLimit, "")) { try BodyIndex.decode(bytes, after: &first) }
    }
  }

  // [COD-3]
  @Test func `a bomb stops one byte after its stated size`() {
    let bomb = Deflate.compress([UInt8](repeating: 0, count: 4_000_000))
    #expect(throws: FormatError(.overLimit, "")) { try Deflate.decompress(bomb, size: 10) }
    #expect(throws: FormatError(.overLimit, "")) { try Deflate.decompress(bomb, size: 3_999_999) }
  }
}
