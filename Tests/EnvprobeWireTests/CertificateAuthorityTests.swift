import FoundationEssentials
import SwiftASN1
import Testing
import X509

@testable import EnvprobeWire

@Suite struct CertificateAuthorityTests {
  static let authority = try! CertificateAuthority()

  private func leaf(_ host: String) throws -> Certificate {
    try Certificate(derEncoded: try Self.authority.leaf(for: host))
  }

  @Test func nothingSaysWhatItIsFor() throws {
    let root = try Certificate(pemEncoded: Self.authority.pem)
    let text = "\(root)\(try leaf("api.example.com"))".lowercased()
    #expect(!text.contains("envprobe") && !text.contains("proxy") && !text.contains("test"))
    #expect(root.issuer == root.subject)
  }

  @Test(arguments: ["api.example.com", "192.0.2.1", "2001:db8::1"]) func leavesAreForOneHost(host: String) async throws
  {
    let leaf = try leaf(host)
    let names = try #require(try leaf.extensions.subjectAlternativeNames)
    let expected: GeneralName =
      IPAddress(host).map { .ipAddress(ASN1OctetString(contentBytes: $0.bytes[...])) } ?? .dnsName(host)
    #expect(Array(names) == [expected])
    let root = try Certificate(pemEncoded: Self.authority.pem)
    var verifier = Verifier(rootCertificates: CertificateStore([root])) { RFC5280Policy() }
    guard case .validCertificate = await verifier.validate(leaf: leaf, intermediates: CertificateStore([])) else {
      Issue.record("the chain is not valid")
      return
    }
  }

  @Test func validityIsAnArgument() throws {
    let range = Date(timeIntervalSince1970: 0)..<Date(timeIntervalSince1970: 4_000_000_000)
    let authority = try CertificateAuthority(validity: range)
    let leaf = try Certificate(derEncoded: try authority.leaf(for: "a"))
    #expect(leaf.notValidBefore == range.lowerBound && leaf.notValidAfter == range.upperBound)
  }

  @Test func longNamesFit() throws {
    let host = String(repeating: "a", count: 60) + ".example.com"
    #expect(try leaf(host).extensions.subjectAlternativeNames.map(Array.init) == [.dnsName(host)])
  }

  @Test func contextsAreMadeOncePerHost() throws {
    let contexts = TLSContexts(authority: Self.authority)
    let first = try contexts.context(for: "api.example.com")
    #expect(try contexts.context(for: "API.example.com") === first)
    #expect(try contexts.context(for: "other.example.com") !== first)
  }
}
