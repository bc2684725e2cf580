/// Compresses a stream of small texts, each by all that came before it (codec 2).
///
/// Eight contexts (the last 1 to 6 bytes, the word, the word and the one before) and the longest
/// match predict each bit; the predictions are mixed, refined and coded. Integers only: the same
/// bytes on every machine. After Mahoney, *Data Compression Explained*; the format is `Protocol/codec-2.md`.
///
/// Writer and reader make the same calls with the same texts in the same order. A unit is
/// decodable when its last byte is there. The model holds 19 MiB from `init` to the end of its
/// life, whatever is read; nothing in a unit is trusted.
public struct TextModel: ~Copyable {
  private var predictor = BitPredictor()

  /// Makes a model that has read no more than the primer.
  public init() { learn(Self.primer.span) }

  /// Forgets all texts: the model is then as new (about 2 ms).
  public mutating func reset() {
    predictor.reset()
    learn(Self.primer.span)
  }

  /// Learns a text that the other side has too.
  ///
  /// What lies more than 1 MiB back fades.
  public mutating func prime(_ text: Span<UInt8>) { learn(text) }

  private mutating func learn(_ text: Span<UInt8>) {
    for index in text.indices {
      let byte = Int(text[index])
      var shift = 7
      while shift >= 0 {
        predictor.update(byte &>> shift & 1)
        shift &-= 1
      }
    }
  }

  /// Compresses a text of at most ``Limits/unitPlainBytes`` into a unit, and learns it.
  ///
  /// A unit has no zero byte at its end; that of an empty text is empty.
  public mutating func compress(_ plain: Span<UInt8>) -> [UInt8] {
    var encoder = BitEncoder()
    for index in plain.indices {
      let byte = Int(plain[index])
      var shift = 7
      while shift >= 0 {
        let bit = byte &>> shift & 1
        encoder.write(bit, predictor.probability)
        predictor.update(bit)
        shift &-= 1
      }
    }
    return encoder.finish()
  }

  /// Gives back the text of a unit, `plainSize` bytes, and learns it.
  ///
  /// - Throws: ``FormatError`` when ``compress(_:)`` would not have written this unit: `overLimit`,
  ///   `trailingBytes` after the text is complete, `notCanonical` for a cut or damaged one. The model
  ///   has then learnt rubbish (except after `overLimit`): ``reset()`` it.
  public mutating func decompress(
    _ unit: Span<UInt8>, plainSize: Int
  ) throws(FormatError) -> [UInt8] {
    guard (0...Limits.unitPlainBytes).contains(plainSize) else {
      throw FormatError(.overLimit, "unit")
    }
    var decoder = BitDecoder(unit)
    var plain: [UInt8] = []
    plain.reserveCapacity(plainSize)
    for _ in 0..<plainSize {
      var byte = 1
      while byte < 256 {
        let bit = decoder.read(unit, predictor.probability)
        predictor.update(bit)
        byte = byte &<< 1 | bit
      }
      plain.append(UInt8(truncatingIfNeeded: byte))
    }
    try decoder.finish(unit)
    return plain
  }
}
