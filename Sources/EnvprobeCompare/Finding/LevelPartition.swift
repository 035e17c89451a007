import EnvprobeModel

/// Which levels of the causing factors give which behaviour, as boxes: sets of levels by factor, every combination of
/// which was seen or follows from what was seen to make no difference.
struct LevelPartition: Hashable, Sendable {
  struct Box: Hashable, Sendable {
    /// One set of levels for each factor.
    var levels: [Set<Level?>]
    var group: Int
  }

  var factors: [Factor]
  var boxes: [Box]

  init(factors: [Factor], outcomes: [Attribution.Outcome]) {
    self.factors = factors
    var seen: Set<[Level?]> = []
    var boxes: [Box] = []
    for outcome in outcomes {
      guard let group = outcome.group else { continue }
      let point = factors.map { outcome.assignment[$0] }
      guard seen.insert(point).inserted else { continue }
      boxes.append(Box(levels: point.map { [$0] }, group: group))
    }
    // Two boxes of one behaviour that differ in one factor only are one box.
    var merged = true
    while merged {
      merged = false
      search: for a in boxes.indices {
        for b in boxes.indices where b > a && boxes[a].group == boxes[b].group {
          let differing = factors.indices.filter { boxes[a].levels[$0] != boxes[b].levels[$0] }
          guard differing.count <= 1 else { continue }
          for factor in differing { boxes[a].levels[factor].formUnion(boxes[b].levels[factor]) }
          boxes.remove(at: b)
          merged = true
          break search
        }
      }
    }
    self.boxes = boxes
  }

  /// The parts of a report, in the order of the classes.
  func parts(values: [String?]) -> [Finding.Part] {
    boxes.enumerated().sorted { ($0.element.group, $0.offset) < ($1.element.group, $1.offset) }.map { _, box in
      var levels: [String: [String?]] = [:]
      for (factor, set) in zip(factors, box.levels) {
        levels[factor.name] = set.map { $0?.description }.sorted { ($0 ?? "") < ($1 ?? "") }
      }
      return Finding.Part(levels: levels, value: values[box.group])
    }
  }

  /// The same whatever the classes are numbered: for telling whether two findings split the levels alike.
  var shape: Set<Set<[Set<Level?>]>> {
    Set(Dictionary(grouping: boxes, by: \.group).values.map { Set($0.map(\.levels)) })
  }
}
