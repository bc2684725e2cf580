import Testing

struct PinTests {
  /// [STA-1] [STA-4] The description is in `Protocol/state.md`; `Protocol/Vectors/pin.py` is another.
  @Test func `ten thousand changes end where the specification says`() throws {
    let pin = try Pin.roots()
    #expect(pin.size == 3_417)
    #expect("\(pin.log)" == "bed0d26d674eb4a8ee3aa08d625717c6a8065b31349994b1e11b967f90d5ac16")
    #expect("\(pin.state)" == "10a6befd349c943ea0dc9370d25bc1dc545d3f528e9457f2b11f39ec94fbdd99")
  }
}
