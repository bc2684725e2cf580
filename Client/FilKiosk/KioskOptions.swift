/// What a kiosk is for, and what it may do besides showing pages.
public struct KioskOptions: Sendable {
  /// A screen that many use, one after another: it goes home and forgets when nobody touches it, and
  /// no link leads out of it.
  public var isShared = false
  /// Seconds without a touch until a shared screen asks whether somebody is there.
  public var idle = 120
  /// Seconds that it then waits for a touch; at least 20, as WCAG 2.2.1 wants.
  public var countdown = 30
  /// Seconds since the newsroom's signature after which a banner says that the news are old.
  public var oldAfter = 86_400
  /// Names under which this kiosk is reached, besides addresses and `localhost`, without a port.
  public var names: Set<String> = []
  /// What a form must bring back, so that no other page can send it: at least 16 random letters or
  /// digits, made at start-up.
  public var token: String
  /// What the syncs of this program do; nil: it does not sync.
  public var syncs: SyncLog?
  /// Whether readers may ask for texts that the selection leaves out.
  public var takesWishes = true

  public init(token: String) { self.token = token }
}
