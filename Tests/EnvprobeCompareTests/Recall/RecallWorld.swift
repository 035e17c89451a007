import EnvprobeMatrix
import EnvprobeModel

@testable import EnvprobeCompare

/// The profiles that the library of subjects is judged under: every factor has a level that a subject may look for and
/// a neutral one beside it.
enum RecallWorld {
  static let factors: [Factor] = [
    .timezone, .locale, .hostname, .proxy, .endpoint, .resolver, .mirrors, .identity, .network, .clock,
    .variable("XMODIFIERS"),
  ]

  private static func place(
    _ zone: String, _ locale: String, _ number: Int, _ country: String, with more: [Factor: Level] = [:]
  ) -> Assignment {
    Assignment(
      [
        .timezone: .timezone(zone), .locale: .locale(LocaleSetting(lang: locale)),
        .hostname: .hostname("dev-\(number)0.lan.example.net"),
        .identity: .identity(
          IdentitySetting(
            user: "kim\(number)0", name: "Kim \(number)0", email: "kim\(number)0@lan.example.net")),
        .network: .network(
          NetworkSetting(address: "10.0.\(number).17", publicAddress: "203.0.113.\(number)", country: country)),
        .resolver: .resolver(ResolverSetting(nameservers: ["10.9.\(number).1"], search: ["lan.example.net"])),
        .clock: .clock("2026-06-30T04:00:00Z"),
      ].merging(more) { $1 })
  }

  static let design = try! Design(profiles: [
    arm("us", place("America/New_York", "en_US.UTF-8", 1, "US")),
    arm(
      "us-gateway",
      place("America/New_York", "en_US.UTF-8", 1, "US", with: [.endpoint: .endpoint("https://gw.example.com")])),
    arm(
      "us-network",
      place(
        "America/New_York", "en_US.UTF-8", 1, "US",
        with: [
          .proxy: .proxy(ProxySetting(url: "http://proxy.example.net:8080")),
          .mirrors: .mirrors(["npm": "https://npm.example.com"]), .clock: .clock("2026-05-11T04:00:00Z"),
          .variable("XMODIFIERS"): .variable("@im=ibus"),
        ])),
    arm("de", place("Europe/Berlin", "de_DE.UTF-8", 2, "DE")),
    arm(
      "sg-gateway",
      place("Asia/Singapore", "en_SG.UTF-8", 3, "SG", with: [.endpoint: .endpoint("https://gw.example.com")])),
    arm("cn", cn(with: [:])),
    arm("cn-gateway", cn(with: [.endpoint: .endpoint("https://gw.example.com")])),
    arm(
      "cn-corp",
      cn(with: [
        .endpoint: .endpoint("https://llm.bigcorp.cn:8443/api"),
        .proxy: .proxy(ProxySetting(url: "http://proxy.bigcorp.cn:3128")),
        .mirrors: .mirrors(["npm": "https://registry.npmmirror.com"]), .clock: .clock("2026-04-20T04:00:00Z"),
      ])),
  ])

  private static func cn(with more: [Factor: Level]) -> Assignment {
    place(
      "Asia/Shanghai", "zh_CN.UTF-8", 4, "CN",
      with: [.variable("XMODIFIERS"): .variable("@im=fcitx")].merging(more) { $1 })
  }

  private static func arm(_ name: String, _ assignment: Assignment) -> Design.Arm {
    Design.Arm(name: name, assignment: assignment)
  }

  /// The levels that subjects look for.
  static let target = design.arms.last!.assignment

  static func run(_ assignment: Assignment, repetition: Int, seed: UInt64) -> SyntheticTrace {
    var run = SyntheticTrace(SyntheticPlace(assignment), repetition: repetition, seed: seed)
    let days = ["2026-05-11T04:00:00Z": 50, "2026-04-20T04:00:00Z": 71][assignment.clock ?? ""] ?? 0
    run.start -= days * 86_400
    return run
  }
}

extension SyntheticPlace {
  /// The place that an assignment describes, whichever levels it mixes.
  init(_ assignment: Assignment) {
    let zones: [String: (Int, String)] = [
      "America/New_York": (-14_400, "EDT"), "Europe/Berlin": (7_200, "CEST"), "Asia/Singapore": (28_800, "+08"),
      "Asia/Shanghai": (28_800, "CST"),
    ]
    let zone = assignment.timezone ?? "UTC"
    let (offset, abbreviation) = zones[zone] ?? (0, "UTC")
    self.init(
      assignment.factors.map { "\($0)=\(assignment[$0]!.description)" }.joined(separator: " "), zone: zone,
      offset: offset, abbreviation: abbreviation, country: assignment.network?.country ?? "US",
      locale: assignment.locale?.lang ?? "C.UTF-8")
    self.assignment = assignment
  }
}
