/// Credentials that can be told by how they look, wherever they stand.
struct TokenShape: Sendable {
  /// What the marker calls it.
  var kind: String
  var prefix: [UInt8]
  /// How many bytes follow the prefix at least.
  var minimum: Int
  /// Whether a dot may be a part of it.
  var allowsDots = false

  init(_ kind: String, _ prefix: String, _ minimum: Int, allowsDots: Bool = false) {
    self.kind = kind
    self.prefix = Array(prefix.utf8)
    self.minimum = minimum
    self.allowsDots = allowsDots
  }

  /// The shapes that their issuers document, the longer of two prefixes first. Each is long enough that no word of a
  /// language is one.
  static let all: [TokenShape] = [
    TokenShape("anthropic-key", "sk-ant-", 20), TokenShape("openai-key", "sk-", 32),
    TokenShape("github-token", "github_pat_", 22), TokenShape("github-token", "ghp_", 36),
    TokenShape("github-token", "gho_", 36), TokenShape("github-token", "ghu_", 36),
    TokenShape("github-token", "ghs_", 36), TokenShape("github-token", "ghr_", 36),
    TokenShape("gitlab-token", "glpat-", 20), TokenShape("slack-token", "xoxb-", 20),
    TokenShape("slack-token", "xoxp-", 20), TokenShape("slack-token", "xoxa-", 20),
    TokenShape("slack-token", "xapp-", 20), TokenShape("aws-key-id", "AKIA", 16), TokenShape("aws-key-id", "ASIA", 16),
    TokenShape("google-key", "AIza", 35), TokenShape("google-token", "ya29.", 20, allowsDots: true),
    TokenShape("npm-token", "npm_", 36), TokenShape("pypi-token", "pypi-AgE", 40),
    TokenShape("huggingface-token", "hf_", 30), TokenShape("stripe-key", "sk_live_", 20),
    TokenShape("stripe-key", "rk_live_", 20), TokenShape("jwt", "eyJ", 30, allowsDots: true),
  ]

  /// The shapes by the first byte of their prefix.
  private static let byFirstByte: [[TokenShape]] = {
    var table = [[TokenShape]](repeating: [], count: 256)
    for shape in all { table[Int(shape.prefix[0])].append(shape) }
    return table
  }()

  /// Bytes that may be part of a credential, and so of a word that one does not begin within.
  static let wordBytes: [Bool] = (0..<256).map { byte in
    switch UInt8(byte) {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }

  /// The credential that begins at a place, with its end; `nil` where none does.
  static func match(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> (kind: String, end: Int)? {
    for shape in byFirstByte[Int(bytes[start])] {
      guard bytes.count - start >= shape.prefix.count + shape.minimum,
        shape.prefix.indices.allSatisfy({ bytes[start + $0] == shape.prefix[$0] })
      else { continue }
      var end = start + shape.prefix.count
      var dots = 0
      while end < bytes.count {
        if wordBytes[Int(bytes[end])] {
          end += 1
        } else if shape.allowsDots, bytes[end] == UInt8(ascii: "."), end + 1 < bytes.count,
          wordBytes[Int(bytes[end + 1])]
        {
          dots += 1
          end += 1
        } else {
          break
        }
      }
      // A JSON Web Token has three parts.
      if shape.kind == "jwt", dots != 2 { continue }
      if end - start >= shape.prefix.count + shape.minimum { return (shape.kind, end) }
    }
    return nil
  }
}
