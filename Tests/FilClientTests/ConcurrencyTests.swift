import Dispatch
import FilClient
import FilProtocol
import FilSource
import Synchronization
import TestSupport
import Testing

/// Several threads, several objects, one file.
struct ConcurrencyTests {
  @Test func `readers go on during a sync and see whole things`() throws {
    try StepTests.withReplica(60) { folder, feed, replica in
      var news = News(seed: 3)
      for number in 1...60 { try feed.correct(number, &news) }
      for _ in 0..<60 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let other = try Replica(path: replica.path)
      let done = Mutex(false)
      let troubles = Mutex<[String]>([])
      let queries = Mutex(0)
      let group = DispatchGroup()
      for (thread, reading) in [replica, other].enumerated() {
        DispatchQueue(label: "reader \(thread)").async(group: group) {
          var number = 0
          for _ in 0..<2_000 {
            number = number % 60 + 1
            do {
              guard let article = try reading.article(number) else {
                troubles.withLock { $0.append("\(number) is missing") }
                continue
              }
              let hash = article.body.map { BodyHash(of: Array($0.utf8)) }
              if hash.map({ feed.body($0) == nil }) ?? true {
                troubles.withLock { $0.append("\(number) is torn") }
              }
              if number % 20 == 0 { _ = try reading.status() }
              if number % 15 == 0 { _ = try reading.search("marché") }
            } catch { troubles.withLock { $0.append("\(error)") } }
            queries.withLock { $0 += 1 }
            if done.withLock({ $0 }) { break }
          }
        }
      }
      let (report, error) = outcome(replica, from: source)
      done.withLock { $0 = true }
      group.wait()
      #expect(error == nil && report.complete)
      #expect(troubles.withLock { $0 } == [])
      #expect(queries.withLock { $0 } > 0)
      try expectEqual(other, feed)
    }
  }

  @Test func `a second sync and a repair find the replica busy`() throws {
    try StepTests.withReplica(40) { folder, feed, replica in
      var news = News(seed: 3)
      for _ in 0..<5 { try feed.publish(&news) }
      try feed.sign(time: 1_800_000_100)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      let other = try Replica(path: replica.path)
      var found: [FilError?] = []
      let (report, error) = outcome(replica, from: source) { _ in
        found.append(outcome(other, from: source).error)
        do throws(FilError) { _ = try other.verify(repair: true) } catch { found.append(error) }
      }
      #expect(error == nil && report.complete)
      #expect(!found.isEmpty && found.allSatisfy { $0 == .busy })
      #expect(found.first??.status == 7)
      try expectEqual(other, feed)
    }
  }

  @Test func `two objects on one file follow each other`() throws {
    try StepTests.withReplica(10) { folder, feed, replica in
      let other = try Replica(path: replica.path)
      var news = News(seed: 3)
      let source = try ServiceSource(feed, cache: folder + "/cache")
      for turn in 0..<6 {
        try feed.publish(&news)
        if turn == 3 { try feed.correct(2, &news, erasing: true) }
        try feed.sign(time: 1_800_000_100 + turn)
        #expect(outcome(turn % 2 == 0 ? replica : other, from: source).report.complete)
        try expectEqual(turn % 2 == 0 ? other : replica, feed)
      }
    }
  }
}
