import FilProtocol
import Testing

/// Samples written for this test, in the languages of the region: none comes out larger than with deflate.
struct LanguageTests {
  struct Language: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var texts: [String]
  }

  static let all = [
    Language(
      testDescription: "Hausa",
      texts: [
        "Kasuwar Gao ta sake buɗewa a safiyar yau bayan makonni biyu da rufewa. Shugaban ’yan kasuwa ya ce an gyara hanyar da ta haɗa kasuwar da bakin kogi. Masu sayar da albasa da shinkafa sun nuna farin ciki, amma sun ce farashin man fetur ya hau.",
        "Ma’aikatar lafiya ta fara allurar rigakafi a garuruwa uku na bakin kogin Neja. Ma’aikatan lafiya za su ziyarci makarantu daga ranar Litinin zuwa Alhamis. An roƙi iyaye su kawo ’ya’yansu da katin rigakafinsu.",
      ]),
    Language(
      testDescription: "Bambara",
      texts: [
        "Gawo sugu dayɛlɛla bi sɔgɔma, dɔgɔkun fila datugulen kɔfɛ. Jagokɛlaw ɲɛmɔgɔ ko sira min bɛ taa baji da la, o dilanna. Jaba feerelaw ni malo feerelaw nisɔndiyara, nka u ko taji sɔngɔ yɛlɛla.",
        "Kɛnɛya baarakɛlaw bɛ taa dugu saba la ba da la walasa ka denmisɛnw boloci. U bɛna lakɔliw lajɛ ntɛnɛn fo alamisa. Bangebagaw ka kan ka nan ni denw ka boloci karti ye.",
      ]),
    Language(
      testDescription: "Arabic",
      texts: [
        "أعيد فتح سوق غاو صباح اليوم بعد أسبوعين من الإغلاق. وقال رئيس التجار إن الطريق الذي يربط السوق بضفة النهر قد أصلح. وعبر باعة البصل والأرز عن ارتياحهم، لكنهم قالوا إن سعر الوقود قد ارتفع.",
        "بدأت مصلحة الصحة حملة تطعيم في ثلاث بلدات على ضفة نهر النيجر. وسيزور العاملون المدارس من الإثنين إلى الخميس. وطلب من الآباء إحضار أطفالهم مع بطاقات التطعيم.",
      ]),
    Language(
      testDescription: "English",
      texts: [
        "The market of Gao opened again this morning after two weeks. The head of the traders said that the road between the market and the river bank has been mended. Sellers of onions and rice were glad, but said that the price of fuel had risen.",
        "The health service has begun to vaccinate in three towns on the bank of the Niger. Its staff will visit schools from Monday to Thursday. Parents are asked to bring their children with their vaccination cards.",
      ]),
    Language(
      testDescription: "Songhay",
      texts: [
        "Gaawo habo feeri koyne hunkuna susubaa. Isaa me fondaa hanse. Albasan nda moo neerakey ga maa kaani, amma i nee kaŋ esansoo hayoo tonton.",
        "Gaahamay goykey ga koy koyra hinza ra isaa me ga. I ga koy lokkol fooyaŋ ra alatini hala alhamiisa.",
      ]),
  ]

  /// French that a replica of this feed holds.
  private static let french =
    "Le marché de Gao a rouvert ce matin après deux semaines. Le président des commerçants dit que la route "
    + "entre le marché et la berge a été réparée. Les vendeurs d'oignons et de riz sont contents."

  /// What the texts of a feed come to, one unit each, after `context`.
  private func sizes(_ codec: Codec, _ texts: [String], after context: String) -> [Int] {
    var coder = UnitCoder(codec)
    if !context.isEmpty { coder.prime(Array(context.utf8)) }
    return texts.map { coder.encode(Array($0.utf8)).count }
  }

  /// A delta has more than one short text: each language comes as a headline unit would, and two bodies.
  @Test(arguments: all) func `no language is larger than with deflate`(language: Language) {
    let units = [language.texts.joined(separator: " "), language.texts[0], language.texts[1]]
    for context in ["", Self.french] {
      let text = sizes(.text, units, after: context).reduce(0, +)
      let deflate = sizes(.deflate, units, after: context).reduce(0, +)
      #expect(text * 100 < deflate * 97, "\(text) and \(deflate) after \(context.count) characters")
    }
  }

  @Test(arguments: all) func `no unit is larger than with deflate after text of its language`(
    language: Language
  ) {
    let context = language.texts[1] + Self.french
    let text = sizes(.text, [language.texts[0]], after: context)[0]
    let deflate = sizes(.deflate, [language.texts[0]], after: context)[0]
    #expect(text < deflate, "\(text) and \(deflate)")
  }
}
