internal import CFil
internal import FilClient

/// Runs the body of a C function: an error becomes its code, and this thread's last failure.
func answer(_ body: () throws(FilError) -> Void) -> fil_result {
  do throws(FilError) {
    try body()
    return FIL_OK
  } catch {
    return answer(error)
  }
}

/// The code of `error`, which is remembered for `fil_error_message`.
func answer(_ error: FilError) -> fil_result {
  filc_remember(error.code, error.description)
  return fil_result(UInt32(bitPattern: error.status))
}

/// An argument that must be there.
func given<T>(_ value: T?, _ name: String) throws(FilError) -> T {
  guard let value else { throw .usage("\(name) is NULL") }
  return value
}

/// Text that C gives.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(FilError) -> String {
  guard let text = String(validatingCString: try given(pointer, name)) else {
    throw .usage("\(name) is not UTF-8")
  }
  return text
}

/// Text that C may leave out.
func optionalText(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(FilError) -> String? {
  pointer == nil ? nil : try text(pointer, name)
}

/// What stands behind a pointer that C holds: an object that is kept alive until C gives it back.
enum Handle {
  static func make(_ object: some AnyObject) -> OpaquePointer {
    OpaquePointer(Unmanaged.passRetained(object).toOpaque())
  }

  static func object<T: AnyObject>(
    _ pointer: OpaquePointer?, as _: T.Type = T.self, _ name: String
  ) throws(FilError) -> T {
    Unmanaged<T>.fromOpaque(UnsafeRawPointer(try given(pointer, name))).takeUnretainedValue()
  }

  static func release<T: AnyObject>(_ pointer: OpaquePointer?, as _: T.Type) {
    guard let pointer else { return }
    Unmanaged<T>.fromOpaque(UnsafeRawPointer(pointer)).release()
  }
}

/// A structure of the caller, which begins with its size in the caller's version of `fil.h`.
enum Sized {
  /// The caller's structure as this library knows it: what an older caller lacks is zero.
  ///
  /// - Throws: `usage` when the size was not set, or a newer caller asks for what is not known here.
  static func read<T: BitwiseCopyable>(
    _ pointer: UnsafePointer<T>, into value: inout T, _ name: String
  ) throws(FilError) {
    let size = try size(pointer, name)
    let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
    guard bytes.dropFirst(MemoryLayout<T>.size).allSatisfy({ $0 == 0 }) else {
      throw .usage("\(name) asks for what version \(FilVersion.current) does not know")
    }
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes.prefix($0.count)) }
  }

  /// Fills the caller's structure, as far as its version has the fields; its size stays.
  static func write<T: BitwiseCopyable>(
    _ value: T, to pointer: UnsafeMutablePointer<T>, _ name: String
  ) throws(FilError) {
    let size = try size(pointer, name)
    let target = UnsafeMutableRawBufferPointer(start: pointer, count: size)
    let kept = MemoryLayout<Int>.size
    withUnsafeBytes(of: value) { bytes in
      for place in kept..<size { target[place] = place < bytes.count ? bytes[place] : 0 }
    }
  }

  /// Makes sure that ``write(_:to:_:)`` will succeed.
  static func check(_ pointer: UnsafeRawPointer?, _ name: String) throws(FilError) {
    if let pointer { _ = try size(pointer, name) }
  }

  private static func size(_ pointer: UnsafeRawPointer, _ name: String) throws(FilError) -> Int {
    let size = pointer.load(as: Int.self)
    // No structure of any version is as large; one that was not made ready has anything here.
    guard (MemoryLayout<Int>.size...4_096).contains(size) else {
      throw .usage("\(name) was not made with FIL_INIT")
    }
    return size
  }
}
