import Crypto
import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeReport

/// Packs: what was put in is vouched for, byte by byte, and by a key where there is one.
@Suite struct EvidencePackTests {
  private static let files: [(path: String, contents: [UInt8])] = [
    ("report.json", Array("{}\n".utf8)),
    ("runs/us-1/events.ndjson", Array(String(repeating: "event\n", count: 300).utf8)),
    ("runs/us-1/run.json", Array("{ }".utf8)),
  ]

  private static func pack(
    _ files: [(path: String, contents: [UInt8])] = files, signedBy key: EvidenceSigningKey? = nil
  ) throws -> [UInt8] {
    let subject = Subject(argv: ["agent", "say hi"], executable: .init(path: "/bin/agent", sha256: "ab"))
    var writer = EvidencePackWriter(.init(tool: "envprobe test", subject: subject, conclusion: .different))
    var bytes: [UInt8] = []
    for file in files { bytes += try writer.file(file.path, file.contents) }
    return bytes + (try writer.end(signedBy: key))
  }

  /// Keys as OpenSSL writes them.
  private static func keys() throws -> (signing: EvidenceSigningKey, verifying: EvidenceVerifyingKey) {
    let key = Curve25519.Signing.PrivateKey()
    func pem(_ label: String, _ prefix: String, _ bytes: Data) -> String {
      let text = (Data(base64Encoded: prefix)! + bytes).base64EncodedString()
      return "-----BEGIN \(label)-----\n\(text)\n-----END \(label)-----\n"
    }
    return (
      try EvidenceSigningKey(pem: pem("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIA==", key.rawRepresentation)),
      try EvidenceVerifyingKey(pem: pem("PUBLIC KEY", "MCowBQYDK2VwAyEA", key.publicKey.rawRepresentation))
    )
  }

  @Test func whatIsUnchangedIsSaidToBe() throws {
    let check = try EvidenceCheck(Self.pack())
    #expect(check.problems == [])
    #expect(check.signature == .none)
    #expect(check.manifest.files.map(\.path) == Self.files.map(\.path))
    #expect(check.manifest.conclusion == .different)
  }

  @Test func theSameEvidenceGivesTheSameBytes() throws {
    let key = try Self.keys().signing
    #expect(try Self.pack() == Self.pack())
    #expect(try Self.pack(signedBy: key) == Self.pack(signedBy: key))
  }

  @Test func anyChangedByteIsFound() throws {
    let (signing, verifying) = try Self.keys()
    for whole in [try Self.pack(), try Self.pack(signedBy: signing)] {
      for index in whole.indices {
        for bit: UInt8 in [1, 0x80] {
          var changed = whole
          changed[index] ^= bit
          // An archive that cannot be read is found to be changed as well.
          let problems = (try? EvidenceCheck(changed).problems) ?? ["unreadable"]
          #expect(!problems.isEmpty, "byte \(index), bit \(bit)")
        }
      }
      for count in stride(from: 0, to: whole.count, by: 7) {
        #expect(((try? EvidenceCheck(Array(whole[..<count])).problems) ?? [""]) != [])
      }
      #expect(((try? EvidenceCheck(whole + [0]).problems) ?? [""]) != [])
      #expect(((try? EvidenceCheck([0] + whole).problems) ?? [""]) != [])
    }
    #expect(try EvidenceCheck(Self.pack(signedBy: signing), key: verifying).problems == [])
  }

  @Test func theProblemNamesTheFile() throws {
    // Somebody who writes archives can make all of its own digests right; the manifest still says what was there.
    let archive = try ZipReader(Self.pack())
    let manifest = try archive.contents(of: archive.entries.last!)
    func forged(_ files: [(path: String, contents: [UInt8])]) throws -> EvidenceCheck {
      var writer = ZipWriter()
      var bytes: [UInt8] = []
      for file in files + [(path: EvidenceManifest.path, contents: manifest)] {
        bytes += try writer.entry(file.path, file.contents)
      }
      let prefix = EvidencePackWriter.commentPrefix
      bytes += writer.end(commentLength: prefix.utf8.count + 64)
      return try EvidenceCheck(bytes + Array((prefix + Hexadecimal.encode(SHA256.hash(data: bytes))).utf8))
    }
    #expect(try forged(Self.files).problems == [])
    var changed = Self.files
    changed[2].contents[0] ^= 1
    #expect(try forged(changed).problems == ["runs/us-1/run.json was changed: its SHA-256 is not that of the manifest"])
    #expect(try forged(Array(Self.files.dropLast())).problems == ["runs/us-1/run.json is missing"])
    #expect(
      try forged(Self.files + [("more", [1])]).problems == ["more was added: the manifest does not have it"])
  }

  @Test func onlyTheKeyThatSignedVouches() throws {
    let (signing, verifying) = try Self.keys()
    let other = try Self.keys().verifying
    let signed = try Self.pack(signedBy: signing)
    #expect(try EvidenceCheck(signed).signature == .unchecked)
    #expect(try EvidenceCheck(signed, key: verifying).signature == .valid(fingerprint: verifying.fingerprint))
    #expect(signing.verifyingKey.fingerprint == verifying.fingerprint)
    #expect(
      try EvidenceCheck(signed, key: other).problems == ["the signature is not one of the manifest with this key"])
    #expect(try EvidenceCheck(Self.pack(), key: other).problems == ["there is no signature to check with the key"])
  }

  @Test(arguments: ["", "key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
  func whatIsNoKeyIsRefused(text: String) {
    #expect(throws: ArchiveError.self) { try EvidenceSigningKey(pem: text) }
    #expect(throws: ArchiveError.self) { try EvidenceVerifyingKey(pem: text) }
  }
}
