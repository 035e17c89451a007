import EnvprobeModel
import EnvprobeReport
import EnvprobeTestSupport
import Foundation
import Testing

/// The shipped schemas against what is really written, by a validator that others wrote.
@Suite(.enabled(if: Validator.isThere, "needs python3 with jsonschema: apt install python3-jsonschema"))
struct JSONSchemaTests {
  @Test(arguments: JSONSchema.allCases) func isASchema(schema: JSONSchema) throws {
    #expect(try Validator.check(schema, instances: []) == [])
    #expect(schema.text.contains(schema.name))
  }

  @Test func acceptsReports() throws {
    let reports = try SampleReports.all.map { try JSONReport.encode($0.report) }
    #expect(try Validator.check(.report, instances: reports) == reports.map { _ in "" })
  }

  @Test func acceptsManifestsAndEvents() throws {
    let traces = SampleTraces.all.map(\.trace)
    let manifests = try traces.map { String(decoding: try JSONEncoder().encode($0.manifest), as: UTF8.self) }
    #expect(try Validator.check(.run, instances: manifests) == manifests.map { _ in "" })
    let events = try traces.flatMap(\.events).map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
    let kinds = Set(traces.flatMap(\.events).map(\.payload.kind))
    #expect(kinds.count == 18)
    #expect(try Validator.check(.event, instances: events).filter { !$0.isEmpty } == [])
  }

  /// A text that occurs in a good report, what to put in its place, and a word of what must be said about it.
  static let mistakes: [(JSONSchema, String, String, String)] = [
    (.report, "\"conclusion\" : \"different\"", "\"conclusion\" : \"guilty\"", "guilty"),
    (.report, "\"schema\" : \"envprobe.report/1\"", "\"schema\" : \"envprobe.report/2\"", "envprobe.report/1"),
    (.report, "\"class\" : \"presence\"", "\"class\" : \"odd\"", "odd"),
    (.report, "\"verdict\" : \"expected\"", "\"verdict\" : \"guilty\"", "guilty"),
    (.report, "\"baseline\" : \"us\",", "", "baseline"),
    (.report, "\"baseline\" : \"us\",", "\"baseline\" : \"us\", \"extra\" : 1,", "extra"),
    (.report, "\"channel\" : \"http\"", "\"channel\" : \"smoke\"", "smoke"),
    (.report, "\"repeat\" : 1", "\"repeat\" : 0", "minimum"),
    (.report, "\"sha256\" : \"3f", "\"sha256\" : \"3F", "does not match"),
    (.report, "\"profile\" : \"us\",", "", "not valid under any"),
    (.report, "\"U+0027 APOSTROPHE\"", "\"APOSTROPHE\"", "does not match"),
    (.report, "\"timezone\" : \"Asia/Shanghai\"", "\"timezne\" : \"Asia/Shanghai\"", "timezne"),
    (.report, "\"country\" : \"CN\"", "\"country\" : \"China\"", "does not match"),
    (.plan, "\"baseline\"", "\"base\"", "baseline"),
    (.run, "\"complete\"", "\"completed\"", "complete"),
    (.run, "\"schema\":\"envprobe.run/1\"", "\"schema\":\"envprobe.run/0\"", "envprobe.run/1"),
    (.event, "\"kind\":\"exec\"", "\"kind\":\"smoke\"", "smoke"),
    (.event, "\"kind\":\"exec\"", "\"kind\":\"dns\"", "path"),
  ]

  @Test(arguments: mistakes.indices) func refuses(mistake index: Int) throws {
    let (schema, good, bad, complaint) = Self.mistakes[index]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    let trace = SampleTraces.all[0].trace
    let text =
      switch schema {
      case .report: try JSONReport.encode(SampleReports.all[0].report)
      case .plan: try PlanReport(PlanReportTests.plan).json()
      case .run: String(decoding: try encoder.encode(trace.manifest), as: UTF8.self)
      case .event:
        String(decoding: try encoder.encode(trace.events.first { $0.payload.kind == "exec" }!), as: UTF8.self)
      }
    #expect(text.contains(good))
    let broken = text.replacing(good, with: bad, maxReplacements: 1)
    let said = try Validator.check(schema, instances: [text, broken])
    #expect(said[0] == "")
    #expect(said[1].contains(complaint), "\(said[1])")
  }
}

enum Validator {
  private static let program = """
    import json, sys
    import jsonschema
    work = json.load(sys.stdin)
    schema = json.loads(work["schema"])
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    validator = kind(schema)
    def leaves(error):
        yield error.message + " (" + str(error.validator) + ")"
        for inner in error.context or []:
            yield from leaves(inner)
    print(json.dumps(["; ".join(m for e in validator.iter_errors(json.loads(i)) for m in leaves(e))
                      for i in work["instances"]]))
    """

  static let isThere: Bool = {
    // In CI nothing is skipped: there a missing validator makes the tests fail.
    if ProcessInfo.processInfo.environment["CI"] != nil { return true }
    return (try? run(["-c", "import jsonschema; jsonschema.Draft202012Validator"], input: Data())) != nil
  }()

  /// What is wrong with each instance; nothing where it is valid.
  static func check(_ schema: JSONSchema, instances: [String]) throws -> [String] {
    let work = try JSONSerialization.data(withJSONObject: ["schema": schema.text, "instances": instances])
    return try JSONDecoder().decode([String].self, from: run(["-c", program], input: work))
  }

  private static func run(_ arguments: [String], input: Data) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-W", "ignore"] + arguments
    let result = try FinishedProcess(running: process, input: input)
    guard result.status == 0 else { throw CocoaError(.executableRuntimeMismatch) }
    return result.output
  }
}
