// The names are those of fil.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CFil
internal import FilClient
internal import FilProtocol

@c @implementation public func fil_version() -> UnsafePointer<CChar>? { versionText }

/// Made once, and never given back.
private nonisolated(unsafe) let versionText: UnsafePointer<CChar>? = {
  let text = Array(FilVersion.current.utf8CString)
  let memory = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
  memory.initialize(from: text, count: text.count)
  return UnsafePointer(memory)
}()

@c @implementation public func fil_open(
  _ path: UnsafePointer<CChar>?, _ key: UnsafePointer<CChar>?,
  _ out: UnsafeMutablePointer<OpaquePointer?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    var verifier: VerifierKey?
    if let key = try optionalText(key, "key") {
      do { verifier = try VerifierKey(parsing: key) } catch {
        throw .usage("key is no verifier key (\(error)); pass the whole line")
      }
    }
    out.pointee = Handle.make(try Replica(path: try text(path, "path"), key: verifier))
  }
}

@c @implementation public func fil_close(_ replica: OpaquePointer?) {
  Handle.release(replica, as: Replica.self)
}

/// The replica behind the pointer.
func replica(_ pointer: OpaquePointer?) throws(FilError) -> Replica {
  try Handle.object(pointer, as: Replica.self, "replica")
}

@c @implementation public func fil_get_status(
  _ pointer: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafePointer<fil_status>?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    let status = try replica(pointer).status()
    out.pointee = Arena.make(fil_status()) { held, arena in
      held.origin = arena.text(status.origin)
      held.key = arena.text(status.key)
      held.sections = arena.text(status.choice.text)
      held.source = arena.text(status.source)
      held.version = Int64(status.version)
      held.signed_at = time(status.signed)
      held.articles = Int64(status.articles)
      held.bodies = Int64(status.bodies)
      held.missing_bodies = Int64(status.missingBodies)
      held.open_wishes = Int64(status.openWishes)
      held.oldest = Int64(status.oldest)
      held.spooled = Int64(status.spooled)
      held.spool_total = Int64(status.spoolTotal)
      held.bytes_received = Int64(status.bytesReceived)
      held.bytes_sent = Int64(status.bytesSent)
      held.synced = time(status.synced)
      held.pending_erasures = Int64(status.pendingErasures)
      held.forks = Int64(status.forks)
      held.complete = status.isComplete ? 1 : 0
    }
  }
}

@c @implementation public func fil_status_free(_ status: UnsafePointer<fil_status>?) {
  Arena.free(status)
}

/// A number or a time that may be absent, as C has it.
func time(_ value: Int?) -> Int64 { value.map(Int64.init) ?? -1 }

@c @implementation public func fil_verify(
  _ pointer: OpaquePointer?, _ repair: Int32,
  _ out: UnsafeMutablePointer<UnsafePointer<fil_verification>?>?
) -> fil_result {
  out?.pointee = nil
  return answer { () throws(FilError) in
    let out = try given(out, "out")
    let found = try replica(pointer).verify(repair: repair != 0)
    out.pointee = Arena.make(fil_verification()) { held, arena in
      held.version = Int64(found.version)
      held.records = Int64(found.records)
      held.bodies = Int64(found.bodies)
      held.damage = arena.texts(found.damage)
      held.damage_count = found.damage.count
    }
    if let first = found.damage.first { throw .damaged(first) }
  }
}

@c @implementation public func fil_verification_free(
  _ verification: UnsafePointer<fil_verification>?
) {
  Arena.free(verification)
}
