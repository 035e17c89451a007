/// The parts of a SARIF 2.1.0 log that reports use (OASIS, "Static Analysis Results Interchange Format", section 3).
struct SARIFLog: Encodable {
  var schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
  var version = "2.1.0"
  var runs: [Run]

  enum CodingKeys: String, CodingKey {
    case schema = "$schema"
    case version, runs
  }

  struct Run: Encodable {
    var tool: Tool
    var automationDetails: AutomationDetails
    var invocations: [Invocation]
    var originalUriBaseIds: [String: ArtifactLocation]
    var artifacts: [Artifact]
    var results: [Result]
    var columnKind = "unicodeCodePoints"
    var properties: Properties
  }

  struct Properties: Encodable {
    var conclusion: String
    var baseline: String
    var expectedFindings: Int
    var omittedResults: Int
  }

  struct Tool: Encodable { var driver: Driver }

  struct Driver: Encodable {
    var name: String
    var version: String?
    var semanticVersion: String?
    var rules: [Rule]
  }

  struct Rule: Encodable {
    var id: String
    var name: String
    var shortDescription: Message
    var fullDescription: Message
    var help: Message
    var defaultConfiguration: Configuration
    var properties: RuleProperties
  }

  struct Configuration: Encodable { var level: String }

  struct RuleProperties: Encodable {
    var tags: [String]
    var precision: String
  }

  struct Message: Encodable {
    var text: String
    var markdown: String?
  }

  struct AutomationDetails: Encodable { var id: String }

  struct Invocation: Encodable {
    var commandLine: String
    var executionSuccessful: Bool
    var exitCode: Int
    var toolExecutionNotifications: [Notification]
  }

  struct Notification: Encodable {
    var level: String
    var message: Message
  }

  struct Artifact: Encodable {
    var location: ArtifactLocation
    var roles: [String]
    var hashes: [String: String]
  }

  struct ArtifactLocation: Encodable {
    var uri: String?
    var uriBaseId: String?
    var description: Message?
  }

  struct Result: Encodable {
    var ruleId: String
    var ruleIndex: Int
    var kind: String
    var level: String
    var message: Message
    var locations: [Location]
    var partialFingerprints: [String: String]
    var suppressions: [Suppression]?
    var properties: ResultProperties
  }

  struct ResultProperties: Encodable {
    var findingClass: String
    var verdict: String
    var causes: [[String]]
    var places: Int
    var evidence: [String]
    var reproduce: [String]

    enum CodingKeys: String, CodingKey {
      case findingClass = "class"
      case verdict, causes, places, evidence, reproduce
    }
  }

  struct Suppression: Encodable {
    var kind = "external"
    var justification: String
  }

  struct Location: Encodable {
    var physicalLocation: PhysicalLocation?
    var logicalLocations: [LogicalLocation]
  }

  struct PhysicalLocation: Encodable {
    var artifactLocation: ArtifactLocation
    var region: Region
  }

  struct Region: Encodable { var startLine: Int }

  struct LogicalLocation: Encodable {
    var name: String
    var fullyQualifiedName: String
    var kind: String
  }
}
