internal import FilProtocol

/// What a person sees of one article.
public struct Article: Sendable, Equatable {
  /// Which text there is.
  public enum BodyState: String, Sendable {
    /// The current one is here.
    case current
    /// The one before is here; the newsroom has corrected it, and the correction is on its way.
    case outdated
    /// Not here yet, or not chosen.
    case missing
    /// The article has none.
    case none
  }

  public let number: Int
  public let title: String
  public let summary: String
  public let section: String
  public let tags: [String]
  /// Seconds since 1970-01-01T00:00Z.
  public let published: Int
  /// Seconds since 1970-01-01T00:00Z of the last correction.
  public let updated: Int?
  /// Empty: the newsroom.
  public let author: String
  /// BCP 47; empty: the masthead's.
  public let language: String
  public let isUrgent: Bool
  public let isUne: Bool
  /// What was corrected.
  public let note: String
  /// Seconds since 1970-01-01T00:00Z of the withdrawal.
  public let retracted: Int?
  /// Why it was withdrawn.
  public let reason: String?
  /// Whether its text was erased as well, not only withdrawn.
  public let isErased: Bool
  /// False for a record that needs a newer version of fil.
  public let isReadable: Bool
  /// Of the body, in bytes.
  public let length: Int
  public let bodyState: BodyState
  /// CommonMark, when it was asked for and is here.
  public let body: String?

  /// - Parameters:
  ///   - bytes: the record.
  ///   - shown: hash of the text that is here.
  ///   - body: that text, when it was asked for.
  init?(_ bytes: [UInt8], shown: [UInt8]?, body: String?) {
    guard let record = try? Record(decoding: bytes) else { return nil }
    number = record.number
    var headline: Headline?
    var retraction: Retraction?
    switch record.content {
    case .headline(let found): headline = found
    case .retraction(let found): retraction = found
    case .masthead: return nil
    case .unreadable: break
    }
    isReadable = record.content != .unreadable
    title = headline?.title ?? ""
    summary = headline?.summary ?? ""
    section = headline?.section ?? ""
    tags = headline?.tags ?? []
    published = headline?.published ?? retraction?.published ?? 0
    updated = headline?.updated
    author = headline?.author ?? ""
    language = headline?.language ?? ""
    isUrgent = headline?.flags.contains(.urgent) ?? false
    isUne = headline?.flags.contains(.une) ?? false
    note = headline?.note ?? ""
    retracted = retraction?.time
    reason = retraction?.reason
    isErased = retraction.map { $0.erased > 0 } ?? false
    length = headline?.length ?? 0
    if length == 0 {
      bodyState = .none
    } else if let shown {
      bodyState = shown == headline?.body.bytes ? .current : .outdated
    } else {
      bodyState = .missing
    }
    self.body = bodyState == .missing || bodyState == .none ? nil : body
  }
}

/// How new a replica is.
public struct Freshness: Sendable, Equatable {
  /// Of the state that is held; 0: nothing yet.
  public var version: Int
  /// When the newsroom signed it last, in seconds since 1970-01-01T00:00Z.
  ///
  /// It is true whatever the local clock says.
  public var signed: Int?
  /// The last sync that ended well: seconds since 1970-01-01T00:00Z, by the local clock.
  public var synced: Int?
}

/// Where a replica stands.
public struct ReplicaStatus: Sendable {
  public var origin: String
  public var key: String
  /// Of the state that is held; 0: nothing yet.
  public var version: Int
  /// When the newsroom signed it last, in seconds since 1970-01-01T00:00Z.
  public var signed: Int?
  /// Articles that are held, retracted ones included.
  public var articles: Int
  public var bodies: Int
  public var missingBodies: Int
  /// Texts that readers asked for and that are not here yet.
  public var openWishes: Int
  public var choice: SectionChoice
  /// The oldest number held.
  public var oldest: Int
  /// Bytes of unfinished objects that are here, and what they have in all.
  public var spooled: Int
  public var spoolTotal: Int
  /// All syncs together.
  public var bytesReceived: Int
  public var bytesSent: Int
  /// The last sync that ended well: seconds since 1970-01-01T00:00Z, by the local clock.
  public var synced: Int?
  public var source: String?
  /// Erased texts whose bytes are still in the file.
  public var pendingErasures: Int
  /// Forks that were seen: a person must look.
  public var forks: Int
  /// Everything that was chosen is here.
  public var isComplete: Bool { version > 0 && missingBodies == 0 && spoolTotal == 0 }
}
