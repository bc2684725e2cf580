// The names are those of fil.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CFil
internal import FilClient
internal import Files

/// A bell that changes of a replica ring.
final class WatchBell {
  let bell: Bell
  private let watch: ChangeWatch

  init(_ replica: Replica) throws(FilError) {
    let bell: Bell
    do { bell = try Bell() } catch { throw .file(error) }
    self.bell = bell
    watch = try ChangeWatch(replica) { bell.ring() }
  }

  // When C gives it back nothing of it is left, such as a thread in a program that unloads the library.
  deinit { watch.finish() }
}

@c @implementation public func fil_observe(
  _ pointer: OpaquePointer?, _ out: UnsafeMutablePointer<OpaquePointer?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    out.pointee = Handle.make(try WatchBell(try replica(pointer)))
  }
}

@c @implementation public func fil_observation_descriptor(_ observation: OpaquePointer?) -> Int32 {
  (try? Handle.object(observation, as: WatchBell.self, "observation"))?.bell.descriptor ?? -1
}

@c @implementation public func fil_observation_take(_ observation: OpaquePointer?) -> Int32 {
  let held = try? Handle.object(observation, as: WatchBell.self, "observation")
  return held?.bell.clear() ?? false ? 1 : 0
}

@c @implementation public func fil_observation_free(_ observation: OpaquePointer?) {
  Handle.release(observation, as: WatchBell.self)
}
