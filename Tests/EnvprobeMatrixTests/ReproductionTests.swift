import EnvprobeModel
import Testing

@testable import EnvprobeMatrix

@Suite struct ReproductionTests {
  private let arms = SampleDesign.design.arms

  @Test func theCauseIsAllThatIsSet() {
    let us = arms[0].assignment
    let both = us.taking([.endpoint, .timezone], from: arms[5].assignment)
    let commands = Reproduction(baseline: us, other: both, arms: arms, command: ["claude", "-p", "it's"]).commands
    #expect(
      commands.map(ShellWord.join) == [
        "envprobe run --profile us -- claude -p 'it'\\''s'",
        "envprobe run --profile us --set timezone=c --set endpoint=g -- claude -p 'it'\\''s'",
      ])
  }

  @Test func theClockIsThatOfTheMatrix() {
    var dated = arms[1].assignment
    dated[.clock] = .clock("2026-06-30T04:00:00Z")
    func options(_ clock: String?) -> [[String]] {
      Reproduction(baseline: arms[0].assignment, other: dated, arms: arms, command: ["a"], clock: clock).commands
        .map { $0.contains("--clock") ? Array($0[$0.firstIndex(of: "--clock")!...].prefix(2)) : [] }
    }
    #expect(options("2026-11-21T10:00:00Z") == [["--clock", "2026-11-21T10:00:00Z"], []], "a level comes first")
    #expect(options("host") == [[], ["--clock", "host"]], "the real time is what a run without a level has")
    #expect(options(nil) == [[], []])
  }

  @Test func aProfileThatIsTheAssignmentNeedsNothingElse() {
    let commands = Reproduction(
      baseline: arms[0].assignment, other: arms[1].assignment, arms: arms, command: ["a"]
    ).commands
    #expect(
      commands == [
        ["envprobe", "run", "--profile", "us", "--", "a"], ["envprobe", "run", "--profile", "us-gateway", "--", "a"],
      ])
  }

  @Test func whateverIsSetCanBeReadBack() throws {
    let levels: [(Factor, Level?)] = [
      (.timezone, .timezone("Asia/Shanghai")), (.timezone, nil), (.endpoint, .endpoint("https://gw.example.com")),
      (.locale, .locale(LocaleSetting(lang: "zh_CN.UTF-8"))),
      (.locale, .locale(LocaleSetting(lang: "en_US.UTF-8", overrides: ["LC_TIME": "de_DE.UTF-8"]))),
      (.proxy, .proxy(ProxySetting(url: "http://proxy.example.com:8080"))),
      (.proxy, .proxy(ProxySetting(http: "http://a.example:1", all: "http://b.example:2", noProxy: ["c", "d"]))),
      (.resolver, .resolver(ResolverSetting(nameservers: ["192.0.2.1"], search: ["corp.example"]))),
      (.mirrors, .mirrors(["npm": "https://npm.example.com", "pip": "https://pip.example.com/simple"])),
      (.identity, .identity(IdentitySetting(user: "wei", name: "Wei O'Lin", email: "wei@example.cn"))),
      (
        .network,
        .network(NetworkSetting(address: "10.1.2.3", publicAddress: "203.0.113.7", country: "CN"))
      ),
      (.variable("XMODIFIERS"), .variable("@im=fcitx")), (.variable("EMPTY"), .variable("")),
      (.variable("SPACED"), .variable(" a: {b} 'c' ")),
    ]
    for (factor, level) in levels {
      let setting = Setting(factor: factor, level: level)
      #expect(try Setting(parsing: setting.description) == setting)
    }
  }
}

@Suite struct ShellWordTests {
  @Test(arguments: [
    ("plain-1.0_/:=@%+,", "plain-1.0_/:=@%+,"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("~", "'~'"),
    ("$(x)", "'$(x)'"), ("{a: 1}", "'{a: 1}'"), ("naïve", "'naïve'"), ("a\nb", "'a\nb'"),
  ])
  func quoting(word: String, quoted: String) { #expect(ShellWord.quote(word) == quoted) }
}
