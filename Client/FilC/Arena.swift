/// Lays out a C structure, and all that its pointers point to, in one piece of memory.
///
/// The layout is made twice by the same code: first without memory, to know the size, then for good.
struct Arena {
  private let base: UnsafeMutableRawPointer?
  private var used: Int

  private init(_ base: UnsafeMutableRawPointer?, _ used: Int) {
    self.base = base
    self.used = used
  }

  /// The structure that `fill` makes of `empty`; ``free(_:)`` gives it back.
  static func make<T: BitwiseCopyable>(
    _ empty: T, _ fill: (inout T, inout Arena) -> Void
  ) -> UnsafePointer<T> {
    var value = empty
    var measure = Arena(nil, MemoryLayout<T>.stride)
    fill(&value, &measure)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: measure.used, alignment: 16)
    var arena = Arena(memory, MemoryLayout<T>.stride)
    value = empty
    fill(&value, &arena)
    memory.storeBytes(of: value, as: T.self)
    return UnsafePointer(memory.assumingMemoryBound(to: T.self))
  }

  static func free(_ pointer: UnsafeRawPointer?) {
    UnsafeMutableRawPointer(mutating: pointer)?.deallocate()
  }

  private mutating func reserve(_ size: Int, alignedTo alignment: Int) -> UnsafeMutableRawPointer? {
    let start = (used + alignment - 1) / alignment * alignment
    used = start + size
    return base.map { $0 + start }
  }

  /// A copy of `text` with a zero byte at its end; absent is NULL.
  mutating func text(_ text: String?) -> UnsafePointer<CChar>? {
    guard var text else { return nil }
    return text.withUTF8 { bytes in
      guard let start = reserve(bytes.count + 1, alignedTo: 1) else { return nil }
      UnsafeMutableRawBufferPointer(start: start, count: bytes.count).copyBytes(from: bytes)
      start.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
      return UnsafePointer(start.assumingMemoryBound(to: CChar.self))
    }
  }

  /// A copy of `value`.
  mutating func value<T: BitwiseCopyable>(_ value: T) -> UnsafePointer<T>? {
    guard let start = reserve(MemoryLayout<T>.size, alignedTo: MemoryLayout<T>.alignment) else {
      return nil
    }
    start.storeBytes(of: value, as: T.self)
    return UnsafePointer(start.assumingMemoryBound(to: T.self))
  }

  /// The pointers one after another, with NULL at their end.
  mutating func list<T>(
    _ pointers: [UnsafePointer<T>?]
  ) -> UnsafePointer<UnsafePointer<T>?>? {
    let size = MemoryLayout<UnsafePointer<T>?>.stride
    guard let start = reserve((pointers.count + 1) * size, alignedTo: size) else { return nil }
    let list = start.bindMemory(to: UnsafePointer<T>?.self, capacity: pointers.count + 1)
    for (place, pointer) in pointers.enumerated() { list[place] = pointer }
    list[pointers.count] = nil
    return UnsafePointer(list)
  }

  mutating func texts(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?>? {
    var pointers: [UnsafePointer<CChar>?] = []
    for one in texts { pointers.append(text(one)) }
    return list(pointers)
  }
}
