import EnvprobeModel
import Testing

@testable import EnvprobeWire

@Suite struct ClientHelloTests {
  struct Recording: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var base64: String
    var serverName: String?
    var alpn: [String]
    var versions: [String]
    var ja3: String
    var ja4: String
    var bytes: [UInt8] { Base64.decode(base64)! }
  }

  /// Hellos of real clients; the fingerprints were computed by an independent program.
  static let recordings = [
    Recording(
      testDescription: "curl 7.88, OpenSSL 3.0",
      base64: """
        FgMBAgABAAH8AwMBJ5ThfaVApizChPcCWtjqpQ8QN69jnnyD7k0OpedvQyAgXY0ADuQ0VGx/05r+0Q2enaeLgVxDMVBZSB7wiv04TgA+EwIT\
        AxMBwCzAMACfzKnMqMyqwCvALwCewCTAKABrwCPAJwBnwArAFAA5wAnAEwAzAJ0AnAA9ADwANQAvAP8BAAF1AAAAFAASAAAPYXBpLmV4YW1w\
        bGUuY29tAAsABAMAAQIACgAWABQAHQAXAB4AGQAYAQABAQECAQMBBAAQAA4ADAJoMghodHRwLzEuMQAWAAAAFwAAADEAAAANACoAKAQDBQMG\
        AwgHCAgICQgKCAsIBAgFCAYEAQUBBgEDAwMBAwIEAgUCBgIAKwAJCAMEAwMDAgMBAC0AAgEBADMAJgAkAB0AIJM+tLG1EZMhD+d/nod5GlPp\
        GdjPwRWgCFlbnRmrnjB8ABUArgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
        """,
      serverName: "api.example.com", alpn: ["h2", "http/1.1"], versions: ["TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0"],
      ja3: "0149f47eabf9a20d0893e2a44e5a6323", ja4: "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"),
    Recording(
      testDescription: "Node.js 20",
      base64: """
        FgMBAXkBAAF1AwMwvGUdRFNKFCD5DG2vzGOSgOWNUdv+p4vNfcDxQZoF8iAH2LS0XxGBlN2HLdfgoj5rx1kZ19Q6RvvXPWbKSAXEXAB2EwIT\
        AxMBwC/AK8AwwCwAnsAnAGfAKABrAKMAn8ypzKjMqsCvwK3Ao8CfwF3AYcBXwFMAosCuwKzAosCewFzAYMBWwFLAJABqwCMAQMAKwBQAOQA4\
        wAnAEwAzADIAncChwJ3AUQCcwKDAnMBQAD0APAA1AC8A/wEAALYAAAAOAAwAAAlsb2NhbGhvc3QACwAEAwABAgAKABYAFAAdABcAHgAZABgB\
        AAEBAQIBAwEEACMAAAAQAAsACQhodHRwLzEuMQAWAAAAFwAAAA0AKgAoBAMFAwYDCAcICAgJCAoICwgECAUIBgQBBQEGAQMDAwEDAgQCBQIG\
        AgArAAUEAwQDAwAtAAIBAQAzACYAJAAdACAZYhQTBu1LotMQ2dvRHIBBhy1A58IsBP69CIpBhAkhFA==
        """,
      serverName: "localhost", alpn: ["http/1.1"], versions: ["TLS 1.3", "TLS 1.2"],
      ja3: "1a28e69016765d92e3b381168d68922c", ja4: "t13d5911h1_a33745022dd6_1f22a2ca17c4"),
    Recording(
      testDescription: "openssl s_client -tls1_2",
      base64: """
        FgMBALcBAACzAwMniBO4vkTgTlds8fkcYWGFjBRKa2rhDnbcdiw+sZo0mgAAOMAswDAAn8ypzKjMqsArwC8AnsAkwCgAa8AjwCcAZ8AKwBQA\
        OcAJwBMAMwCdAJwAPQA8ADUALwD/AQAAUgALAAQDAAECAAoADAAKAB0AFwAeABkAGAAjAAAAFgAAABcAAAANACoAKAQDBQMGAwgHCAgICQgK\
        CAsIBAgFCAYEAQUBBgEDAwMBAwIEAgUCBgI=
        """,
      serverName: nil, alpn: [], versions: ["TLS 1.2"], ja3: "fbe7e189e37a07ee33706f86bc746344",
      ja4: "t12i280600_d943125447b4_e7e480e5a997"),
  ]

  private func complete(_ bytes: [UInt8]) throws -> ClientHello {
    guard case .complete(let hello) = ClientHello.read(bytes) else {
      Issue.record("the hello was not read")
      throw CancellationError()
    }
    return hello
  }

  @Test(arguments: recordings) func readsWhatRealClientsSend(recording: Recording) throws {
    let hello = try complete(recording.bytes)
    #expect(hello.serverName == recording.serverName)
    #expect(hello.alpnNames == recording.alpn)
    #expect(hello.versionNames == recording.versions)
    #expect(hello.ja3 == recording.ja3)
    #expect(hello.ja4 == recording.ja4)
  }

  @Test(arguments: recordings) func everyPrefixIsIncomplete(recording: Recording) {
    for count in 0..<recording.bytes.count {
      #expect(ClientHello.read(Array(recording.bytes.prefix(count))) == .incomplete)
    }
  }

  @Test(arguments: recordings) func recordsMaySplitItAnywhere(recording: Recording) throws {
    let message = recording.bytes.dropFirst(5)
    let whole = try complete(recording.bytes)
    for cut in [1, 3, 4, 40, message.count - 1] {
      let parts = [message.prefix(cut), message.dropFirst(cut)]
      let bytes = parts.flatMap { [0x16, 3, 1, UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
      #expect(try complete(bytes) == whole)
    }
  }

  @Test func reservedValuesDoNotCount() throws {
    var hello = try complete(Self.recordings[0].bytes)
    let (ja3, ja4) = (hello.ja3, hello.ja4)
    hello.cipherSuites.insert(0x1a1a, at: 0)
    hello.extensions.insert(0xdada, at: 0)
    hello.supportedVersions.insert(0x2a2a, at: 0)
    hello.groups.insert(0xfafa, at: 0)
    #expect(hello.ja3 == ja3)
    #expect(hello.ja4 == ja4)
    #expect(hello.versionNames.first == "TLS 1.3")
  }

  @Test func protocolsThatAreNoTextAreMarkedInHexadecimal() throws {
    var hello = try complete(Self.recordings[0].bytes)
    hello.alpn = [[0xab, 0xcd]]
    #expect(hello.ja4.hasPrefix("t13d3112ad_"))
  }

  @Test func survivesAnyBytes() {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      var bytes = Self.recordings.randomElement(using: &generator)!.bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      if case .complete(let hello) = ClientHello.read(bytes) { _ = (hello.ja3, hello.ja4, hello.versionNames) }
    }
  }

  @Test(
    arguments: [
      ([0x15, 3, 3, 0, 2, 2, 48], "unknown_ca"),
      ([0x14, 3, 3, 0, 1, 1, 0x15, 3, 3, 0, 2, 2, 42], "bad_certificate"),
      ([0x15, 3, 3, 0, 2, 1, 0], nil),  // close_notify
      ([0x17, 3, 3, 0, 2, 2, 48], nil),
      ([0x15, 3, 3, 0, 19] + [UInt8](repeating: 48, count: 19), nil),  // an encrypted one
      ([0x15, 3, 3, 0, 2], nil),
    ] as [([UInt8], String?)])
  func alertsInTheClearSayWhetherTheyRefuse(bytes: [UInt8], refusal: String?) {
    #expect(TLSAlert(records: bytes)?.refusal == refusal)
  }

  @Test(arguments: [
    (
      "Error: 1 error:1:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA at x.cc:1",
      TLSFailure.refused(alert: "unknown_ca")
    ),
    (
      "Error: 1 error:1:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_UNKNOWN at x.cc:1",
      .refused(alert: "certificate_unknown")
    ),
    (
      "Error: 1 error:1:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE at x.cc:1",
      .incompatible("SSLV3_ALERT_HANDSHAKE_FAILURE")
    ),
    ("Error: 1 error:1:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER at x.cc:1", .incompatible("NO_SHARED_CIPHER")),
    ("Error:  EOF during handshake", .abandoned),
  ])
  func failuresAreToldApart(reason: String, expected: TLSFailure) {
    #expect(TLSFailure(reasons: [reason]) == expected)
  }
}
