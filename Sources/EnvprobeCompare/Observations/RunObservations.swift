import EnvprobeModel

/// Everything that one run showed, in a form in which equal behaviour is equal: what comparisons are made of.
///
/// Making one walks the whole trace; it is a pure function of it, and the runs of a matrix can be walked side by side.
public struct RunObservations: Sendable {
  /// The id of the run.
  public let id: String
  public let assignment: Assignment
  /// The zone's offset from UTC in seconds at the start of the run.
  public let utcOffset: Int
  /// What the program's clock showed when it began, in seconds since 1970; `nil` where the trace does not tell.
  let start: Int?
  /// Seconds between what could be seen from outside, by what they end with: see ``TimingShift``.
  private(set) var durations: [String: Double] = [:]
  /// What the trace lacks.
  public let gaps: [Gap]
  /// Whether the trace is whole.
  public let isComplete: Bool
  private(set) var contents: [Place: PlaceContent] = [:]
  /// The programs whose reads of variables are not all known, and why.
  private(set) var coverage: [String: (level: ProcessInstrumentation.Level, reason: String)] = [:]
  /// The placeholders that stand in the values and the one text that each stood for.
  private(set) var echoes: [String: String] = [:]
  /// By placeholder of a date or time, the names of the formats that it may stand for, see ``FormatEcho``.
  private(set) var readings: [String: Set<String>] = [:]
  /// How the run's locale writes numbers.
  private(set) var numberMarks: NumberMarks?

  init(
    id: String, assignment: Assignment, utcOffset: Int = 0, start: Int? = nil, gaps: [Gap] = [], isComplete: Bool = true
  ) {
    self.id = id
    self.assignment = assignment
    self.utcOffset = utcOffset
    self.start = start
    self.gaps = gaps
    self.isComplete = isComplete
  }

  /// The multiset of observations, orders included as one observation each with the names joined by commas.
  public var observations: [Observation: Int] {
    var result: [Observation: Int] = [:]
    for (place, content) in contents {
      for (value, count) in content.values {
        let text =
          content.shape == .order
          ? value.string.split(separator: PlaceContent.separator, omittingEmptySubsequences: false)
            .joined(separator: ", ")
          : value.string
        let observation = Observation(
          channel: place.channel, location: place.location, value: text, tier: content.tier)
        result[observation, default: 0] += content.shape == .set ? 1 : count
      }
    }
    return result
  }

  mutating func add(
    _ value: String, at place: Place, tier: Observation.Tier, shape: PlaceContent.Shape = .values, count: Int = 1
  ) {
    contents[place, default: PlaceContent(tier: tier, shape: shape)].add(Text(value), count, tier: tier)
  }

  /// Notes how long it took until something was seen for the first time.
  mutating func took(_ seconds: Double, before what: String) {
    if durations["before \(what)"] == nil { durations["before \(what)"] = seconds }
  }

  mutating func note(_ instrumentation: ProcessInstrumentation, of program: String) {
    // What is seen from outside of a runtime does not take back what a hook sees inside.
    if instrumentation.level == .bulkCopy, coverage[program]?.level == .hooked { return }
    if instrumentation.level != .precise { coverage[program] = (instrumentation.level, instrumentation.reason) }
  }

  /// Ends the collecting: from here on the run can be compared.
  mutating func seal(
    echoes: [String: String], readings: [String: Set<String>] = [:], numberMarks: NumberMarks? = nil
  ) {
    self.echoes = echoes
    self.readings = readings
    self.numberMarks = numberMarks
    for place in contents.keys { contents[place]!.seal() }
  }

  /// The text as the program sent it: with every placeholder replaced by what it stood for in this run.
  func unsubstituted(_ text: String) -> String {
    guard !echoes.isEmpty else { return text }
    var result = ""
    var rest = text[...]
    while let open = rest.utf8.firstIndex(of: UInt8(ascii: "<")) {
      result += rest[..<open]
      rest = rest[open...]
      if let close = rest.utf8.firstIndex(of: UInt8(ascii: ">")), let raw = echoes[String(rest[...close])] {
        result += raw
        rest = rest[rest.utf8.index(after: close)...]
      } else {
        result += "<"
        rest = rest[rest.utf8.index(after: open)...]
      }
    }
    return rest.startIndex == text.startIndex ? text : result + rest
  }
}

/// The observations of a trace, as a multiset.
public func observations(of trace: Trace) -> [Observation: Int] { RunObservations(trace: trace).observations }
