import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel

/// How the assignments of a matrix are chosen.
struct DesignOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which of the profiles' levels come together: the profiles as they are; one-at-a-time changes to the first; "
        + "pairwise or t=3, every two or three in few assignments; full, all of them; sweep, see --sweep.",
      valueName: DesignKind.choices.joined(separator: "|")),
    completion: .list(DesignKind.choices))
  var design: String?

  @Option(
    help: ArgumentHelp(
      "The first profile with one level after another of a factor, to learn which give which behaviour: "
        + "timezone=all, locale=all, endpoint=a,b,c, or endpoint=@file with one on each line.",
      valueName: "factor[=levels]"))
  var sweep: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "A level on top of every profile; 'factor=' unsets it. Repeatable.", valueName: "factor=value"),
    completion: .setting)
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      "Levels that a design must not mix, '*' for any: 'proxy=*,endpoint='. Repeatable.",
      valueName: "factor=value,..."))
  var never: [String] = []

  @Flag(
    help: ArgumentHelp(
      "Add the levels that the program's file itself names (zones, locales, hosts), the most telling of each: see "
        + "'envprobe mine'."))
  var mined = false

  func validate() throws {
    if mined, sweep != nil { throw ValidationError("--mined adds levels to a design; a sweep names its own.") }
    if let design, !DesignKind.choices.contains(design), DesignKind(design) == nil {
      let nearest = nearestName(to: design, among: DesignKind.choices).map { " (did you mean '\($0)'?)" } ?? ""
      throw ValidationError(
        "Unknown design '\(design)'\(nearest); --design takes \(DesignKind.choices.joined(separator: ", ")).")
    }
    if design == "sweep", sweep == nil {
      throw ValidationError("A sweep needs its factor: --sweep timezone=all.")
    }
    if sweep != nil, let design, design != "sweep" {
      throw ValidationError("--sweep is a design of its own; leave out --design \(design).")
    }
  }

  /// - Parameters:
  ///   - profiles: the names that were given; `nil` for the default set.
  ///   - kind: instead of the one that was asked for.
  ///   - count: so many profiles or levels of a sweep at most.
  ///   - program: the file that is read for further levels.
  func makeDesign(
    profiles names: [String]?, seed: UInt64, kind: DesignKind? = nil, atMost count: Int? = nil, program: String
  ) throws -> Design {
    let levels = try sweep.map { try LevelList(parsing: $0, read: readText) }
    let settings = try settings.map { try Setting(parsing: $0) }
    if levels?.levels != nil, let names, names.count > 1 {
      throw UsageError("a sweep starts from one profile, not \(names.count): name one with --profiles")
    }
    let chosen = names ?? (levels?.levels == nil ? ProfileLibrary.defaultMatrix : [ProfileLibrary.defaultMatrix[0]])
    let profiles = try chosen.map { name in
      let profile = try ProfileLibrary.standard.profile(name)
      var assignment = profile.assignment
      for setting in settings { assignment.apply(setting) }
      return Design.Arm(name: profile.name, assignment: assignment, settings: settings.map(\.description))
    }
    let kept = levels == nil ? Array(profiles.prefix(count ?? profiles.count)) : profiles
    let maker = DesignMaker(
      profiles: kept, constraints: LevelConstraint.standard + (try never.map { try LevelConstraint(parsing: $0) }),
      seed: seed,
      furtherLevels: mined ? MinedLevels(try MineCommand.names(in: program), besides: profiles).settings : [])
    guard let levels else { return try maker.design(kind ?? DesignKind(design ?? "profiles")!) }
    if !levels.skipped.isEmpty, kind == nil {
      Log.say(
        "envprobe: \(levels.skipped.count) of the system's levels of \(levels.factor) are left out, because no profile "
          + "could have them: \(levels.skipped.prefix(5).joined(separator: ", "))\(levels.skipped.count > 5 ? "…" : "")"
      )
    }
    guard let swept = levels.levels else { return try maker.design(.sweep(levels.factor)) }
    return try maker.sweep(of: levels.factor, levels: swept, atMost: count)
  }
}
