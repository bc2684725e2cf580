internal import Database
public import FilProtocol
internal import Files

extension Newsroom {
  /// Makes a newsroom in the folder `path`, with a new key and `masthead` as version 1.
  ///
  /// `origin` is the feed's name for ever, such as `askia24.net/fil`; `url` is where readers will
  /// find it; `witness` is a file, a URL, or `none`, and nil means the URL. An init that was cut
  /// short is finished, with the key that it made; where there is a newsroom already, it throws
  /// ``NewsroomError/exists(_:)`` and changes nothing.
  public static func found(
    _ path: String, origin: String, masthead: Masthead, url: String? = nil,
    witness: String? = nil, surroundings: Surroundings = Surroundings()
  ) throws(NewsroomError) -> Newsroom {
    guard VerifierKey.isName(origin) else {
      throw .input(
        InputError(
          "--origin", nil,
          "\(origin) cannot be an origin; write it like askia24.net/fil, without spaces"))
    }
    do throws(FileError) { try Files.ensureDirectory(path, mode: 0o700) } catch {
      throw .file(error)
    }
    let lock = try hold(path, surroundings, 0, "fil-server init")
    let old = try leftover(path, origin)
    let place = try Witness.named(witness ?? url ?? "none", for: path)
    let seen = try place.seen(surroundings, isNew: true)
    if let seen {
      throw .witness(
        .foreign(
          place: place.place,
          why: "it has seen version \(seen.checkpoint.version) of \(seen.checkpoint.origin) already"
        ))
    }
    let seed = old ?? surroundings.seed()
    let verifier: VerifierKey
    do { verifier = try SigningKey(name: origin, seed: seed).verifier } catch {
      throw .key("no key could be made (\(error))")
    }
    if old == nil { try KeyFile.write(Store.key(path), origin: origin, seed: seed) }
    let db = try Store.open(path, .create)
    try db.guarded { (db) throws(DatabaseError) in
      try db.transaction { () throws(DatabaseError) in
        try db.set(.origin, origin)
        try db.set(.key, verifier.description)
        try db.set(.url, url)
        try db.set(.witness, witness == nil ? nil : place.place)
      }
    }
    let newsroom = try Newsroom(path, db, surroundings, lock)
    try newsroom.append(founding: masthead) { (batch) throws(NewsroomError) in
      _ = try batch.append(.masthead(masthead), number: 0)
    }
    return newsroom
  }

  /// The seed that an init which was cut short has left; nil in a fresh folder.
  private static func leftover(_ path: String, _ origin: String) throws(NewsroomError) -> [UInt8]? {
    if exists(path), try Store.open(path, .readWrite).logLength() > 0 { throw .exists(path) }
    guard let old = try KeyFile.content(Store.key(path)) else { return nil }
    guard old.origin == origin else { throw .exists(path) }
    return old.seed
  }
}
