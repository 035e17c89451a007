import Crypto
import Foundation
import Testing

@testable import EnvprobeReport

/// Archives: what was put in comes out, in other programs too; nothing that a file says of itself is believed.
@Suite struct ZipTests {
  private static let files: [(path: String, contents: [UInt8])] = [
    ("empty", []), ("a/one byte", [0]), ("text.txt", Array(String(repeating: "the same again, ", count: 9000).utf8)),
    ("noise", (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }), ("ü/日本.txt", Array("é".utf8)),
  ]

  private static func archive(_ files: [(path: String, contents: [UInt8])], comment: String = "") throws -> [UInt8] {
    var writer = ZipWriter()
    var bytes: [UInt8] = []
    for file in files { bytes += try writer.entry(file.path, file.contents) }
    return bytes + writer.end(commentLength: comment.utf8.count) + Array(comment.utf8)
  }

  @Test func whatWasPutInComesOut() throws {
    let reader = try ZipReader(Self.archive(Self.files, comment: "by us"))
    #expect(String(decoding: reader.comment, as: UTF8.self) == "by us")
    #expect(reader.entries.map(\.path) == Self.files.map(\.path))
    for (entry, file) in zip(reader.entries, Self.files) { #expect(try reader.contents(of: entry) == file.contents) }
    #expect(try Self.archive(Self.files) == Self.archive(Self.files))
    #expect(try ZipReader(Self.archive([])).entries.isEmpty)
  }

  @Test func anotherProgramReadsIt() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // More entries than the format had room for at first.
    let many = (0..<66_000).map { (path: "many/\($0)", contents: [UInt8]()) }
    for (name, files) in [("few", Self.files), ("many", many)] {
      let file = folder.appendingPathComponent("\(name).zip")
      try Data(Self.archive(files, comment: "c")).write(to: file)
      let result = try Python.run("Archive/list.py", [file.path])
      let digest = SHA256.hash(data: files.flatMap(\.contents)).map { String(format: "%02x", $0) }.joined()
      #expect(result.output == "\(files.count) \(digest) c\n")
      #expect(try ZipReader(Array(Data(contentsOf: file))).entries.count == files.count)
    }
  }

  @Test(arguments: ["", "/etc/passwd", "../up", "a//b", "a/./b", "a\\b", "a/"]) func aPathThatLeadsElsewhereIsRefused(
    path: String
  ) throws {
    var writer = ZipWriter()
    #expect(throws: ArchiveError.self) { try writer.entry(path, []) }
    // What another program wrote is refused when it is read.
    let harmless = String(repeating: "x", count: path.utf8.count)
    if harmless.isEmpty { return }
    var bytes = try Self.archive([(harmless, [1])])
    for start in bytes.indices where bytes[start...].starts(with: harmless.utf8) && bytes[start] == UInt8(ascii: "x") {
      if start + harmless.utf8.count <= bytes.count {
        bytes.replaceSubrange(start..<(start + harmless.utf8.count), with: path.utf8)
      }
    }
    #expect(throws: ArchiveError.self) { try ZipReader(bytes) }
  }

  @Test func nothingThatIsBrokenIsBelieved() throws {
    let whole = try Self.archive(Array(Self.files.prefix(3)), comment: "comment")
    for count in 0..<whole.count { #expect(throws: ArchiveError.self) { try Self.readAll(Array(whole[..<count])) } }
    // A byte that is changed is noticed or makes no difference; it never brings the reader down.
    for index in whole.indices {
      var changed = whole
      changed[index] ^= 0xff
      _ = try? Self.readAll(changed)
    }
  }

  private static func readAll(_ bytes: [UInt8]) throws -> [[UInt8]] {
    let reader = try ZipReader(bytes)
    return try reader.entries.map { try reader.contents(of: $0) }
  }
}
