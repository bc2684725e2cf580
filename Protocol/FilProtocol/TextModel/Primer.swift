extension TextModel {
  /// What every model has read before anything else: 813 bytes in the languages of the region.
  ///
  /// Made for this codec, of words that all news need, so that the first unit of a feed is not larger than with
  /// deflate in any of them (`Protocol/codec-2.md`, section 8; the spaces at the ends count).
  static let primer: [UInt8] = Array(
    [
      "اجتمع أعضاء المجلس في المدينة على أن يكون العمل من أجل كل السكان. ",
      "The members of the council said that it had been a good year for all and that they were to meet with people who live there. ",
      "Shugaban ƙasar ya ce za a yi taro da mutane a cikin garin, kuma ba su da ruwan sha. Wannan ne karon farko. ",
      "Boroy kul nee i ga koy fu. ",
      "Jamana ɲɛmɔgɔ y’a fɔ ko mɔgɔw ka kan ka baara kɛ ɲɔgɔn fɛ, nka u tɛ se ka o kɛ ni wari tɛ. ",
      "Le président du conseil a annoncé que les travaux de la commune, qui ont commencé hier dans le nord du pays, seront terminés en 2026. ",
      "« Il n'y a plus d'eau pour les élèves », dit une habitante. Selon le gouvernement, cette année des milliers de personnes ont été déplacées par la pluie. Ce sont elles que l'on aide.",
    ].joined().utf8)
}
