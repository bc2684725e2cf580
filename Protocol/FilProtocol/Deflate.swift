internal import CZlib

/// Codec 1, one unit at a time: raw deflate with a preset dictionary [COD-1, COD-2].
public enum Deflate {
  /// Compresses `plain`; the last 32,768 bytes of `context` are its dictionary.
  public static func compress(
    _ plain: [UInt8], context: ArraySlice<UInt8> = [], level: Int32 = 9
  ) -> [UInt8] {
    // zlib keeps a pointer back to the stream, which must not move: hence the heap.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let started = fil_deflate_init(stream, level)
    precondition(started == Z_OK, "zlib: no memory")
    defer { deflateEnd(stream) }
    let dictionary = Array(context.suffix(Limits.contextBytes))
    if !dictionary.isEmpty { deflateSetDictionary(stream, dictionary, UInt32(dictionary.count)) }
    let bound = Int(deflateBound(stream, UInt(plain.count))) + 16
    var input = plain
    return input.withUnsafeMutableBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: bound) { out, size in
        stream.pointee.next_in = source.baseAddress
        stream.pointee.avail_in = UInt32(source.count)
        stream.pointee.next_out = out.baseAddress
        stream.pointee.avail_out = UInt32(bound)
        let result = deflate(stream, Z_FINISH)
        precondition(result == Z_STREAM_END, "zlib: deflateBound is too small")
        size = bound - Int(stream.pointee.avail_out)
      }
    }
  }

  /// The `size` bytes that `unit` inflates to, exactly [COD-3].
  ///
  /// - Throws: `invalidValue` for what is no deflate, `truncated`, `trailingBytes` after the final
  ///   block, `overLimit` when it would give more.
  public static func decompress(
    _ unit: [UInt8], context: ArraySlice<UInt8> = [], size: Int
  ) throws(FormatError) -> [UInt8] {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard fil_inflate_init(stream) == Z_OK else { preconditionFailure("zlib: no memory") }
    defer { inflateEnd(stream) }
    let dictionary = Array(context.suffix(Limits.contextBytes))
    if !dictionary.isEmpty { inflateSetDictionary(stream, dictionary, UInt32(dictionary.count)) }
    var input = unit
    var result = Z_OK
    var left = 0
    var produced = 0
    // One byte more than stated, so that a unit that holds more is seen.
    let plain = input.withUnsafeMutableBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: size + 1) { out, count in
        stream.pointee.next_in = source.baseAddress
        stream.pointee.avail_in = UInt32(source.count)
        stream.pointee.next_out = out.baseAddress
        stream.pointee.avail_out = UInt32(size + 1)
        result = inflate(stream, Z_FINISH)
        produced = size + 1 - Int(stream.pointee.avail_out)
        left = Int(stream.pointee.avail_in)
        count = min(produced, size)
      }
    }
    guard produced <= size else { throw FormatError(.overLimit, "unit") }
    guard result == Z_STREAM_END else {
      throw FormatError(result == Z_BUF_ERROR ? .truncated : .invalidValue, "unit")
    }
    guard left == 0 else { throw FormatError(.trailingBytes, "unit") }
    guard produced == size else { throw FormatError(.truncated, "unit") }
    return plain
  }
}
