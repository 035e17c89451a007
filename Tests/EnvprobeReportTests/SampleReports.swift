import EnvprobeModel

/// Reports as a matrix would make them, one for each thing that a report must be able to say.
enum SampleReports {
  static let subject = Subject(
    argv: ["claude", "-p", "say hi"],
    executable: .init(path: "/home/dev/.local/bin/claude", sha256: "3f2a9c" + String(repeating: "0", count: 58)))

  /// Assignments of the tests' own: the golden files are not about what the bundled profiles hold.
  static let places: [(name: String, zone: String, locale: String, country: String, endpoint: String?)] = [
    ("us", "America/New_York", "en_US.UTF-8", "US", nil),
    ("us-gateway", "America/New_York", "en_US.UTF-8", "US", "https://gw.example.com"),
    ("sg-gateway", "Asia/Singapore", "en_SG.UTF-8", "SG", "https://gw.example.com"),
    ("cn", "Asia/Shanghai", "zh_CN.UTF-8", "CN", nil),
    ("cn-gateway", "Asia/Shanghai", "zh_CN.UTF-8", "CN", "https://gw.example.com"),
    ("cn-corp", "Asia/Shanghai", "zh_CN.UTF-8", "CN", "https://gw.alibaba.com"),
  ]
  static let names = places.map(\.name)
  static let profiles = places.map { place in
    let domain = "corp.example.\(place.country.lowercased())"
    var assignment = Assignment([
      .timezone: .timezone(place.zone), .locale: .locale(.init(lang: place.locale)),
      .hostname: .hostname("dev-17.\(domain)"),
      .resolver: .resolver(.init(nameservers: ["10.32.0.2"], search: [domain])),
      .identity: .identity(.init(user: "zhang", name: "Zhang Weimin", email: "zhang@\(domain)")),
      .network: .network(.init(address: "10.32.4.17", publicAddress: "203.0.113.7", country: place.country)),
    ])
    assignment[.endpoint] = place.endpoint.map(Level.endpoint)
    return Report.NamedProfile(name: place.name, factors: assignment)
  }

  static func run(
    _ profile: String, _ repetition: Int, exit: Exit? = Exit(status: 0, wall: 1.2, userTime: 0.9), gaps: [Gap] = []
  ) -> Report.Run {
    .init(
      id: "\(profile)-\(repetition)", profile: profile, assignment: nil, repetition: repetition, exit: exit,
      complete: gaps.isEmpty, gaps: gaps, bundle: "runs/\(profile)-\(repetition)")
  }

  static let runs = names.flatMap { name in [run(name, 1), run(name, 2)] }

  static let experiment = Report.Run(
    id: "x-1", profile: nil, assignment: profiles[3].factors.taking([.endpoint], from: profiles[5].factors),
    repetition: 1, exit: Exit(status: 0, wall: 1.1), complete: true, gaps: [], bundle: "runs/x-1")

  static let body = "POST api.anthropic.com/v1/messages body.messages[0].content[1].text"

  static func commands(_ first: [String], _ second: [String]) -> [[String]] {
    [first, second].map { ["envprobe", "run", "--profile", "cn"] + $0 + ["--", "claude", "-p", "say hi"] }
  }

  static let apostrophe = Finding(
    id: "http-1", verdict: .unexplained, class: .geographic, channel: .http, location: body, kind: .changed,
    causes: [[.endpoint]],
    partition: [
      .init(levels: ["endpoint": [nil, "https://gw.example.com"]], value: "Today's date is <local-date:Y-m-d>."),
      .init(levels: ["endpoint": ["https://gw.alibaba.com"]], value: "Today’s date is <local-date:Y-m-d>."),
    ],
    locations: [
      .init(channel: .http, location: body, kind: .changed, before: "Today's date is", after: "Today’s date is")
    ],
    differences: [
      .init(
        kind: "apostrophe", before: "'", after: "’",
        prefix:
          "<system-reminder>\nAs you answer the user's questions, you can use the following context:\n# Date\nToday",
        suffix: "s date is <local-date:Y-m-d>.\n\nIMPORTANT: this context may or may not be relevant.",
        codepoints: .init(before: ["U+0027 APOSTROPHE"], after: ["U+2019 RIGHT SINGLE QUOTATION MARK"]))
    ],
    evidence: ["cn-gateway-1", "cn-corp-1"],
    reproduce: commands(
      ["--set", "endpoint=https://gw.example.com"], ["--set", "endpoint=https://gw.alibaba.com"]))

  static let separator = Finding(
    id: "http-2", verdict: .unexplained, class: .geographic, channel: .http, location: body, kind: .changed,
    causes: [[.timezone, .endpoint]],
    partition: [
      .init(
        levels: ["endpoint": ["https://gw.example.com", "https://gw.alibaba.com"], "timezone": ["America/New_York"]],
        value: "Today's date is <local-date:Y-m-d>."),
      .init(
        levels: ["endpoint": [nil], "timezone": ["Asia/Shanghai"]], value: "Today's date is <local-date:Y-m-d>."),
      .init(
        levels: ["endpoint": [nil], "timezone": ["America/New_York"]], value: "Today's date is <local-date:Y-m-d>."),
      .init(
        levels: ["endpoint": ["https://gw.example.com", "https://gw.alibaba.com"], "timezone": ["Asia/Shanghai"]],
        value: "Today's date is <local-date:Y/m/d>."),
    ],
    locations: [
      .init(
        channel: .http, location: body, kind: .changed, before: "Today's date is <local-date:Y-m-d>.",
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
    evidence: [],
    reproduce: commands(
      [], ["--set", "timezone=Asia/Shanghai", "--set", "endpoint=https://gw.example.com"]))

  static let invisible = Finding(
    id: "http-4", verdict: .unexplained, class: .undetermined, channel: .http,
    location: "POST api.anthropic.com/v1/messages header.user-agent", kind: .changed, causes: [[.endpoint], [.locale]],
    partition: [
      .init(levels: ["locale": ["en_US.UTF-8"]], value: "a"), .init(levels: ["locale": ["zh_CN.UTF-8"]], value: "b"),
      .init(levels: ["locale": ["en_SG.UTF-8"]], value: "something else"),
      .init(levels: ["locale": [nil]], value: nil),
    ],
    locations: (1...14).map {
      .init(channel: $0 < 11 ? .http : .file, location: "\($0)", kind: .changed, before: "a", after: "b")
    },
    differences: [
      .init(
        kind: "invisible", before: "", after: "\u{200B}", prefix: "claude-cli/2.1.139", suffix: " (external)",
        codepoints: .init(before: [], after: ["U+200B ZERO WIDTH SPACE"])),
      .init(
        kind: "text", before: "en", after: "zh", prefix: "lang=", suffix: ";",
        codepoints: .init(before: ["U+0065 LATIN SMALL LETTER E"], after: ["U+007A LATIN SMALL LETTER Z"])),
    ],
    evidence: [],
    reproduce: commands(
      ["--set", "endpoint=https://gw.example.com"],
      ["--set", "endpoint=https://gw.alibaba.com", "--set", "env.A_LONG_NAME=it's a value with spaces in it"]),
    note: "no profile holds another custom endpoint in this zone; a profile that extends cn with one would settle it")

  static let tools = Finding(
    id: "http-3", verdict: .unexplained, class: .presence, channel: .http,
    location: "POST api.anthropic.com/v1/messages body.tools[3]", kind: .disappears, causes: [[.endpoint]],
    partition: [
      .init(levels: ["endpoint": [nil]], value: "{\"name\": \"WebSearch\"}"),
      .init(levels: ["endpoint": ["https://gw.example.com", "https://gw.alibaba.com"]], value: nil),
    ],
    locations: (0..<1283).map {
      .init(
        channel: .http, location: $0 == 0 ? "POST api.anthropic.com/v1/messages body.tools[3]" : "place \($0)",
        kind: .disappears, before: $0 == 0 ? "{\"name\": \"WebSearch\"}" : "x", after: nil)
    },
    differences: [], evidence: ["us-1"], reproduce: commands([], ["--set", "endpoint=https://gw.example.com"]))

  static let localTime = Finding(
    id: "stdout-1", verdict: .expected, class: .geographic, channel: .stdout, location: "line 1", kind: .changed,
    causes: [[.timezone]], partition: [], locations: [], differences: [], evidence: [], reproduce: [],
    note: "the local time of the profile's zone")

  static func report(
    _ findings: [Finding], _ conclusion: Report.Conclusion, runs: [Report.Run] = runs, limits: [String] = []
  ) -> Report {
    Report(
      tool: "envprobe 0.1.0", subject: subject, baseline: "us", profiles: profiles, runs: runs, findings: findings,
      conclusion: conclusion, limits: limits)
  }

  static let power =
    "With 2 runs of each profile, a behaviour that shows in fewer than 78 % of runs may have been missed."

  /// What a hostile program could make of the texts that it controls.
  static let hostile = Finding(
    id: "stdout-\u{1B}[2J", verdict: .unexplained, class: .geographic, channel: .stdout,
    location: "line \u{1B}]0;owned\u{7}\u{9B}31m\u{202E}gpj.exe\r\n", kind: .changed,
    causes: [[.variable("X\u{1B}[31m")], [.locale]],
    partition: [
      .init(levels: ["env.X\u{1B}[31m": ["\u{1B}[1m\u{200B}"]], value: "\u{1B}[2J"),
      .init(levels: ["locale": [nil, "zh_CN.UTF-8"]], value: "\u{0}"),
    ],
    locations: [],
    differences: [
      .init(
        kind: "invis\u{1B}[5mible", before: "\u{1B}[31m", after: "中文字\u{3000}e\u{301}", prefix: "\u{1B}[8m漢字漢字",
        suffix: "\u{FEFF}\u{2028}end", codepoints: .init(before: ["U+001B \u{1B}[0m"], after: []))
    ], evidence: [], reproduce: [["envprobe", "run", "--", "sh", "-c", "printf '\u{1B}[31m' \n"]],
    note: "\u{1B}[6n")

  static let all: [(name: String, report: Report)] = [
    (
      "different",
      report(
        [tools, invisible, separator, localTime, apostrophe], .different, runs: runs + [experiment], limits: [power])
    ),
    ("same", report([], .same, limits: [power])),
    ("presence", report([tools, localTime], .same)),
    ("fail-on-any", report([tools], .different)),
    (
      "inconclusive",
      report(
        [
          Finding(
            id: "exit-1", verdict: .inconclusive, class: .geographic, channel: .exit, location: "status",
            kind: .changed, causes: [], partition: [.init(levels: ["timezone": ["Asia/Shanghai"]], value: "1")],
            locations: [.init(channel: .exit, location: "status", kind: .changed, before: "0", after: "1")],
            differences: [], evidence: [], reproduce: [], note: "the run of cn-2 is incomplete")
        ], .inconclusive,
        runs: [
          run("us", 1),
          run("us", 2, exit: nil, gaps: [.init(kind: .bundle, detail: "No space left on device (ENOSPC)")]),
          run(
            "cn", 1,
            gaps: [
              .init(kind: .untrustedGateway, detail: "unknown_ca", count: 3, host: "pinned.example.com"),
              .init(kind: .lostEvents, detail: "the queue overflowed", count: 12345),
            ]),
          run(
            "cn", 2, exit: Exit(signal: 9, timedOut: true, wall: 120), gaps: [.init(kind: .timeout, detail: "120 s")]),
          run("cn-corp", 1, exit: Exit(signal: 11, wall: 0.3)),
        ], limits: ["The program was stopped before its second request."])
    ),
    ("hostile", report([hostile], .different)),
  ]
}
