import Crypto
import EnvprobeModel

/// Replaces credentials in what is recorded by a marker with their kind, length and a keyed hash: the same credential
/// gives the same marker within a matrix, and nothing about it can be computed from the marker without the key.
public struct Redactor: Sendable {
  private let key: SymmetricKey
  /// Values that are secret whatever they look like, the longest first: one may hold another.
  private var secrets: [(name: String, value: [UInt8])] = []

  /// - Parameter key: secret, random bytes, 32 of them; the same for all runs that are to be compared.
  public init(key: [UInt8]) { self.key = SymmetricKey(data: key) }

  /// The shortest value that is replaced, in bytes: shorter ones are everywhere.
  public static let shortestSecret = 4

  /// One that also replaces the values of some variables, wherever they appear.
  ///
  /// - Parameter variables: values by the variables' names.
  public func redacting(_ variables: [String: String]) -> Redactor {
    var result = self
    result.secrets += variables.map { ($0.key, Array($0.value.utf8)) }
      .filter { $0.value.count >= Self.shortestSecret }
    result.secrets.sort { ($0.value.count, $1.name) > ($1.value.count, $0.name) }
    return result
  }

  /// Whether values of variables are replaced.
  public var hasSecrets: Bool { !secrets.isEmpty }

  /// Bytes as they may be recorded; `nil` where they hold no credential.
  public func redact(_ bytes: [UInt8]) -> [UInt8]? {
    var found: [(range: Range<Int>, kind: String)] = []
    bytes.withUnsafeBufferPointer { buffer in
      var position = 0
      var isInWord = false
      while position < buffer.count {
        if let secret = secrets.first(where: { Self.holds(buffer, $0.value, at: position) }) {
          found.append((position..<position + secret.value.count, "variable \(secret.name)"))
          position += secret.value.count
          isInWord = false
          continue
        }
        if !isInWord, let token = TokenShape.match(buffer, at: position) {
          found.append((position..<token.end, token.kind))
          position = token.end
          continue
        }
        isInWord = TokenShape.wordBytes[Int(buffer[position])]
        position += 1
      }
    }
    guard !found.isEmpty else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var end = 0
    for (range, kind) in found {
      result += bytes[end..<range.lowerBound]
      result += marker(kind: kind, for: bytes[range]).utf8
      end = range.upperBound
    }
    return result + bytes[end...]
  }

  /// Text as it may be recorded.
  public func redact(text: String) -> String {
    redact(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text
  }

  private static func holds(_ buffer: UnsafeBufferPointer<UInt8>, _ value: [UInt8], at position: Int) -> Bool {
    guard buffer[position] == value[0], buffer.count - position >= value.count else { return false }
    return value.indices.allSatisfy { buffer[position + $0] == value[$0] }
  }

  /// Fields that hold a credential, in lower case, with the kind that the marker names.
  static let fields: [String: String] = [
    "authorization": "authorization", "proxy-authorization": "authorization", "x-api-key": "api-key",
    "api-key": "api-key", "x-goog-api-key": "api-key", "ocp-apim-subscription-key": "api-key",
    "x-auth-token": "token", "x-access-token": "token", "x-amz-security-token": "token", "private-token": "token",
    "cookie": "cookie", "set-cookie": "cookie",
  ]

  /// Query parameters that hold a credential, in lower case.
  static let parameters: Set<String> = ["key", "api_key", "apikey", "api-key", "access_token", "client_secret"]

  /// The marker that stands for a value.
  func marker(kind: String, for value: some Sequence<UInt8>) -> String {
    let bytes = Array(value)
    let code = HMAC<SHA256>.authenticationCode(for: bytes, using: key)
    return "<redacted \(kind) length=\(bytes.count) hmac=\(Hexadecimal.encode(code.prefix(8)))>"
  }

  /// A field's value as it may be recorded. The scheme of an authorization stays.
  func redact(_ header: HTTPHeader) -> HTTPHeader {
    var result = header
    guard let kind = Self.fields[header.name.lowercased()], !header.value.isEmpty else {
      result.value = redact(text: header.value)
      return result
    }
    if kind == "authorization", let space = header.value.firstIndex(of: " ") {
      let secret = header.value[header.value.index(after: space)...]
      result.value = header.value[...space] + marker(kind: kind, for: secret.utf8)
    } else {
      result.value = marker(kind: kind, for: header.value.utf8)
    }
    return result
  }

  /// A request target as it may be recorded.
  func redact(target: String) -> String {
    let target = redact(text: target)
    guard let mark = target.firstIndex(of: "?") else { return target }
    let pairs = target[target.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
    guard pairs.contains(where: { Self.isSecret($0) }) else { return target }
    let redacted = pairs.map { pair in
      guard Self.isSecret(pair), let equals = pair.firstIndex(of: "=") else { return String(pair) }
      return pair[...equals] + marker(kind: "parameter", for: pair[pair.index(after: equals)...].utf8)
    }
    return target[...mark] + redacted.joined(separator: "&")
  }

  private static func isSecret(_ pair: Substring) -> Bool {
    guard let equals = pair.firstIndex(of: "=") else { return false }
    return parameters.contains(pair[..<equals].lowercased()) && pair.index(after: equals) < pair.endIndex
      && !pair[equals...].hasPrefix("=<redacted ")
  }

  /// A head as it may be recorded, its bytes included.
  func redact(_ head: RequestHead) -> RequestHead {
    var result = head
    result.target = redact(target: head.target)
    result.headers = head.headers.map(redact)
    guard !head.bytes.isEmpty else { return result }
    // From the back, so that the ranges before stay true.
    for index in head.headers.indices.reversed() where result.headers[index] != head.headers[index] {
      result.bytes.replaceSubrange(head.valueRanges[index], with: result.headers[index].value.utf8)
    }
    if result.target != head.target { result.bytes.replaceSubrange(head.targetRange, with: result.target.utf8) }
    result.targetRange = 0..<0
    result.valueRanges = []
    return result
  }
}
