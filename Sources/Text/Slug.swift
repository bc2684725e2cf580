internal import CUTF8Proc

/// A name for a title that fits in a path: `[a-z0-9-]`, without a dash at either end.
public enum Slug {
  /// The slug of a text, of at most `limit` bytes, cut after a word; empty when nothing is left.
  ///
  /// Letters lose their accents and case; what is neither letter nor digit separates words.
  public static func make(_ text: String, limit: Int = 80) -> String {
    let options =
      UTF8PROC_STABLE.rawValue | UTF8PROC_DECOMPOSE.rawValue | UTF8PROC_COMPAT.rawValue
      | UTF8PROC_CASEFOLD.rawValue | UTF8PROC_STRIPMARK.rawValue
    var words: [[UInt8]] = [[]]
    for scalar in (Text.map(text, options) ?? "").unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9": words[words.count - 1].append(UInt8(scalar.value))
      case "œ": words[words.count - 1] += Array("oe".utf8)
      case "æ": words[words.count - 1] += Array("ae".utf8)
      case "ø": words[words.count - 1] += Array("o".utf8)
      case "ł": words[words.count - 1] += Array("l".utf8)
      case "đ", "ð": words[words.count - 1] += Array("d".utf8)
      default: if words.last?.isEmpty == false { words.append([]) }
      }
    }
    var slug: [UInt8] = []
    for word in words where !word.isEmpty {
      if slug.isEmpty {
        slug = Array(word.prefix(limit))
      } else if slug.count + 1 + word.count <= limit {
        slug += [UInt8(ascii: "-")] + word
      } else {
        break
      }
    }
    return String(decoding: slug, as: UTF8.self)
  }
}
