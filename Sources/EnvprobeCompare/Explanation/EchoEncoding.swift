import EnvprobeModel

/// A way of writing a value of the profile.
struct EchoEncoding: Sendable {
  var name: String
  var summary: String
  /// The forms of a value, each with what its placeholder says of it; the first is the usual one.
  var forms: @Sendable (String) -> [(text: String, form: String?)]
  /// A value that looks different in this encoding, for examples.
  var sample: @Sendable (RunManifest) -> String = { $0.assignment.timezone! }

  func write(_ value: String) -> [String] { forms(value).map(\.text) }

  /// In the order in which they are tried.
  static let all: [EchoEncoding] = [
    .init(name: "plain", summary: "a value of the profile as it is: zone, host, URL, path, address, name…") {
      [($0, nil)]
    },
    .init(name: "lower-case", summary: "a value in small letters") { [($0.lowercased(), "lower")] },
    .init(name: "upper-case", summary: "a value in capitals") { [($0.uppercased(), "upper")] },
    .init(name: "json", summary: "a value with escaped slashes, as some JSON encoders write it") {
      [($0.replacing("/", with: "\\/"), "json")]
    },
    .init(name: "url", summary: "a value percent-encoded, whichever characters are kept") {
      [
        (percentEncoded($0, keeping: ""), "url"), (percentEncoded($0, keeping: "/"), "url-path"),
        (percentEncoded($0, keeping: "/:@"), "url-query"), (percentEncoded($0, keeping: "").lowercased(), "url-lower"),
      ]
    },
    .init(name: "base64", summary: "a value in base64 or its URL-safe variant, padded or not") { value in
      guard value.utf8.count >= 6 else { return [] }
      let base64 = Base64.encode(Array(value.utf8))
      let bare = String(base64.prefix { $0 != "=" })
      return [
        (base64, "base64"), (bare, "base64-bare"),
        (bare.replacing("+", with: "-").replacing("/", with: "_"), "base64url"),
      ]
    },
    .init(name: "hex", summary: "the bytes of a value as hex digits") { value in
      guard value.utf8.count >= 6 else { return [] }
      let hex = Hexadecimal.encode(Array(value.utf8))
      return [(hex, "hex"), (hex.uppercased(), "HEX")]
    },
  ]

  private static func percentEncoded(_ text: String, keeping kept: String) -> String {
    var result = ""
    for byte in text.utf8 {
      let scalar = Unicode.Scalar(byte)
      if isWord(byte) || "-._~".unicodeScalars.contains(scalar) || kept.unicodeScalars.contains(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }
}
