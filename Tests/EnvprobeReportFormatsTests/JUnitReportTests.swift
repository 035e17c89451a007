import EnvprobeModel
import Foundation
import FoundationXML
import Testing

@testable import EnvprobeReport

@Suite struct JUnitReportTests {
  /// What the tools that read JUnit agree on: the elements, where they stand, and counts that are right.
  private final class Reader: NSObject, XMLParserDelegate {
    var path: [String] = []
    var problems: [String] = []
    var cases: [String: String] = [:]
    private var claimed: [[String: String]] = []
    private var counted: [[String: Int]] = []
    private var current = ""

    static let allowed: [String: Set<String>] = [
      "": ["testsuites"], "testsuites": ["testsuite"], "testsuite": ["testcase"],
      "testcase": ["failure", "skipped", "system-out"],
    ]

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      if Self.allowed[path.last ?? ""]?.contains(name) != true { problems.append("\(name) in \(path)") }
      path.append(name)
      if name == "testsuites" || name == "testsuite" {
        claimed.append(attributes)
        counted.append([:])
        let keys = ["tests", "failures", "errors"] + (name == "testsuite" ? ["skipped"] : [])
        for key in keys where Int(attributes[key] ?? "") == nil { problems.append("\(name) without \(key)") }
        if Double(attributes["time"] ?? "") == nil { problems.append("\(name) without time") }
      }
      if name == "testcase" {
        current = "\(attributes["classname"] ?? "?") \(attributes["name"] ?? "?")"
        cases[current] = "passed"
        for index in counted.indices { counted[index]["tests", default: 0] += 1 }
      }
      if name == "failure" || name == "skipped" {
        cases[current] = name
        if attributes["message"]?.isEmpty != false { problems.append("\(name) without message") }
        for index in counted.indices { counted[index][name == "failure" ? "failures" : name, default: 0] += 1 }
      }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      path.removeLast()
      guard name == "testsuites" || name == "testsuite" else { return }
      let (claims, counts) = (claimed.removeLast(), counted.removeLast())
      for key in ["tests", "failures"] + (name == "testsuite" ? ["skipped"] : [])
      where claims[key] != String(counts[key, default: 0]) {
        problems.append("\(name) claims \(claims[key] ?? "nothing") \(key), has \(counts[key, default: 0])")
      }
    }
  }

  private func read(_ report: Report) throws -> Reader {
    let parser = XMLParser(data: Data(JUnitReport(report).text.utf8))
    let reader = Reader()
    parser.delegate = reader
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return reader
  }

  @Test(arguments: Samples.all.map(\.name))
  func isWellFormedAndCountsRight(_ name: String) throws {
    let sample = try #require(Samples.all.first { $0.name == name })
    #expect(try read(sample.report).problems.isEmpty)
  }

  @Test func failsWhereAFindingDecides() throws {
    let cases = try read(Samples.agent).cases
    #expect(cases.count == Samples.profiles.count * Channel.allCases.count)
    let failed = cases.filter { $0.value == "failure" }.keys.sorted()
    #expect(failed == ["envprobe.cn-corp http", "envprobe.cn-gateway http"])
    #expect(!cases.values.contains("skipped"))
  }

  @Test func skipsWhatTheEvidenceDoesNotTell() throws {
    let cases = try read(Samples.undecided).cases
    #expect(cases["envprobe.cn exit"] == "skipped")
    #expect(cases["envprobe.cn stdout"] == "skipped", "a run that was stopped")
    #expect(cases["envprobe.cn-gateway dns"] == "passed")
    #expect(cases["envprobe.cn http"] == "failure", "an undetermined finding decides")
  }

  @Test func losesNoFindingThatOnlyAnExperimentShows() throws {
    var finding = Samples.apostrophe
    finding.partition = [
      .init(levels: ["endpoint": [nil, Samples.gateway, Samples.corporate]], value: "a"),
      .init(levels: ["endpoint": ["https://elsewhere.example.com"]], value: "b"),
    ]
    let cases = try read(Samples.report([finding], .different)).cases
    #expect(cases["envprobe.other assignments http"] == "failure")
  }

  @Test func passesWhereNothingDiffers() throws {
    #expect(Set(try read(Samples.same).cases.values) == ["passed"])
  }
}
