import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeCompare

/// How much of what programs hide is found, and how often an honest one is accused: the library of made-up subjects
/// under the real pipeline, as a table.
///
/// `ENVPROBE_SUBJECTS` sets how many subjects of each shape there are (12; those that take many runs are fewer), `ENVPROBE_NULLS` how often each honest one is
/// judged (1).
@Suite struct RecallTests {
  private static func setting(_ name: String, _ usual: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
  }

  private static let perShape = setting("ENVPROBE_SUBJECTS", 12)
  private static let nullRounds = setting("ENVPROBE_NULLS", 1)

  private struct Row: Sendable {
    var name: String
    var subjects = 0
    var good = 0
    var runs = 0
    var complaints: [String] = []
  }

  @Test func dishonestSubjectsAreFound() async throws {
    let shapes = DishonestSubject.Shape.allCases
    let rows = try await withThrowingTaskGroup(of: (Int, String?, Int).self) { group in
      for (index, shape) in shapes.enumerated() {
        let fraction = shape == .noisyCarrier ? 0.5 : shape.fraction
        for (number, subject) in DishonestSubject.subjects(
          shape, count: max(3, Int(Double(Self.perShape) * shape.share))
        ).enumerated() {
          group.addTask {
            let (findings, runs) = try await Trial.findings(
              seed: UInt64(number + 1), fraction: fraction, looksForRare: shape != .noisyCarrier, behave: subject.behave
            )
            switch subject.judged(findings) {
            case .found: return (index, nil, runs)
            case .misattributed(let what): return (index, "\(subject.testDescription): found as \(what)", runs)
            case .missed: return (index, "\(subject.testDescription): missed", runs)
            }
          }
        }
      }
      return try await Self.collect(shapes.map(\.description), from: &group)
    }
    Self.printed("Recall", rows)
    for (shape, row) in zip(shapes, rows) {
      #expect(
        Double(row.good) >= shape.leastRecall * Double(row.subjects),
        "\(row.name): \(row.complaints.joined(separator: "\n"))")
    }
  }

  @Test func honestSubjectsAreNotAccused() async throws {
    let kinds = HonestSubject.Kind.allCases
    let subjects = HonestSubject.sample(max(72, Self.perShape * 6))
    let rows = try await withThrowingTaskGroup(of: (Int, String?, Int).self) { group in
      for round in 0..<Self.nullRounds {
        for subject in subjects {
          group.addTask {
            let (findings, runs) = try await Trial.findings(seed: UInt64(round) * 31 + 5, behave: subject.behave)
            let accused = findings.filter(\.isDeciding)
            let index = kinds.firstIndex(of: subject.kind)!
            if accused.isEmpty { return (index, nil, runs) }
            let what = accused.map {
              "\($0.location) \($0.causes.map { $0.map(\.name) }) \($0.partition.map { $0.value ?? "∅" })"
            }
            return (index, "\(subject.testDescription) (\(round)): \(what.joined(separator: "; "))", runs)
          }
        }
      }
      return try await Self.collect(kinds.map(\.rawValue), from: &group)
    }
    Self.printed("False alarms", rows)
    let comparisons = rows.reduce(0) { $0 + $1.subjects }
    let alarms = rows.reduce(0) { $0 + $1.subjects - $1.good }
    #expect(subjects.count >= 60)
    #expect(alarms <= comparisons / 500, "\(rows.flatMap(\.complaints).joined(separator: "\n"))")
  }

  private static func collect(
    _ names: [String], from group: inout ThrowingTaskGroup<(Int, String?, Int), any Error>
  ) async throws -> [Row] {
    var rows = names.map { Row(name: $0) }
    for try await (index, complaint, runs) in group {
      rows[index].subjects += 1
      rows[index].runs += runs
      if let complaint { rows[index].complaints.append(complaint) } else { rows[index].good += 1 }
    }
    for index in rows.indices { rows[index].complaints.sort() }
    return rows
  }

  /// The table, one write so that other tests do not come between.
  private static func printed(_ title: String, _ rows: [Row]) {
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let isRecall = title == "Recall"
    var lines = [
      "\(title)\(String(repeating: " ", count: 24 - title.count))  subjects  \(isRecall ? "found" : "quiet")  percent    runs"
    ]
    for row in rows {
      let percent = row.subjects == 0 ? 100 : Double(row.good) * 100 / Double(row.subjects)
      lines.append(
        row.name + String(repeating: " ", count: max(0, 24 - row.name.count)) + padded("\(row.subjects)", 10)
          + padded("\(row.good)", 7) + padded(String(format: "%.1f", percent), 9) + padded("\(row.runs)", 8))
      lines += row.complaints.map { "    \($0)" }
    }
    print(lines.joined(separator: "\n"))
  }
}
