import FilProtocol
import FoundationEssentials
import Testing

/// Every file of `Protocol/Vectors`: the value or the error code, and the bytes again.
struct VectorTests {
  // [CBOR-1] [CBOR-2] [CBOR-3] [CBOR-4] [CBOR-5] [REC-1] [REC-2] [REC-3] [REC-4] [STA-1] [STA-5]
  // [CHK-1] [CHK-2] [CHK-3] [CHK-4] [CHK-6] [OBJ-1] [OBJ-2] [OBJ-3] [OBJ-5] [OBJ-6] [OBJ-7]
  // [COD-1] [COD-2] [COD-3] [COD-4] [HTTP-1] [HTTP-2] [HTTP-6]
  static func check(_ vector: Vector, of structure: String) throws {
    let structure = try Structure.named(structure)
    do {
      let value = try structure.value(vector)
      #expect(vector.error == nil && value == vector.value)
    } catch { #expect(vector.error == code(error) && vector.value == nil) }
  }

  @Test(arguments: try VectorFile.load("varint"))
  func varint(_ vector: Vector) throws { try Self.check(vector, of: "varint") }

  @Test(arguments: try VectorFile.load("cbor"))
  func cbor(_ vector: Vector) throws { try Self.check(vector, of: "cbor") }

  @Test(arguments: try VectorFile.load("record"))
  func record(_ vector: Vector) throws { try Self.check(vector, of: "record") }

  @Test(arguments: try VectorFile.load("merkle"))
  func merkle(_ vector: Vector) throws { try Self.check(vector, of: "merkle") }

  @Test(arguments: try VectorFile.load("path"))
  func path(_ vector: Vector) throws { try Self.check(vector, of: "path") }

  @Test(arguments: try VectorFile.load("note"))
  func note(_ vector: Vector) throws { try Self.check(vector, of: "note") }

  @Test(arguments: try VectorFile.load("vkey"))
  func vkey(_ vector: Vector) throws { try Self.check(vector, of: "vkey") }

  @Test(arguments: try VectorFile.load("selection"))
  func selection(_ vector: Vector) throws { try Self.check(vector, of: "selection") }

  @Test(arguments: try VectorFile.load("resource"))
  func resource(_ vector: Vector) throws { try Self.check(vector, of: "resource") }

  @Test(arguments: try VectorFile.load("codec-1"))
  func codec1(_ vector: Vector) throws { try Self.check(vector, of: "codec-1") }

  @Test(arguments: try VectorFile.load("preamble"))
  func preamble(_ vector: Vector) throws { try Self.check(vector, of: "preamble") }

  @Test(arguments: try VectorFile.load("index"))
  func index(_ vector: Vector) throws { try Self.check(vector, of: "index") }

  @Test(arguments: try VectorFile.load("time"))
  func time(_ vector: Vector) throws { try Self.check(vector, of: "time") }

  @Test(arguments: try VectorFile.load("object"))
  func object(_ vector: Vector) throws { try Self.check(vector, of: "object") }

  // [BUN-1] [BUN-2] [BUN-3] [BUN-4] [BUN-5]
  @Test(arguments: try VectorFile.load("bundle"))
  func bundle(_ vector: Vector) throws { try Self.check(vector, of: "bundle") }

  @Test func `every structure has its vectors, with names of their own`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: VectorFile.folder)
    let names = files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    #expect(Set(names).isSuperset(of: Structure.all.map(\.name)))
    for name in Structure.all.map(\.name) {
      let vectors = try VectorFile.load(name)
      #expect(Set(vectors.map(\.name)).count == vectors.count, "\(name)")
      #expect(vectors.contains { $0.value != nil }, "\(name)")
    }
  }

  @Test(.enabled(if: VectorFile.writes, "writes Protocol/Vectors; set FIL_WRITE_VECTORS=1"))
  func `the vectors are written again`() throws {
    for structure in Structure.all {
      var vectors = try structure.make()
      for i in vectors.indices {
        do { vectors[i].value = try structure.value(vectors[i]) } catch {
          vectors[i].error = code(error)
        }
      }
      try VectorFile(structure: structure.name, vectors: vectors).write()
    }
  }
}
