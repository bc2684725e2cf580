import Files
import Testing

/// Bells and watched folders.
struct WatchTests {
  @Test func `a bell rings until it is cleared, however often it was rung`() throws {
    let bell = try Bell()
    #expect(!bell.clear())
    for _ in 0..<100_000 { bell.ring() }
    #expect(bell.clear())
    #expect(!bell.clear())
  }

  @Test func `writing to a watched file ends the wait, writing to another does not`() throws {
    try withTemporaryFolder { folder in
      let watch = FolderWatch(folder, ["a"])
      let isTold = watch.isTold
      #expect(isTold)
      let stop = try Bell()
      try Files.writeDurably(folder + "/b", [1])
      let event1 = watch.wait(or: stop, atMost: 0)
      #expect(event1 == .timeout)
      var file = try AppendFile(folder + "/a")
      let event2 = watch.wait(or: stop, atMost: 10_000)
      #expect(event2 == .written, "made")
      try file.append([1])
      let event3 = watch.wait(or: stop, atMost: 10_000)
      #expect(event3 == .written, "written to")
      let event4 = watch.wait(or: stop, atMost: 0)
      #expect(event4 == .timeout, "told once")
      try Files.removeTree(folder + "/a")
      let event5 = watch.wait(or: stop, atMost: 10_000)
      #expect(event5 == .written, "removed")
    }
  }

  @Test func `a rung bell ends a wait before anything else`() throws {
    try withTemporaryFolder { folder in
      let watch = FolderWatch(folder, ["a"])
      let stop = try Bell()
      stop.ring()
      try Files.writeDurably(folder + "/a", [1])
      let event6 = watch.wait(or: stop, atMost: 10_000)
      #expect(event6 == .stopped)
    }
  }

  @Test func `a folder that cannot be watched leaves time alone to end a wait`() throws {
    let watch = FolderWatch("/nowhere/at/all", ["a"])
    let isTold = watch.isTold
    #expect(!isTold)
    let event = watch.wait(or: try Bell(), atMost: 1)
    #expect(event == .timeout)
  }
}
