/// Reads the bodies part of any object, and verifies each body against its record.
struct BodiesReader<H: Holdings>: ~Copyable {
  private let holdings: H
  private var coder: UnitCoder
  private var context: BodyContext
  /// V as the object states it, whatever its basis.
  private let since: Int?
  private var bodies = 0
  private var plainBytes = 0

  init(_ context: BodyContext, since: Int?, holdings: H) {
    self.context = context
    self.since = since
    self.holdings = holdings
    coder = UnitCoder(context.selection.codec)
  }

  /// Goes on with the coder that has read the headlines.
  mutating func goOn(with coder: consuming UnitCoder) { self.coder = coder }

  /// The body in `unit`, verified [OBJ-12, OBJ-13].
  mutating func read(
    _ entry: BodyEntry, _ unit: [UInt8]
  ) throws(ReadError<H.Failure>) -> (hash: BodyHash, text: [UInt8]) {
    let wanted: (headline: Headline, record: Record)?
    let held: [UInt8]?
    do {
      wanted = try context.wanted(entry.number, since: since, in: holdings)
      held = try wanted.flatMap { (wanted) throws(H.Failure) in
        try holdings.body(wanted.headline.body)
      }
    } catch { throw .holdings(error) }
    guard let wanted, !context.brought.contains(entry.number) else {
      throw .trust(TrustError(.wrongObject, "body \(entry.number)"))
    }
    bodies += 1
    plainBytes += wanted.headline.length
    let text: [UInt8]
    // In a codec that reads on, what is held already is read again for what comes after it.
    if let held, !coder.codec.readsOn {
      text = held
    } else {
      coder.restart()
      for text in try context.texts(entry.context, in: holdings) { coder.prime(text) }
      coder.prime(wanted.record.bytes)
      do { text = try coder.decode(unit, size: wanted.headline.length) } catch {
        throw .format(FormatError(error.code, "body \(entry.number)"))
      }
      guard BodyHash(of: text) == wanted.headline.body else {
        throw .trust(TrustError(.wrongDigest, "body \(entry.number)"))
      }
    }
    context.bring(entry.number)
    return (wanted.headline.body, text)
  }

  /// Refuses an object that had not as many bodies as it said.
  func finish(_ totals: Totals) throws(ReadError<H.Failure>) {
    guard bodies == totals.bodies, plainBytes == totals.bodyPlain else {
      throw .format(FormatError(.invalidValue, "totals.bodies"))
    }
  }
}
