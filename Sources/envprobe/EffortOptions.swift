import ArgumentParser
import EnvprobeMatrix

/// How much a matrix does, and what it says of that before it begins.
struct EffortOptions: ParsableArguments {
  @Flag(help: "Print the plan and stop: what would run, how long it takes, what it can find. As text or --format json.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Fit into so much time (90s, 10m, 1h): fewer repeats, then a weaker design. The plan says what was cut.",
      valueName: "time"))
  var budget: TimeSpan?

  @Option(
    help: ArgumentHelp(
      "Repeat each assignment so often that a behaviour that shows in this fraction of its runs is seen with 95 %, and "
        + "try again what came in some runs of one level only.",
      valueName: "fraction"))
  var power: Double?

  @Option(
    help: ArgumentHelp(
      "First run the baseline until so many runs in a row bring nothing new; 0 for not at all.", valueName: "n"))
  var settle = Settling().quiet

  /// How many fresh runs decide of what came in some runs of one level only.
  var rareRepeats: Int { power.map(DetectionPower.confirmingRuns(for:)) ?? 0 }

  func validate() throws {
    if let power, power <= 0 || power > 1 { throw ValidationError("--power is a fraction of runs, such as 0.25.") }
    if settle < 0 || settle > Settling.limit { throw ValidationError("--settle takes 0 to \(Settling.limit).") }
  }
}

/// A time as people write it: `90s`, `10m`, `1h30m`, or seconds.
struct TimeSpan: ExpressibleByArgument, Hashable, Sendable {
  var seconds: Double

  init?(argument: String) {
    if let plain = Double(argument), plain > 0, plain.isFinite {
      seconds = plain
      return
    }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    var total = 0.0
    var digits = ""
    for character in argument {
      if character.isNumber || character == "." {
        digits.append(character)
      } else {
        guard let unit = units[character], let value = Double(digits) else { return nil }
        total += value * unit
        digits = ""
      }
    }
    guard digits.isEmpty, total > 0 else { return nil }
    seconds = total
  }

  var defaultValueDescription: String { "\(seconds)s" }
}
