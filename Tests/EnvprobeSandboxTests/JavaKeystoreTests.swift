import Foundation
import Testing

@testable import EnvprobeSandbox

@Suite struct JavaKeystoreTests {
  @Test func certificatesAreTakenFromText() {
    let pem = """
      # a comment
      -----BEGIN CERTIFICATE-----
      AAEC
      Aw==
      -----END CERTIFICATE-----
      -----BEGIN CERTIFICATE-----
      not base64!
      -----END CERTIFICATE-----
      -----BEGIN CERTIFICATE-----
      /w==
      -----END CERTIFICATE-----

      """
    #expect(JavaKeystore.certificates(in: Array(pem.utf8)) == [[0, 1, 2, 3], [255]])
  }

  @Test func theFormatIsJavas() {
    let file = JavaKeystore.encode([[1, 2, 3]])
    #expect(file.prefix(12) == [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1])
    #expect(file.count == 12 + 4 + 2 + 3 + 8 + 2 + 5 + 4 + 3 + 20)
  }

  @Test(.enabled("needs Java's keytool") { FileManager.default.isExecutableFile(atPath: "/usr/bin/keytool") })
  func javaReadsIt() throws {
    let bundle = try Data(contentsOf: URL(fileURLWithPath: "/etc/ssl/certs/ca-certificates.crt"))
    let file = NSTemporaryDirectory() + "store-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(JavaKeystore.bytes(trusting: Array(bundle))).write(to: URL(fileURLWithPath: file))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/keytool")
    process.arguments = ["-list", "-keystore", file, "-storepass", "changeit"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(output)")
    let count = String(decoding: bundle, as: UTF8.self).components(separatedBy: "-----BEGIN CERTIFICATE-----").count - 1
    #expect(output.contains("contains \(count) entries"), "\(output.prefix(400))")
  }
}
