import EnvprobeModel

/// What a program could make of every text that it controls, to take over the page, the terminal or the comment.
enum HostileSamples {
  static let attacks = [
    "</script><script>window.owned=1</script>", "<img src=x onerror=\"window.owned=2\">",
    "\" onmouseover=\"window.owned=3\" autofocus onfocus=\"window.owned=4", "'><svg onload=window.owned=5>",
    // A quote and a bracket with a combining mark are characters of their own to Swift, and none to a browser.
    "\"\u{301} onpointerover=window.owned=6 x=\"", "<\u{338}img src=x onerror=window.owned=7>",
    "]]><!--<x xmlns='y'>-->", "</style><style>body{display:none}", "{{word}}{{{sha256}}}{{#rows}}",
    "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m", "\u{202E}gpj.exe\u{2066}\u{200B}\u{FEFF}", "a\u{0}b\u{8}c\u{7F}\u{85}",
    "```\n@everyone see #1 | **bold** <details> `x` [a](http://example.com)", "javascript:window.owned=8",
    "\u{2028}\u{2029}\\\u{FFFF}\u{E0041}", "%00%0d%0aX: y",
  ]
  static let everything = attacks.joined(separator: " ")

  static let findings = attacks.enumerated().map { number, attack in
    Finding(
      id: "\(number) \(attack)", verdict: .unexplained, class: .geographic, channel: .stdout, location: attack,
      kind: number % 2 == 0 ? .changed : .appears, causes: [[.variable(attack)], [.locale, .timezone]],
      partition: [
        .init(levels: ["env.\(attack)": [attack]], value: attack), .init(levels: [attack: [nil, attack]], value: nil),
        .init(levels: ["locale": [attack]], value: everything),
      ],
      locations: [
        .init(channel: .stdout, location: attack, kind: .changed, before: attack, after: everything),
        .init(channel: .http, location: "POST \(attack)/v1/messages body", kind: .appears, before: nil, after: attack),
      ],
      differences: number % 3 == 2
        ? []
        : [
          .init(
            kind: attack, before: attack, after: everything, prefix: everything, suffix: attack,
            codepoints: .init(before: [attack], after: [attack, attack]))
        ], evidence: [attack, "h-1"], reproduce: [["envprobe", "run", "--", attack, "it's"]], note: attack)
  }

  static let report = Report(
    tool: "envprobe \(attacks[0])",
    subject: Subject(argv: attacks, executable: .init(path: everything, sha256: attacks[2])),
    baseline: attacks[1],
    profiles: [
      .init(name: attacks[1], factors: Assignment([.variable(attacks[0]): .variable(everything)])),
      .init(name: attacks[2], factors: Assignment([.timezone: .timezone(attacks[3])])),
    ],
    runs: attacks.enumerated().map { number, attack in
      .init(
        id: number == 0 ? "h-1" : attack, profile: number % 2 == 0 ? attack : nil,
        assignment: number % 2 == 0 ? nil : Assignment([.endpoint: .endpoint(attack)]), repetition: number,
        exit: Exit(status: 0, wall: 1), complete: false, gaps: [.init(kind: .wire, detail: attack, host: attack)],
        bundle: attack)
    }, findings: findings, conclusion: .different, limits: attacks)

  static let trace = Trace(
    id: "h-1", manifest: SampleTraces.manifest(attacks[1], Assignment()), events: events,
    blobs: [attacks[0]: Array(everything.utf8), attacks[3]: [0xFF, 0xFE, 0x3C]])

  private static let events = attacks.flatMap { attack -> [Event.Payload] in
    [
      .process(.init(parent: 1, executable: attack)), .exec(SampleTraces.exec(attack, [attack, everything])),
      .environmentRead(
        .init(
          name: .complete(ByteString(attack.utf8)), isSet: nil,
          reader: .init(module: attack, symbol: attack, offset: 1),
          count: 1, firstTime: 0)),
      .syscall(.init(name: attack, arguments: [.path(.complete(ByteString(("/etc/" + attack).utf8)))])),
      .dns(.init(name: attack, type: attack, transport: .udp, server: attack, answers: [attack], status: attack)),
      .connection(.init(id: 1, transport: .tcp, address: attack, port: 1, name: attack)),
      .request(
        .init(
          exchange: 1, connection: 1, scheme: attack, host: attack, port: 1, via: [attack], method: "POST",
          target: "/v1/messages", version: attack, headers: [.init(name: attack, value: attack)],
          body: .init(sha256: attacks[0], size: 5))),
      .response(
        .init(
          exchange: 1, status: 200, headers: [.init(name: attack, value: attack)],
          body: .init(sha256: attacks[3], size: 3), source: attack)),
      .output(.init(stream: .stdout, bytes: ByteString(attack.utf8))),
      .file(
        .init(
          root: .home, path: ByteString(attack.utf8), change: .created, kind: .file, size: 1, sha256: attack)),
      .gap(.init(kind: .wire, detail: attack)), .diagnostic(.init(attack)),
      .instrumentation(.init(level: .precise, reason: attack, runtime: attack)),
    ]
  }.enumerated().map { Event(sequence: $0.offset, time: Double($0.offset) / 100, pid: 2, payload: $0.element) }
}
