import EnvprobeModel
import Testing

@testable import EnvprobeWire

@Suite struct RedactorTests {
  static let redactor = Redactor(key: [UInt8](repeating: 7, count: 32))

  private func redacted(_ text: String, by redactor: Redactor = Self.redactor) throws -> RequestHead {
    redactor.redact(try #require(RequestHead(bytes: Array(text.utf8))))
  }

  @Test func credentialsAreGoneFromValuesAndBytes() throws {
    let text =
      "POST /v1?key=AIzaSecret&alt=sse HTTP/1.1\r\nHost: h\r\nauthorization:  Bearer sk-secret \r\nX-Api-Key: sk-secret\r\n"
      + "Cookie: a=b; c=d\r\nProxy-Authorization: Basic dTpw\r\nX-Goog-Api-Key: g\r\nAccept: */*\r\n\r\n"
    let head = try redacted(text)
    let bytes = String(decoding: head.bytes, as: UTF8.self)
    for secret in ["sk-secret", "AIzaSecret", "a=b", "dTpw"] {
      #expect(!bytes.contains(secret))
      #expect(!head.headers.contains { $0.value.contains(secret) })
      #expect(!head.target.contains(secret))
    }
    // What is left of the bytes is as it was sent.
    #expect(bytes.contains("\r\nauthorization:  Bearer <redacted authorization length=9 hmac="))
    #expect(bytes.contains("> \r\nX-Api-Key: <redacted api-key length=9 hmac="))
    #expect(bytes.hasPrefix("POST /v1?key=<redacted parameter length=10 hmac="))
    #expect(bytes.hasSuffix("\r\nAccept: */*\r\n\r\n"))
    #expect(
      head.headers.map(\.name) == [
        "Host", "authorization", "X-Api-Key", "Cookie", "Proxy-Authorization", "X-Goog-Api-Key", "Accept",
      ])
    #expect(head.target.hasSuffix(">&alt=sse"))
  }

  @Test func equalityCanStillBeSeen() throws {
    let one = try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\n\r\n").headers
    #expect(try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\n\r\n").headers == one)
    #expect(try redacted("GET / HTTP/1.1\r\nX-Api-Key: abd\r\n\r\n").headers != one)
    let other = Redactor(key: [UInt8](repeating: 8, count: 32))
    #expect(try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\n\r\n", by: other).headers != one)
  }

  @Test func theSameCredentialHasTheSameMarkWhereverItsKindIsTheSame() throws {
    let head = try redacted("GET / HTTP/1.1\r\nX-Api-Key: abc\r\nX-Goog-Api-Key: abc\r\n\r\n")
    #expect(head.headers[0].value == head.headers[1].value)
  }

  @Test(arguments: [
    "GET /path?monkey=1 HTTP/1.1\r\nAccept: a\r\nAuthorizationX: y\r\n\r\n", "GET /?key= HTTP/1.1\r\nCookie:\r\n\r\n",
    "GET /key=abc HTTP/1.1\r\n\r\n",
  ])
  func everythingElseStays(text: String) throws {
    #expect(try redacted(text).bytes == Array(text.utf8))
  }

  // MARK: Anywhere

  @Test(arguments: [
    ("sk-ant-api03-AAAAAAAAAAAAAAAAAAAAAAAA", "anthropic-key"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "github-token"),
    ("AKIAIOSFODNN7EXAMPLE", "aws-key-id"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "jwt"),
  ]) func tokensAreKnownByTheirShape(token: String, kind: String) throws {
    let redactor = Redactor(key: [UInt8](repeating: 7, count: 32))
    let text = redactor.redact(text: "{\"a\":\"\(token)\",\"b\":\"x \(token).\"}")
    let marker = redactor.marker(kind: kind, for: token.utf8)
    #expect(text == "{\"a\":\"\(marker)\",\"b\":\"x \(marker).\"}")
    #expect(redactor.redact(text: text) == text)
  }

  @Test(arguments: [
    "", "a task-sk- list", "risk-anthropic", "sk-short", "eyJhbGciOiJIUzI1NiJ9 is a header only, without dots",
    "xAKIAIOSFODNN7EXAMPLE", "describe-eyJx.a.b",
  ]) func wordsAreNoTokens(text: String) {
    #expect(Redactor(key: [1]).redact(Array(text.utf8)) == nil)
  }

  @Test func valuesOfVariablesAreSecretWhereverTheyAre() {
    let redactor = Redactor(key: [1]).redacting(["A": "hunter2", "B": "hunter2-longer", "C": "abc"])
    let text = redactor.redact(text: "xhunter2y hunter2-longer abc")
    #expect(
      text == "x\(redactor.marker(kind: "variable A", for: "hunter2".utf8))y "
        + "\(redactor.marker(kind: "variable B", for: "hunter2-longer".utf8)) abc")
  }

  @Test(.requires("curl")) func bodiesHeadersAndTargetsAreRedactedOnTheWire() throws {
    let trial = try GatewayTrial(secrets: ["PIN": "0123-4567"])
    let port = trial.open(80)
    let token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    _ = try GatewayTrial.run(
      "curl", "-s", "-H", "X-Mine: \(token)", "-d", "pin=0123-4567&t=\(token)", "http://127.0.0.1:\(port)/0123-4567/x")
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    let all = "\(request)" + (trial.sink.text(request.head) ?? "") + (trial.sink.text(request.body) ?? "")
    #expect(!all.contains("0123-4567") && !all.contains(token))
    #expect(trial.sink.text(request.body)?.hasPrefix("pin=<redacted variable PIN length=9 hmac=") == true)
    #expect(trial.sink.text(request.head)?.contains("X-Mine: <redacted github-token length=40 hmac=") == true)
  }

  @Test func aCodedBodyThatHoldsACredentialIsKeptDecodedOnly() throws {
    let trial = try GatewayTrial()
    let text = "token ghp_abcdefghijklmnopqrstuvwxyz0123456789 end"
    let body = try Base64.decode(
      GatewayTrial.run("sh", "-c", "printf '\(text)' | gzip -c | base64 -w0").output)
    let bytes = try #require(body)
    _ = GatewayTrial.talk(
      trial.open(80),
      Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: \(bytes.count)\r\n\r\n".utf8)
        + bytes)
    trial.session.close()
    let request = try #require(trial.sink.requests.first)
    #expect(request.body == nil)
    #expect(trial.sink.text(request.decodedBody)?.hasPrefix("token <redacted github-token length=40") == true)
  }
}
