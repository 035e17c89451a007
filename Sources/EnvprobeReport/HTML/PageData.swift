import EnvprobeModel

/// The blocks of data that the page's script renders on demand, within a budget of bytes.
struct PageData {
  struct Block {
    var name: String
    var json: String
  }

  private(set) var blocks: [Block] = []
  private(set) var size = 0
  /// What did not fit, in sentences.
  private(set) var remarks: [String] = []
  /// The ids of the runs whose traces are on the page.
  private(set) var tracedRuns: [String] = []

  private var scalars: Set<Unicode.Scalar> = []
  private static let namedScalars = 2000
  private static let evidenceRows = 500

  /// `budget` is in bytes; about a third goes to locations, a sixth to traces, the rest to bodies.
  init(
    _ report: Report, traces: [Trace], findings: [(number: Int, finding: Finding)], budget: Int, bodyLimit: Int
  ) {
    add("runs", report.runs.map { RunRow($0, in: report) })
    addLocations(findings, budget: budget / 3)
    addTraces(Self.order(traces, report), total: traces.count, budget: budget / 6, bodyBudget: budget / 2, bodyLimit)
    let evidence = EvidenceRow.rows(traces)
    add("evidence", Array(evidence.prefix(Self.evidenceRows)))
    if evidence.count > Self.evidenceRows {
      remarks.append("\(Quantity.grouped(evidence.count - Self.evidenceRows)) more hashes are in the bundles.")
    }
    addNames()
  }

  private mutating func add(_ name: String, _ value: some Encodable) {
    append(Block(name: name, json: DataBlock.json(value)))
  }

  private mutating func append(_ block: Block) {
    size += block.json.utf8.count
    blocks.append(block)
  }

  // MARK: - Locations

  private mutating func addLocations(_ findings: [(number: Int, finding: Finding)], budget: Int) {
    let total = findings.reduce(0) { $0 + $1.finding.locations.count }
    guard total > 0 else { return }
    // The names of places take their share first.
    let limit = min(1200, max(24, (budget / total - 160) / 2))
    var left = budget
    var dropped = 0
    for (number, finding) in findings where finding.locations.count > 1 {
      var rows: [LocationRow] = []
      for location in finding.locations {
        let row = LocationRow(location, limit: limit)
        let cost = row.location.location.utf8.count + 2 * limit
        if left < cost, !rows.isEmpty {
          dropped += finding.locations.count - rows.count
          break
        }
        left -= min(left, cost)
        note(row.location.before)
        note(row.location.after)
        rows.append(row)
      }
      add("locations-\(number)", rows)
    }
    if dropped > 0 {
      remarks.append("\(Quantity.grouped(dropped)) places did not fit on this page; report.json has them all.")
    }
  }

  // MARK: - Traces

  /// One run of each profile first, the baseline's before the others; then the evidence of the findings; then the rest.
  private static func order(_ traces: [Trace], _ report: Report) -> [Trace] {
    var seen: Set<String> = []
    let profiles = [report.baseline] + report.profiles.map(\.name)
    let first = profiles.compactMap { name in
      traces.filter { $0.manifest.profile == name }
        .min { ($0.manifest.complete ? 0 : 1, $0.id) < ($1.manifest.complete ? 0 : 1, $1.id) }
    }
    let evidence = Set(report.findings.filter { $0.verdict != .expected }.flatMap(\.evidence))
    let rest = traces.filter { evidence.contains($0.id) } + traces
    return (first + rest).filter { seen.insert($0.id).inserted }
  }

  private mutating func addTraces(_ traces: [Trace], total: Int, budget: Int, bodyBudget: Int, _ bodyLimit: Int) {
    var left = budget
    var bodies: [(TraceDigest.Body, [UInt8])] = []
    var seen: Set<String> = []
    var interests: TraceDigest.Interests = [:]
    for trace in traces {
      // Where as good as nothing is left, the rest need not be looked at.
      if left < budget / 100 { break }
      let digest = TraceDigest(trace, interests: &interests)
      let json = DataBlock.json(digest)
      if json.utf8.count > left { continue }
      left -= json.utf8.count
      append(Block(name: "trace-\(tracedRuns.count)", json: json))
      tracedRuns.append(trace.id)
      for body in digest.bodies where seen.insert(body.sha256).inserted {
        if let bytes = trace.blobs[body.sha256] { bodies.append((body, bytes)) }
      }
    }
    if tracedRuns.count < total {
      remarks.append(
        "Requests and timelines of \(Quantity.grouped(tracedRuns.count)) of \(Quantity.count(total, "run")) are on "
          + "this page; the bundles have the rest.")
    }
    addBodies(bodies, budget: bodyBudget, limit: bodyLimit)
    add("traces", tracedRuns)
  }

  private mutating func addBodies(_ bodies: [(TraceDigest.Body, [UInt8])], budget: Int, limit: Int) {
    var left = budget
    var dropped = 0
    for (body, bytes) in bodies {
      let block = BodyBlock(sha256: body.sha256, bytes: bytes, limit: limit)
      let json = DataBlock.json(block)
      if json.utf8.count > left {
        dropped += 1
        continue
      }
      left -= json.utf8.count
      note(block.text)
      append(Block(name: "body-" + body.sha256, json: json))
    }
    if dropped > 0 {
      remarks.append("\(Quantity.count(dropped, "body", plural: "bodies")) did not fit on this page.")
    }
  }

  // MARK: - Names of characters

  private mutating func note(_ text: String?) {
    guard let text, scalars.count < Self.namedScalars else { return }
    for scalar in text.unicodeScalars where !scalar.isASCII { scalars.insert(scalar) }
  }

  private mutating func addNames() {
    let ascii = (0..<0x80).map { Unicode.Scalar(UInt8($0)) }
    let named = ascii + scalars.sorted { $0.value < $1.value }.prefix(Self.namedScalars)
    let names = named.map { ["\($0.value)", Glyph.name($0), Glyph.standIn(for: $0) ?? ""] }
    add("names", names)
  }
}
