import EnvprobeModel

/// The time that a matrix may take, and what of it has to go so that it does.
///
/// Cut are, in this order: further experiments, repeats down to two, the strength of the design, and in the end levels
/// of a sweep or profiles. Three quarters are for the design, the rest for what it brings to light.
public struct Budget: Hashable, Sendable {
  static let shareOfDesign = 0.75
  /// As many experiments are kept at least as one difference needs.
  static let fewestExperiments = 12

  /// In seconds.
  public var seconds: Double
  /// Of one run, in seconds.
  public var run: Double
  public var jobs: Int

  public init(seconds: Double, run: Double, jobs: Int) {
    self.seconds = seconds
    self.run = run
    self.jobs = max(jobs, 1)
  }

  /// How long so many runs take, in seconds.
  public func time(of runs: Int) -> Double { Double(runs) * run / Double(max(1, min(jobs, runs))) }

  private var room: Int { Int(seconds * Double(jobs) / max(run, 0.001)) }
  private var roomForDesign: Int { Int(Double(room) * Self.shareOfDesign) }

  /// The outline with what fits.
  /// - Parameter make: the design of a kind, over as many of the profiles as said (all for `nil`), or as many levels.
  public func fit(
    _ outline: MatrixOutline, make: (_ kind: DesignKind, _ count: Int?) throws -> Design
  ) throws -> MatrixOutline {
    var result = outline
    fitRepeats(&result)
    while result.runCount > roomForDesign, let weaker = result.design.kind.weaker {
      let design: Design
      // What is too much to be made at all is too much for the budget.
      do { design = try make(weaker, nil) } catch is MatrixError { break }
      result.cuts.append(
        "The design is \(weaker) and not \(result.design.kind): \(design.arms.count) assignments and not "
          + "\(result.design.arms.count).")
      result.design = design
    }
    if result.runCount > roomForDesign { try shorten(&result, make: make) }
    let rest = max(0, room - result.runCount)
    let assignments = rest / max(result.limits.screen, 1)
    if assignments < result.limits.assignments {
      result.limits.assignments = max(assignments, Self.fewestExperiments)
      result.cuts.append("At most \(result.limits.assignments) further assignments are tried to find causes.")
    }
    return result
  }

  private func fitRepeats(_ result: inout MatrixOutline) {
    let asked = result.repeats
    let least = result.design.kind.sweptFactor == nil ? 2 : 1
    while result.runCount > roomForDesign, result.repeats > least { result.repeats -= 1 }
    if result.repeats < asked {
      result.cuts.append("Each assignment runs \(result.repeats) times and not \(asked).")
    }
  }

  /// Fewer profiles, or fewer levels of a sweep: the largest number that fits.
  private func shorten(_ result: inout MatrixOutline, make: (DesignKind, Int?) throws -> Design) throws {
    let kind = result.design.kind
    let whole = kind.sweptFactor == nil ? result.design.profiles.count : result.design.arms.count - 1
    var low = 2
    var high = whole
    var best: Design?
    while low <= high {
      let middle = (low + high) / 2
      var trial = result
      trial.design = try make(kind, middle)
      if trial.runCount <= roomForDesign {
        best = trial.design
        low = middle + 1
      } else {
        high = middle - 1
      }
    }
    guard let best else {
      var least = result
      least.design = try make(kind, 2)
      throw MatrixError(
        .plan, subject: "", reason: "not even \(least.runCount) runs fit into the budget",
        hint: "give it \(Int((time(of: least.runCount) / Self.shareOfDesign).rounded(.up))) seconds or more")
    }
    let before = result.design.profiles.map(\.name)
    result.design = best
    if kind.sweptFactor == nil {
      let gone = before.filter { !best.profiles.map(\.name).contains($0) }
      result.cuts.append("Left out: \(gone.joined(separator: ", ")).")
    } else {
      result.cuts.append("\(best.arms.count - 1) of \(whole) levels are tried, chosen by the seed.")
    }
  }
}

extension DesignKind {
  /// The next design that needs fewer runs over the same profiles; `nil` where there is none.
  var weaker: DesignKind? {
    switch self {
    case .full: .covering(strength: 3)
    case .covering(let strength) where strength > 2: .covering(strength: strength - 1)
    case .covering, .oneAtATime: .profiles
    case .profiles, .sweep: nil
    }
  }
}
