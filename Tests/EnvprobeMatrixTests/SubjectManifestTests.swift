import EnvprobeModel
import FoundationEssentials
import Testing

/// `Tests/Subjects/manifest.json`: the programs that integration and acceptance tests audit, and what is to be found.
struct SubjectManifest: Codable {
  struct Subject: Codable {
    struct Expectation: Codable {
      var channel: Channel
      var causes: [[Factor]]
      var `class`: Finding.Class
    }
    var name: String
    var file: String
    var language: String
    var build: [String]?
    var command: [String]
    var profiles: [String]?
    var level: String
    var what: String
    var expected: [Expectation]
  }
  var schema: String
  var subjects: [Subject]
}

@Suite struct SubjectManifestTests {
  private static let folder = {
    let parts = #filePath.split(separator: "/").dropLast(2)
    return "/" + parts.joined(separator: "/") + "/Subjects"
  }()

  private static let manifest = try! JSONDecoder().decode(
    SubjectManifest.self, from: try! Data(contentsOf: URL(filePath: folder + "/manifest.json")))

  @Test func everySubjectIsThereAndNamedOnce() throws {
    let subjects = Self.manifest.subjects
    #expect(Set(subjects.map(\.name)).count == subjects.count)
    for subject in subjects {
      #expect(FileManager.default.fileExists(atPath: "\(Self.folder)/\(subject.file)"), "\(subject.file)")
      #expect(subject.command.contains("{file}"))
      #expect(subject.file.hasSuffix(".c") == (subject.build != nil))
    }
  }

  @Test func thereAreAsManyHonestOnesAsOthers() {
    let hidden = Self.manifest.subjects.filter { !$0.expected.isEmpty }
    #expect(hidden.count >= 27)
    #expect(Self.manifest.subjects.count >= 2 * hidden.count)
  }

  @Test func everyChannelAndFactorOccurs() {
    let expectations = Self.manifest.subjects.flatMap(\.expected)
    #expect(
      Set(expectations.map(\.channel)).isSuperset(of: [
        .http, .dns, .connect, .file, .exec, .stdout, .stderr, .exit,
      ]))
    let factors = Set(expectations.flatMap { $0.causes.flatMap { $0 } })
    // The clock is the same in every run.
    #expect(factors == Set(Factor.keyed).subtracting([.clock]).union([.variable("XMODIFIERS")]))
    for expectation in expectations {
      for set in expectation.causes { #expect(set == set.sorted(), "causes stand in canonical order") }
    }
    let languages = Set(Self.manifest.subjects.filter { !$0.expected.isEmpty }.map(\.language))
    #expect(languages == ["C static", "C dynamic", "Python", "Node", "Bash"])
  }

  /// A program that knows that it is being audited proves nothing.
  @Test func noSubjectKnowsThatItIsUnderTest() throws {
    for subject in Self.manifest.subjects {
      let text = String(
        decoding: try Data(contentsOf: URL(filePath: "\(Self.folder)/\(subject.file)")), as: UTF8.self
      ).lowercased()
      for word in ["envprobe", "hidden", "under test", "audit", "sandbox"] {
        #expect(!text.contains(word), "\(subject.file) says '\(word)'")
      }
    }
  }
}
