internal import Glibc

extension Metrics {
  /// Has the usual numbers of a process read from /proc at each reading, under Prometheus's names.
  ///
  /// What cannot be read is left out.
  public func addProcess() {
    beforeReading { metrics in
      if let pages = ProcessFigures.residentPages() {
        metrics.set(.residentMemory, to: Double(pages * sysconf(Int32(_SC_PAGESIZE))))
      }
      var usage = rusage()
      if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let micro = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        metrics.set(.processorTime, to: Double(seconds) + Double(micro) / 1_000_000)
      }
      if let count = ProcessFigures.openDescriptors() {
        metrics.set(.openDescriptors, to: Double(count))
      }
    }
  }
}

extension Metrics.Family {
  fileprivate static let residentMemory = Metrics.Family(
    "process_resident_memory_bytes", .gauge, help: "Memory of the process that is in RAM.")
  fileprivate static let processorTime = Metrics.Family(
    "process_cpu_seconds_total", .counter, help: "Processor time of the process, user and system.")
  fileprivate static let openDescriptors = Metrics.Family(
    "process_open_fds", .gauge, help: "Open files and sockets of the process.")
}

/// Looks up what the kernel says of this process.
private enum ProcessFigures {
  /// The second number of /proc/self/statm.
  static func residentPages() -> Int? {
    guard let file = fopen("/proc/self/statm", "re") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let words = text.split(separator: " ")
    return words.count > 1 ? Int(words[1]) : nil
  }

  /// How many entries /proc/self/fd has, without the one that counting opens.
  static func openDescriptors() -> Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      // `.` and `..` begin with a dot, numbers do not.
      if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
    }
    return max(0, count - 1)
  }
}
