import Crypto
import EnvprobeModel

/// Findings from attributed candidates.
public enum Findings {
  /// One finding for each set of causes and split of levels, whatever number of places it is seen at; geographic ones
  /// first, then by how telling they are.
  public static func findings(of attributions: [Attribution]) -> [Finding] {
    struct Key: Hashable {
      var causes: [[Factor]]
      var shape: Set<Set<[Set<Level?>]>>
      var isDoubted: Bool
    }
    var groups: [Key: [Attribution]] = [:]
    var order: [Key] = []
    for attribution in attributions {
      let key = Key(
        causes: canonical(attribution.causes),
        shape: LevelPartition(factors: attribution.factors, outcomes: attribution.outcomes).shape,
        isDoubted: attribution.doubt != nil)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(attribution)
    }
    return order.map { finding(of: groups[$0]!) }.enumerated().sorted { a, b in
      a.element.class == b.element.class ? a.offset < b.offset : a.element.class < b.element.class
    }.map(\.element)
  }

  /// Alternatives in the order of the factors, the names of a conjunction in the alphabet's.
  private static func canonical(_ causes: [[Factor]]) -> [[Factor]] {
    causes.sorted { $0.lexicographicallyPrecedes($1) }.map { $0.sorted { $0.name < $1.name } }
  }

  private static func finding(of attributions: [Attribution]) -> Finding {
    let ranked = attributions.sorted { $0.candidate.precedes($1.candidate) }
    let first = ranked[0]
    let main = first.candidate.main
    let (before, after) = sides(main)
    let causes = canonical(first.causes)
    let kind = main.kind(from: before, to: after)
    let judged = FindingClass(factors: first.factors, outcomes: first.outcomes)
    var locations: [Finding.Location] = []
    for attribution in ranked {
      for aspect in attribution.candidate.aspects {
        let (before, after) = sides(aspect)
        locations.append(
          .init(
            channel: aspect.place.channel, location: aspect.place.location, kind: aspect.kind(from: before, to: after),
            before: aspect.values[before], after: aspect.values[after]))
      }
    }
    var evidence: [String] = []
    var known: Set<String> = []
    for run in ranked.flatMap(\.evidence) where known.insert(run).inserted { evidence.append(run) }
    let notes = [
      first.doubt, judged.note,
      ranked.allSatisfy({ $0.candidate.tier == .low })
        ? "seen only where runs differ by themselves: telemetry, order, counts or connections" : nil,
    ].compactMap { $0 }
    return Finding(
      id: id(main.place, kind, causes), verdict: first.doubt == nil ? .unexplained : .inconclusive,
      class: judged.class, channel: main.place.channel, location: main.place.location, kind: kind, causes: causes,
      partition: LevelPartition(factors: first.factors, outcomes: first.outcomes).parts(values: main.values),
      locations: locations, differences: differences(main), evidence: evidence, reproduce: first.reproduce,
      note: notes.isEmpty ? nil : notes.joined(separator: "; "),
      predicate: LevelPredicate(factors: first.factors, outcomes: first.outcomes, main: main)?.text,
      capacity: Finding.Capacity(factors: first.factors, outcomes: first.outcomes))
  }

  /// The two classes that stand for the finding: the baseline's against the first that differs from it.
  private static func sides(_ aspect: Aspect) -> (Int, Int) { (0, min(1, aspect.values.count - 1)) }

  /// What tells each of the classes from the baseline's, the same difference once.
  private static func differences(_ aspect: Aspect) -> [Finding.Difference] {
    var known: Set<Finding.Difference> = []
    return aspect.values.indices.dropFirst().flatMap { aspect.differences(from: 0, to: $0) }
      .filter { known.insert($0).inserted }
  }

  /// Twelve hex digits of SHA-256 over what makes a finding the same in another matrix.
  private static func id(_ place: Place, _ kind: Finding.Kind, _ causes: [[Factor]]) -> String {
    let causes = causes.map { $0.map(\.name).joined(separator: "+") }.joined(separator: "|")
    let text = [place.channel.rawValue, place.location, kind.rawValue, causes].joined(separator: "\n")
    return Hexadecimal.encode(SHA256.hash(data: Array(text.utf8)).prefix(6))
  }

  // MARK: Conclusion

  /// What a matrix comes to. `different` needs one finding that holds; `same` needs whole evidence.
  public static func conclusion(
    _ findings: [Finding], runs: [RunObservations], deciding: Report.Deciding = .geographic
  ) -> Report.Conclusion {
    let decisive = findings.filter(deciding.counts)
    if decisive.contains(where: { $0.verdict == .unexplained }) { return .different }
    if decisive.contains(where: { $0.verdict == .inconclusive }) { return .inconclusive }
    return limits(of: runs).isEmpty ? .same : .inconclusive
  }

  /// What could not be seen, in sentences, one for each kind of gap and host; empty where the evidence is whole.
  public static func limits(of runs: [RunObservations]) -> [String] {
    guard !runs.isEmpty else { return ["There are no runs."] }
    var counts: [String: (runs: Int, detail: String)] = [:]
    var order: [String] = []
    for run in runs {
      var sentences: [String: String] = [:]
      for gap in run.gaps { sentences[sentence(gap)] = gap.detail }
      if run.gaps.isEmpty, !run.isComplete { sentences["the record was not finished"] = "" }
      for (sentence, detail) in sentences.sorted(by: { $0.key < $1.key }) {
        if counts[sentence] == nil { order.append(sentence) }
        counts[sentence, default: (0, detail)].runs += 1
      }
    }
    return order.map { sentence in
      let (count, detail) = counts[sentence]!
      return "In \(count) of \(runs.count) runs, \(sentence)\(detail.isEmpty ? "" : " (\(detail))")."
    }
  }

  private static func sentence(_ gap: Gap) -> String {
    let host = gap.host.map { " \($0)" } ?? ""
    return switch gap.kind {
    case .lostEvents: "events were lost"
    case .unreadableMemory: "memory of the program could not be read"
    case .untrustedGateway: "the program refused the gateway's certificate\(host.isEmpty ? "" : " for\(host)")"
    case .wire: "traffic could not be understood or kept\(host.isEmpty ? "" : " to\(host)")"
    case .unanswered: "requests got no answer of their own\(host.isEmpty ? "" : " from\(host)")"
    case .files: "files could not be read afterwards"
    case .timeout: "the program did not end by itself"
    case .bundle: "the record could not be written to its end"
    case .profile: "a part of the profile could not be made true"
    case .environmentReads: "reads of environment variables could not be recorded"
    }
  }
}

extension Comparison {
  /// What a reader should know about the comparison, in sentences.
  public var remarks: [String] {
    guard !digestPlaces.isEmpty else { return [] }
    let places = digestPlaces.count == 1 ? "One place holds a digest" : "\(digestPlaces.count) places hold digests"
    return [
      "\(places) that changed exactly when the content of the model requests did: taken to follow from it "
        + "(\(digestPlaces.prefix(3).map(\.location).joined(separator: ", ")))."
    ]
  }

  /// Why a candidate may be an artefact of what the traces lack, `nil` where it holds: one of its classes was seen only
  /// in runs that miss just what the difference is about.
  public func doubt(about candidate: Candidate) -> String? {
    for group in 0..<candidate.classCount {
      let runs = candidate.arms(in: group).flatMap { arms[$0].comparableRuns }
      guard !runs.isEmpty else { continue }
      let gaps = runs.compactMap { run in run.gaps.first { Self.concerns($0, candidate.main.place) } }
      if gaps.count == runs.count, !Self.everyArmHas(gaps[0], arms) {
        return "every run on one side has a gap: \(gaps[0].detail)"
      }
    }
    return nil
  }

  private static func everyArmHas(_ gap: Gap, _ arms: [Arm]) -> Bool {
    arms.allSatisfy { arm in arm.runs.allSatisfy { run in run.gaps.contains { $0.kind == gap.kind } } }
  }

  /// Whether a gap could make a difference at a place.
  private static func concerns(_ gap: Gap, _ place: Place) -> Bool {
    switch gap.kind {
    case .timeout, .bundle, .profile: true
    case .lostEvents, .unreadableMemory: [.exec, .env, .syscall, .connect, .file].contains(place.channel)
    case .files: place.channel == .file
    case .environmentReads: place.channel == .env
    case .untrustedGateway, .wire, .unanswered:
      [.http, .tls, .tcp, .udp].contains(place.channel)
        && (gap.host.map { place.location.contains($0) || place.location.contains("<") } ?? true)
    }
  }
}
