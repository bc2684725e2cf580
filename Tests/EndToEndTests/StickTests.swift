import Foundation
import TestSupport
import Testing

/// The script that a stick starts, without what only root may do.
struct StickTests {
  @Test func `a stick waits while another program syncs`() throws {
    try withTemporaryFolder { folder in
      let programs = [
        "mount": "exit 0", "umount": "exit 0", "sleep": "echo $1 >>\(folder)/slept",
        "runuser": "shift 3; exec \"$@\"",
        // Busy two times.
        "fil": "echo $* >>\(folder)/tries; test $(wc -l <\(folder)/tries) -gt 2 || exit 7",
      ]
      for place in ["bin", "stick"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(place)", withIntermediateDirectories: true)
      }
      for (name, script) in programs {
        let path = "\(folder)/bin/\(name)"
        try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      }
      try "".write(toFile: "\(folder)/stick/news.fil", atomically: true, encoding: .utf8)
      let script = Tool.root.appending(path: "Client/Packaging/usb/fil-import-stick").path()
      let result = try Tool.run(
        URL(filePath: "/usr/bin/env"),
        [
          "PATH=\(folder)/bin:/usr/bin:/bin", "RUNTIME_DIRECTORY=\(folder)/stick",
          "REPLICA=gao.db", "FIL_USER=fil", "sh", script, "/dev/sdz1",
        ])
      #expect(result.status == 0, "\(result.error)")
      let slept = try String(contentsOfFile: "\(folder)/slept", encoding: .utf8)
      #expect(slept == "5\n5\n")
    }
  }
}
