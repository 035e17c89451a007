import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeReport

/// What `Schemas/prepare` brings.
enum PublishedSchemas {
  /// The folder of the schemas, `nil` where they could not be brought.
  static let folder: String? = {
    guard let result = try? Python.run("Schemas/prepare", [], interpreter: "bash"), result.status == 0 else {
      return nil
    }
    return result.output.split(separator: "\n").last.map(String.init)
  }()
}

/// Reports against the schemas that others have published, by validators that others wrote. Where they cannot be
/// brought, CI fails and elsewhere the tests are skipped.
@Suite(.enabled(if: BrowserTests.isCI || PublishedSchemas.folder != nil, "needs what Schemas/prepare brings"))
struct PublishedSchemaTests {
  static let samples = Samples.all + [("large", LargeSample.report, [])]

  private func problems(_ schema: String, _ text: String) throws -> String {
    let folder = try #require(PublishedSchemas.folder, "Schemas/prepare failed")
    let result = try Python.run("Schemas/validate.py", ["\(folder)/\(schema)"], input: text)
    // A status without words is a check that did not take place.
    return result.status == 0 ? "" : "\(result.output)(exit status \(result.status))"
  }

  @Test(arguments: samples.map(\.name)) func keepsToSARIF(_ name: String) throws {
    let sample = try #require(Self.samples.first { $0.name == name })
    #expect(try problems("sarif.json", SARIFReport(sample.report).text) == "")
  }

  @Test(arguments: [
    ("\"version\" : \"2.1.0\"", "\"version\" : \"2\"", "is not one of ['2.1.0']"),
    ("\"level\" : \"error\"", "\"level\" : \"grave\"", "'grave' is not one of"),
    ("\"automationDetails\"", "\"automation\"", "'automation' was unexpected"),
    ("\"kind\" : \"external\"", "\"kind\" : \"maybe\"", "'maybe' is not one of"),
  ])
  func noticesWhatIsNotSARIF(good: String, bad: String, complaint: String) throws {
    let text = SARIFReport(Samples.accepted).text
    #expect(text.contains(good))
    #expect(try problems("sarif.json", text.replacing(good, with: bad)).contains(complaint))
  }

  @Test(arguments: samples.map(\.name)) func keepsToJUnit(_ name: String) throws {
    let sample = try #require(Self.samples.first { $0.name == name })
    #expect(try problems("junit.xsd", JUnitReport(sample.report).text) == "")
  }

  @Test(arguments: [
    (" tests=\"", " checks=\"", "checks"), ("<system-out>", "<output></output><system-out>", "output"),
    ("classname=\"", "class-name=\"", "class-name"),
  ])
  func noticesWhatIsNotJUnit(good: String, bad: String, complaint: String) throws {
    let text = JUnitReport(Samples.undecided).text
    #expect(text.contains(good))
    #expect(try problems("junit.xsd", text.replacing(good, with: bad)).contains(complaint))
  }
}
