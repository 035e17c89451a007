import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

@Suite struct MinedLevelsTests {
  private static func name(_ kind: MinedName.Kind, _ text: String) -> MinedName {
    MinedName(kind: kind, text: text, encodings: [], offsets: [0], count: 1, score: 1)
  }

  static let names = [
    name(.zone, "Asia/Urumqi"), name(.zone, "Mars/Olympus"), name(.locale, "zh-CN"),
    name(.territory, "CN"),
    name(.host, "gateway.example.cn"), name(.zone, "Asia/Harbin"), name(.zone, "Asia/Kashgar"),
    name(.variable, "TZ"),
  ]

  private func levels(atMost count: Int = 6) -> MinedLevels {
    MinedLevels(
      Self.names, besides: [], atMost: count,
      zones: ["Asia/Urumqi", "Asia/Harbin", "Asia/Kashgar"],
      locales: ["zh_CN.UTF-8"])
  }

  @Test func whatTheSystemHasBecomesALevel() {
    #expect(
      levels().settings.map(\.description) == [
        "timezone=Asia/Urumqi", "locale=zh_CN.UTF-8", "endpoint=https://gateway.example.cn",
        "timezone=Asia/Harbin",
        "timezone=Asia/Kashgar",
      ])
    #expect(levels(atMost: 1).settings.count == 3)
  }

  @Test func designsHaveThem() throws {
    let further = levels().settings
    let maker = DesignMaker(
      profiles: SampleDesign.design.profiles, constraints: [], seed: 1, furtherLevels: further)
    let plain = try maker.design(.profiles)
    #expect(plain.arms.count == 7 + 4 * 2 + 1)
    #expect(plain.baseline == SampleDesign.design.baseline)
    for kind in [DesignKind.oneAtATime, .covering(strength: 2)] {
      let design = try maker.design(kind)
      for setting in further {
        #expect(design.levels(of: setting.factor).contains(setting.level), "\(setting)")
      }
    }
    // A level that only acts behind a gateway is in the design together with one.
    #expect(
      plain.arms.contains {
        $0.assignment.timezone == "Asia/Urumqi" && $0.assignment.endpoint != nil
      })
  }
}
