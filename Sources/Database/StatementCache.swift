/// The statements that no one is running, the least recently used dropped first.
///
/// A statement that runs is not in here: the same SQL run inside its own rows is prepared anew.
struct StatementCache {
  final class Entry {
    let statement: Statement
    fileprivate var lastUse = 0

    init(_ statement: consuming Statement) { self.statement = statement }
  }

  private let capacity: Int
  private var idle: [String: Entry] = [:]
  private var uses = 0

  init(capacity: Int) { self.capacity = capacity }

  var count: Int { idle.count }

  mutating func take(_ sql: String) -> Entry? { idle.removeValue(forKey: sql) }

  mutating func give(back entry: Entry) {
    uses += 1
    entry.lastUse = uses
    idle[entry.statement.sql] = entry
    guard idle.count > capacity else { return }
    if let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) { idle[oldest.key] = nil }
  }

  mutating func removeAll() { idle.removeAll() }
}
