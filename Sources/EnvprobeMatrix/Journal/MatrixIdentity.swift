import EnvprobeModel

/// What a matrix is a matrix of. Two invocations may share runs only where all of it is the same.
public struct MatrixIdentity: Hashable, Sendable, Codable {
  /// A scripted model, by its name or path and the digest of its text.
  public struct Scenario: Hashable, Sendable, Codable {
    public var name: String
    /// In hex.
    public var sha256: String

    public init(name: String, sha256: String) {
      self.name = name
      self.sha256 = sha256
    }
  }

  /// `envprobe 0.1.0`. Not part of the comparison: a fixed envprobe may continue what a broken one began.
  public var tool: String
  public var subject: Subject
  public var design: Design
  public var scenario: Scenario?
  /// Whatever else makes runs incomparable, such as the recording level or the working directory: a name and a value
  /// as the user would write it.
  public var options: [String: String]

  public init(
    tool: String, subject: Subject, design: Design, scenario: Scenario?, options: [String: String] = [:]
  ) {
    self.tool = tool
    self.subject = subject
    self.design = design
    self.scenario = scenario
    self.options = options
  }

  /// What differs between the matrix that is stored (`self`) and the one that is asked for; clauses, empty where
  /// the latter may continue the former.
  public func differences(from requested: MatrixIdentity) -> [String] {
    var result: [String] = []
    if subject.argv != requested.subject.argv {
      result.append(
        "the command is '\(ShellWord.join(subject.argv))' there and '\(ShellWord.join(requested.subject.argv))' now")
    }
    if subject.executable.path != requested.subject.executable.path {
      result.append(
        "the program is \(subject.executable.path) there and \(requested.subject.executable.path) now")
    } else if subject.executable.sha256 != requested.subject.executable.sha256 {
      result.append("the program \(subject.executable.path) has changed since")
    }
    result += differencesOfDesign(from: requested.design)
    switch (scenario, requested.scenario) {
    case (nil, nil): break
    case (let old?, nil): result.append("the scenario is '\(old.name)' there and the built-in one now")
    case (nil, let new?): result.append("the scenario is the built-in one there and '\(new.name)' now")
    case (let old?, let new?) where old.sha256 != new.sha256:
      result.append(
        old.name == new.name
          ? "the scenario '\(old.name)' has changed since" : "the scenario is '\(old.name)' there and '\(new.name)' now"
      )
    default: break
    }
    for name in Set(options.keys).union(requested.options.keys).sorted() where options[name] != requested.options[name]
    {
      result.append(
        "\(name) is \(options[name].map { "'\($0)'" } ?? "not set") there and "
          + "\(requested.options[name].map { "'\($0)'" } ?? "not set") now")
    }
    return result
  }

  private func differencesOfDesign(from requested: Design) -> [String] {
    var result: [String] = []
    if design.kind != requested.kind { return ["the design is \(design.kind) there and \(requested.kind) now"] }
    let there = design.profiles.map(\.name)
    let now = requested.profiles.map(\.name)
    if there != now {
      result.append("the profiles are \(there.joined(separator: ",")) there and \(now.joined(separator: ",")) now")
    }
    for arm in design.profiles {
      guard let other = requested.profiles.first(where: { $0.name == arm.name }) else { continue }
      for factor in arm.assignment.differingFactors(from: other.assignment) {
        result.append(
          "the profile '\(arm.name)' has \(factor) \(describe(arm.assignment[factor])) there and "
            + "\(describe(other.assignment[factor])) now")
      }
    }
    if result.isEmpty, design.arms != requested.arms {
      result.append("the design '\(design.kind)' has other assignments there; name its seed with --seed")
    }
    return result
  }

  private func describe(_ level: Level?) -> String { level.map { "'\($0)'" } ?? "unset" }
}
