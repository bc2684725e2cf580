/// Memory of a power-of-two number of elements that cannot be left: every index is masked.
///
/// The mask is what makes hostile input harmless here; it costs one `and` per access. Where that is
/// too much, `inside` leaves it out, and the caller says why its index cannot be outside.
@safe struct Table<let bits: Int, Element: BitwiseCopyable>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>

  init(_ value: Element) {
    self.init()
    fill(value)
  }

  /// What is in it is to be filled before it is read.
  init() {
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: (1 << bits) * MemoryLayout<Element>.stride, alignment: 64)
    unsafe base = raw.bindMemory(to: Element.self, capacity: 1 << bits)
  }

  deinit { unsafe base.deallocate() }

  func fill(_ value: Element) { unsafe base.update(repeating: value, count: 1 << bits) }

  subscript(index: Int) -> Element {
    @inline(__always) get { unsafe base[index & ((1 << bits) &- 1)] }
    @inline(__always) nonmutating set { unsafe base[index & ((1 << bits) &- 1)] = newValue }
  }
}

extension Table {
  /// The element at an index that is in `0..<1 << bits` whatever was read.
  subscript(inside index: Int) -> Element {
    @inline(__always) get { unsafe base[index] }
    @inline(__always) nonmutating set { unsafe base[index] = newValue }
  }
}

extension Table where Element == UInt8 {
  /// Sets the 16 bytes that begin at `index`, a multiple of 16, to zero.
  @inline(__always) func clearSixteen(at index: Int) {
    let start = index & ((1 << bits) &- 16)
    unsafe UnsafeMutableRawPointer(base + start).storeBytes(
      of: SIMD16<UInt8>(repeating: 0), as: SIMD16<UInt8>.self)
  }
}
