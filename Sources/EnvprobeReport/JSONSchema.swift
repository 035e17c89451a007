/// The JSON Schemas (draft 2020-12) of what envprobe writes.
public enum JSONSchema: String, CaseIterable, Sendable {
  /// `report.json`
  case report
  /// `run.json` of a bundle
  case run
  /// What `matrix --dry-run --format json` prints
  case plan
  /// A line of `events.ndjson` of a bundle
  case event

  /// The value of `schema` in what it describes; events bear none, because the manifest beside them does.
  public var name: String { "envprobe.\(rawValue)/1" }

  /// The schema itself.
  public var text: String {
    switch self {
    case .report: String(decoding: PackageResources.report_schema_json, as: UTF8.self)
    case .run: String(decoding: PackageResources.run_schema_json, as: UTF8.self)
    case .plan: String(decoding: PackageResources.plan_schema_json, as: UTF8.self)
    case .event: String(decoding: PackageResources.event_schema_json, as: UTF8.self)
    }
  }
}
