internal import Glibc

/// Waits for files of a folder to be written to, by whatever process, without looking at the clock.
///
/// It says that something was written, never what, and may say so too often. Writers on other
/// machines, of a folder that several mount, are not seen. Used by one thread at a time.
public struct FolderWatch: ~Copyable, Sendable {
  /// Why a wait ended.
  public enum Event: Sendable, Equatable {
    case written, stopped, timeout
  }

  /// Negative where the kernel has no watch left: then time alone ends a wait.
  private let descriptor: Int32
  private let names: Set<String>

  /// Watches for the files called `names` in `folder`, whether they exist or not.
  public init(_ folder: String, _ names: Set<String>) {
    self.names = names
    let opened = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    let mask = UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE)
    if opened >= 0, inotify_add_watch(opened, folder, mask) < 0 {
      close(opened)
      descriptor = -1
    } else {
      descriptor = opened
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether the kernel tells of writes; else a caller must look by itself from time to time.
  public var isTold: Bool { descriptor >= 0 }

  /// Waits until one of the files is written to, `stop` is rung, or `milliseconds` have passed.
  public borrowing func wait(or stop: Bell, atMost milliseconds: Int) -> Event {
    let end = FolderWatch.now() + milliseconds
    while true {
      // `poll` passes over negative descriptors.
      var waiting = [
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let left = Int32(clamping: max(0, end - FolderWatch.now()))
      guard uninterrupted({ poll(&waiting, 2, left) }) > 0 else { return .timeout }
      if waiting[0].revents != 0 { return .stopped }
      if drain() { return .written }
    }
  }

  /// Milliseconds since any moment, never going back.
  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
  }

  /// Takes all that the kernel has told; true when one of the files was among it.
  private borrowing func drain() -> Bool {
    var found = false
    var bytes = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = uninterrupted { read(descriptor, &bytes, bytes.count) }
      guard count > 0 else { return found }
      bytes.withUnsafeBytes { found = mentions($0[..<count]) || found }
    }
  }

  private borrowing func mentions(_ events: Slice<UnsafeRawBufferPointer>) -> Bool {
    var at = 0
    let head = MemoryLayout<inotify_event>.size
    while at + head <= events.count {
      let event = events.base.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
      let name = events.base[(at + head)..<(at + head + Int(event.len))].prefix { $0 != 0 }
      if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
      if names.contains(String(decoding: name, as: UTF8.self)) { return true }
      at += head + Int(event.len)
    }
    return false
  }
}
