// The names are those of fil.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CFil
internal import FilClient

@c @implementation public func fil_export(
  _ pointer: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ since: Int64,
  _ bundle: UnsafeMutablePointer<fil_bundle>?
) -> fil_result {
  answer { () throws(FilError) in
    let replica = try replica(pointer)
    var held = fil_bundle()
    // What cannot be told is found out before anything is written.
    try Sized.check(bundle, "bundle")
    let report = try replica.export(
      to: try text(path, "path"), since: try count(since, "since"))
    held.version = Int64(report.version)
    held.volumes = Int64(report.volumes)
    held.bodies = Int64(report.bodies)
    held.missing_bodies = Int64(report.missingBodies)
    held.bytes = Int64(report.bytes)
    if let bundle { try Sized.write(held, to: bundle, "bundle") }
  }
}

@c @implementation public func fil_import(
  _ pointer: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ stop: OpaquePointer?,
  _ report: UnsafeMutablePointer<fil_report>?
) -> fil_result {
  answer { () throws(FilError) in
    let replica = try replica(pointer)
    if let report { try Sized.write(fil_report(SyncReport()), to: report, "report") }
    let bundle = BundleSource(try text(path, "path"))
    let cancellation = try cancellation(stop)
    do throws(SyncFailure) {
      let done = try replica.importBundle(bundle, cancellation: cancellation)
      if let report { try? Sized.write(fil_report(done), to: report, "report") }
    } catch {
      if let report { try? Sized.write(fil_report(error.report), to: report, "report") }
      throw error.error
    }
  }
}
