import EnvprobeModel

/// Something of the host that envprobe uses, and how to find out whether it works. One row of ``all`` serves the text,
/// the JSON and the tests.
public struct HostCheck: Sendable {
  /// What came of a check. A remedy is a command or an instruction.
  public enum Outcome: Hashable, Sendable {
    case works(String)
    case limited(String, remedy: String?)
    case missing(String, remedy: String?)
    case unneeded(String)
  }

  public var name: String
  public var area: Examination.Check.Area
  public var title: String
  public var isRequired: Bool
  /// What its absence costs.
  public var cost: String
  public var examine: @Sendable () -> Outcome

  public init(
    _ name: String, _ area: Examination.Check.Area, _ title: String, isRequired: Bool = true, cost: String,
    examine: @escaping @Sendable () -> Outcome
  ) {
    self.name = name
    self.area = area
    self.title = title
    self.isRequired = isRequired
    self.cost = cost
    self.examine = examine
  }

  /// Tries it.
  public func result() -> Examination.Check {
    var check = Examination.Check(
      name: name, area: area, title: title, isRequired: isRequired, status: .works, evidence: "")
    switch examine() {
    case .works(let evidence): check.evidence = evidence
    case .unneeded(let evidence): (check.status, check.evidence) = (.unneeded, evidence)
    case .limited(let evidence, let remedy):
      (check.status, check.evidence, check.cost, check.remedy) = (.limited, evidence, cost, remedy)
    case .missing(let evidence, let remedy):
      (check.status, check.evidence, check.cost, check.remedy) = (.missing, evidence, cost, remedy)
    }
    return check
  }

  /// Every check of the host, in the order in which they are told.
  public static let all: [HostCheck] = sandbox + settings + recording + data + room
}
