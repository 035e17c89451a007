import EnvprobeModel

@testable import EnvprobeReport

/// Reports and traces that every format has to show: the same values for all of them.
enum Samples {
  static let subject = Subject(
    argv: ["claude", "-p", "say hi"],
    executable: .init(path: "/home/dev/.local/bin/claude", sha256: String(repeating: "3f2a9c7d", count: 8)))

  static let gateway = "https://gw.example.com"
  static let corporate = "https://gw.alibaba.com"

  static let places: [(name: String, zone: String, locale: String, country: String, endpoint: String?)] = [
    ("us", "America/New_York", "en_US.UTF-8", "US", nil),
    ("us-gateway", "America/New_York", "en_US.UTF-8", "US", gateway),
    ("sg-gateway", "Asia/Singapore", "en_SG.UTF-8", "SG", gateway),
    ("cn", "Asia/Shanghai", "zh_CN.UTF-8", "CN", nil),
    ("cn-gateway", "Asia/Shanghai", "zh_CN.UTF-8", "CN", gateway),
    ("cn-corp", "Asia/Shanghai", "zh_CN.UTF-8", "CN", corporate),
  ]

  static let profiles = places.map { place in
    let domain = "corp.example.\(place.country.lowercased())"
    var assignment = Assignment([
      .timezone: .timezone(place.zone), .locale: .locale(.init(lang: place.locale)),
      .hostname: .hostname("dev-17.\(domain)"),
      .resolver: .resolver(.init(nameservers: ["10.32.0.2"], search: [domain])),
      .clock: .clock("2026-06-30T04:00:00Z"),
    ])
    assignment[.endpoint] = place.endpoint.map(Level.endpoint)
    return Report.NamedProfile(name: place.name, factors: assignment)
  }

  static func run(
    _ profile: String, _ repetition: Int, exit: Exit? = Exit(status: 0, wall: 1.25, userTime: 0.9), gaps: [Gap] = []
  ) -> Report.Run {
    .init(
      id: "\(profile)-\(repetition)", profile: profile, assignment: nil, repetition: repetition, exit: exit,
      complete: gaps.isEmpty, gaps: gaps, bundle: "runs/\(profile)-\(repetition)")
  }

  static let experiment = Report.Run(
    id: "x01-1", profile: nil, assignment: profiles[0].factors.taking([.endpoint], from: profiles[5].factors),
    repetition: 1, exit: Exit(status: 0, wall: 1.1), complete: true, gaps: [], bundle: "runs/x01-1")

  static let runs = places.flatMap { [run($0.name, 1), run($0.name, 2)] } + [experiment]

  static let messages = "POST <endpoint-host>/v1/messages"
  static let text = "\(messages) body.messages[user].content[text].text"

  static func commands(_ settings: [String]) -> [[String]] {
    [[], settings].map { settings in
      ["envprobe", "run", "--profile", "us"] + settings.flatMap { ["--set", $0] } + ["--", "claude", "-p", "say hi"]
    }
  }

  // MARK: - Findings

  static let apostrophe = Finding(
    id: "5d0273414f8f", verdict: .unexplained, class: .geographic, channel: .http, location: text, kind: .changed,
    causes: [[.endpoint]],
    partition: [
      .init(levels: ["endpoint": [nil, gateway]], value: "Today's date is <local-date:Y-m-d>."),
      .init(levels: ["endpoint": [corporate]], value: "Today\u{2019}s date is <local-date:Y-m-d>."),
    ],
    locations: [
      .init(
        channel: .http, location: text, kind: .changed, before: "Today's date is <local-date:Y-m-d>.",
        after: "Today\u{2019}s date is <local-date:Y-m-d>.")
    ],
    differences: [
      .init(
        kind: "apostrophe", before: "'", after: "\u{2019}", prefix: "Today", suffix: "s date is <local-date:Y-",
        codepoints: .init(before: ["U+0027 APOSTROPHE"], after: ["U+2019 RIGHT SINGLE QUOTATION MARK"]))
    ],
    evidence: ["us-1", "us-2", "cn-gateway-1", "cn-corp-1", "cn-corp-2", "x01-1"],
    reproduce: commands(["endpoint=\(corporate)"]))

  static let separator = Finding(
    id: "8ed45f7dd4ec", verdict: .unexplained, class: .geographic, channel: .http, location: text, kind: .changed,
    causes: [[.timezone, .endpoint]],
    partition: [
      .init(
        levels: ["endpoint": [nil, gateway, corporate], "timezone": ["America/New_York"]],
        value: "Today's date is <local-date:Y-m-d>."),
      .init(
        levels: ["endpoint": [gateway], "timezone": ["Asia/Singapore"]], value: "Today's date is <local-date:Y-m-d>."),
      .init(
        levels: ["endpoint": [nil], "timezone": ["Asia/Shanghai"]], value: "Today's date is <local-date:Y-m-d>."),
      .init(
        levels: ["endpoint": [gateway, corporate], "timezone": ["Asia/Shanghai"]],
        value: "Today's date is <local-date:Y/m/d>."),
    ],
    locations: [
      .init(
        channel: .http, location: text, kind: .changed, before: "Today's date is <local-date:Y-m-d>.",
        after: "Today's date is <local-date:Y/m/d>.")
    ],
    differences: [
      .init(
        kind: "date-separator", before: "-", after: "/", prefix: "'s date is <local-date:Y", suffix: "m-d>.",
        codepoints: .init(before: ["U+002D HYPHEN-MINUS"], after: ["U+002F SOLIDUS"])),
      .init(
        kind: "date-separator", before: "-", after: "/", prefix: " date is <local-date:Y-m", suffix: "d>.",
        codepoints: .init(before: ["U+002D HYPHEN-MINUS"], after: ["U+002F SOLIDUS"])),
    ],
    evidence: ["us-1", "cn-1", "cn-gateway-1", "cn-corp-1"],
    reproduce: commands(["timezone=Asia/Shanghai", "endpoint=\(corporate)"]))

  static let tools = Finding(
    id: "b9349947f7d4", verdict: .unexplained, class: .presence, channel: .http,
    location: "\(messages) body.tools[WebSearch].name", kind: .disappears, causes: [[.endpoint]],
    partition: [
      .init(levels: ["endpoint": [nil]], value: "WebSearch"),
      .init(levels: ["endpoint": [gateway, corporate]], value: nil),
    ],
    locations: [
      .init(
        channel: .http, location: "\(messages) body.tools[WebSearch].name", kind: .disappears, before: "WebSearch",
        after: nil)
    ]
      + (1..<1000).map { number in
        .init(
          channel: number % 50 == 0 ? .env : .http,
          location: number % 50 == 0 ? "variable FEATURE_\(number)" : "\(messages) body.tools[\(number)].description",
          kind: .changed, before: "Searches the web for pages, version \(number)",
          after: "Searches the web for pages\u{200B}, version \(number + 1)")
      },
    differences: [], evidence: ["us-1", "us-gateway-1"], reproduce: commands(["endpoint=\(gateway)"]),
    note: "any endpoint of one's own changes the tools that are offered")

  static let invisible = Finding(
    id: "0a1b2c3d4e5f", verdict: .unexplained, class: .undetermined, channel: .http,
    location: "\(messages) header.user-agent", kind: .changed, causes: [[.locale], [.timezone]],
    partition: [
      .init(levels: ["locale": ["en_US.UTF-8", "en_SG.UTF-8"]], value: "agent/2.1.139 (external)"),
      .init(levels: ["locale": ["zh_CN.UTF-8"]], value: "agent/2.1.139\u{200B} (external)"),
      .init(levels: ["locale": ["de_DE.UTF-8"]], value: "agent/2.1.139\u{A0}(external)"),
    ],
    locations: [],
    differences: [
      .init(
        kind: "invisible", before: "", after: "\u{200B}", prefix: "agent/2.1.139", suffix: " (external)",
        codepoints: .init(before: [], after: ["U+200B ZERO WIDTH SPACE"])),
      .init(
        kind: "whitespace", before: " ", after: "\u{A0}", prefix: "agent/2.1.139", suffix: "(external)",
        codepoints: .init(before: ["U+0020 SPACE"], after: ["U+00A0 NO-BREAK SPACE"])),
    ],
    evidence: ["cn-1"], reproduce: commands(["locale=zh_CN.UTF-8"]),
    note: "no profile holds another language in this zone; de would settle it")

  static let exit = Finding(
    id: "e0e1e2e3e4e5", verdict: .inconclusive, class: .geographic, channel: .exit, location: "status",
    kind: .changed, causes: [],
    partition: [
      .init(levels: ["timezone": ["America/New_York"]], value: "0"),
      .init(levels: ["timezone": ["Asia/Shanghai"]], value: "1"),
    ],
    locations: [.init(channel: .exit, location: "status", kind: .changed, before: "0", after: "1")],
    differences: [], evidence: ["cn-2"], reproduce: [], note: "the run cn-2 is incomplete")

  static let localTime = Finding(
    id: "f0f1f2f3f4f5", verdict: .expected, class: .geographic, channel: .stdout, location: "line 1", kind: .changed,
    causes: [[.timezone]], partition: [], locations: [], differences: [], evidence: [], reproduce: [],
    note: "the local time of the profile's zone")

  // MARK: - Reports

  static func report(
    _ findings: [Finding], _ conclusion: Report.Conclusion, runs: [Report.Run] = runs, limits: [String] = []
  ) -> Report {
    Report(
      tool: "envprobe 0.1.0", subject: subject, baseline: "us", profiles: profiles, runs: runs, findings: findings,
      conclusion: conclusion, limits: limits)
  }

  static let agent = report(
    [tools, separator, apostrophe, localTime], .different,
    limits: ["With 2 runs of each profile, a behaviour that shows in fewer than 78 % of runs may have been missed."])
  static let same = report([], .same)
  static let undecided = report(
    [exit, invisible], .inconclusive,
    runs: [
      run("us", 1), run("us", 2, exit: nil, gaps: [.init(kind: .bundle, detail: "No space left on device (ENOSPC)")]),
      run(
        "cn", 1,
        gaps: [
          .init(kind: .untrustedGateway, detail: "unknown_ca", count: 3, host: "pinned.example.com"),
          .init(kind: .lostEvents, detail: "the queue overflowed", count: 12345),
        ]),
      run("cn", 2, exit: Exit(signal: 9, timedOut: true, wall: 120), gaps: [.init(kind: .timeout, detail: "120 s")]),
      run("cn-corp", 1, exit: Exit(signal: 11, wall: 0.3)),
    ], limits: ["The program was stopped before its second request."])

  /// The agent's, of which a baseline accepts the least; one of its entries has expired, and one is of another finding.
  static let accepted = Baseline(entries: [
    .init(tools, reason: "known since March", author: "ann", accepted: "2026-11-21", expires: "2027-01-31"),
    .init(separator, reason: "until the summer", author: "bob", accepted: "2026-01-01", expires: "2026-06-30"),
    .init(invisible, reason: "other program", author: "ann", accepted: "2026-11-21", expires: nil),
  ]).applied(to: agent, source: ".envprobe/baseline.json", today: "2026-11-21")

  static let all: [(name: String, report: Report, traces: [Trace])] = [
    ("agent", agent, SampleTraces.all), ("same", same, []), ("undecided", undecided, []), ("accepted", accepted, []),
    ("hostile", HostileSamples.report, [HostileSamples.trace]),
  ]
}
