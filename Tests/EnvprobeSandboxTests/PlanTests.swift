import Foundation
import Testing

@testable import EnvprobeModel

@Suite struct PlanTests {
  static let host = HostFacts(
    searchPath: "/home/ann/.local/bin:/usr/bin:bin::/home/ann/go/bin:/tmp/x:/opt/tool", terminalType: "xterm",
    workDirectory: "/srv/project", homes: ["/data/people/ann", "/home/ann", "/root"],
    root: [
      .link("bin", target: "usr/bin"), .folder("boot"), .folder("data"), .folder("etc"), .folder("home"),
      .folder("proc"), .folder("srv"), .folder("usr"), .folder("var"),
    ],
    variable: [.folder("cache"), .folder("lib"), .folder("log"), .link("run", target: "/run"), .folder("tmp")],
    hiddenInEtc: ["gitconfig", "ssh"], hiddenElsewhere: ["/var/lib/docker"],
    certificateBundle: "/etc/ssl/certs/ca-certificates.crt", machineIDFiles: ["/var/lib/dbus/machine-id"],
    shell: "/bin/bash")

  static let command = ResolvedCommand(path: "/usr/bin/true", file: "/usr/bin/true")

  static let assignment = Assignment([
    .timezone: .timezone("Asia/Shanghai"), .locale: .locale(.init(lang: "zh_CN.UTF-8", overrides: ["LANGUAGE": "zh"])),
    .hostname: .hostname("dev-17.corp.example.cn"), .proxy: .proxy(.init(url: "http://proxy.example:8080")),
    .endpoint: .endpoint("https://gw.example.com"),
    .resolver: .resolver(.init(nameservers: ["223.5.5.5"], search: ["corp.example.cn"])),
    .mirrors: .mirrors(["npm": "https://npm.example.cn"]),
    .identity: .identity(.init(user: "wei", name: "Wei; \"Lin\"", email: "wei@example.cn")),
    .network: .network(.init(address: "10.32.4.17", publicAddress: "203.0.113.7", country: "CN")),
    .variable("XMODIFIERS"): .variable("@im=fcitx"), .variable("LANG"): .variable("ja_JP.UTF-8"),
  ])

  func plan(_ assignment: Assignment = PlanTests.assignment, _ settings: PlanSettings = PlanSettings()) -> Plan {
    Plan(
      arguments: ["true"], command: Self.command, assignment: assignment, host: Self.host,
      zone: .init(offset: 28800, abbreviation: "CST"), settings: settings)
  }

  @Test func theEnvironmentIsWhatTheFactorsSay() {
    let fixed = Set(FixedVariable.all.map(\.name))
    let block = plan().environment.filter { !fixed.contains($0.name) }
    #expect(
      block.map { "\($0.name)=\($0.value) \($0.factor?.name ?? "-")" } == [
        "PATH=/usr/bin:/opt/tool -", "SHELL=/bin/bash -", "HOME=/home/wei identity", "USER=wei identity",
        "LOGNAME=wei identity", "PWD=/srv/project -", "HOSTNAME=dev-17.corp.example.cn hostname",
        "LANG=ja_JP.UTF-8 env.LANG", "LANGUAGE=zh locale", "TZ=Asia/Shanghai timezone",
        "HTTPS_PROXY=http://proxy.example:8080 proxy", "https_proxy=http://proxy.example:8080 proxy",
        "HTTP_PROXY=http://proxy.example:8080 proxy", "http_proxy=http://proxy.example:8080 proxy",
        "ANTHROPIC_BASE_URL=https://gw.example.com endpoint", "ANTHROPIC_API_URL=https://gw.example.com endpoint",
        "OPENAI_BASE_URL=https://gw.example.com/v1 endpoint", "OPENAI_API_BASE=https://gw.example.com/v1 endpoint",
        "GOOGLE_GEMINI_BASE_URL=https://gw.example.com endpoint", "GEMINI_API_BASE=https://gw.example.com endpoint",
        "NPM_CONFIG_REGISTRY=https://npm.example.cn mirrors", "XMODIFIERS=@im=fcitx env.XMODIFIERS",
      ])
    #expect(Set(plan().environment.map(\.name)).count == plan().environment.count, "no name twice")
  }

  @Test func aTerminalHasAType() {
    let names = { (streams: StandardStreams) in
      plan([:], streams).environment.filter { $0.name == "TERM" }.map(\.value)
    }
    #expect(names(.terminal(columns: 80, rows: 24)) == ["xterm"])
    #expect(names(.pipes(inheritsInput: true)) == [])
    func plan(_ levels: [Factor: Level], _ streams: StandardStreams) -> Plan {
      self.plan(Assignment(levels), PlanSettings(streams: streams))
    }
  }

  /// What does not follow from the assignment is the same in all runs, whatever their levels.
  @Test func whatIsFixedIsTheSame() {
    let a = plan()
    let b = plan(Assignment())
    #expect(a.commonEtc == b.commonEtc && a.view == b.view)
    #expect(a.environment.filter { $0.factor == nil }.allSatisfy { variable in b.environment.contains(variable) })
    #expect(Set(a.etc.map(\.path)) == Set(b.etc.map(\.path)))
  }

  @Test func filesFollowFromTheAssignment() throws {
    let files = Dictionary(uniqueKeysWithValues: plan().etc.map { ($0.path, $0.content) })
    #expect(files["localtime"] == .link("/usr/share/zoneinfo/Asia/Shanghai"))
    #expect(files["timezone"] == .text("Asia/Shanghai\n"))
    #expect(files["resolv.conf"] == .text("search corp.example.cn\nnameserver 223.5.5.5\n"))
    #expect(
      plan().home == [
        .init(".gitconfig", .text("[user]\n\tname = \"Wei; \\\"Lin\\\"\"\n\temail = wei@example.cn\n")),
        .init(".npmrc", .text("registry=https://npm.example.cn\n")),
      ])
    #expect(plan().commonEtc.prefix(2) == [.init("gitconfig", .absent), .init("ssh", .absent)])
    let id = Plan.machineID(of: .init(user: "wei", name: "Wei", email: "w@x"))
    #expect(id.count == 32 && id.allSatisfy(\.isHexDigit))
    #expect(id == Plan.machineID(of: .init(user: "wei", name: "Wei", email: "w@x")))
    #expect(id != Plan.machineID(of: .init(user: "wei", name: "We", email: "iw@x")))
  }

  @Test func theViewLeavesOutWhatIsNobodysBusiness() {
    let view = plan().view
    #expect(view.folders == ["/data", "/srv", "/usr", "/var/cache", "/var/lib"])
    #expect(view.covered == ["/data/people/ann", "/var/lib/docker"])
    #expect(view.links.map(\.path) == ["/var/tmp", "/bin", "/var/run"])
    #expect(view.placeholders.contains("/var/log") && !view.placeholders.contains("/boot"))
    #expect(view.replaced == [.init(path: "/var/lib/dbus/machine-id", target: "/etc/machine-id")])
  }

  @Test(arguments: [
    ("/srv/project", Plan.WorkDirectory.copyOnWrite("/srv/project")), ("/home/ann", .empty("/home/ann")),
    ("/home/ann/code", .copyOnWrite("/home/ann/code")), ("/data", .empty("/data")), ("/", .existing("/")),
    ("/tmp", .existing("/tmp")), ("/tmp/x", .copyOnWrite("/tmp/x")), ("/etc/ssl", .existing("/etc/ssl")),
    ("/proc/self", .existing("/proc/self")), ("/home", .empty("/home")),
  ])
  func aWorkDirectoryThatHoldsAHomeIsNotShown(_ path: String, _ expected: Plan.WorkDirectory) {
    var host = Self.host
    host.workDirectory = path
    #expect(Plan.WorkDirectory(host: host, keepsChanges: false) == expected)
    if case .copyOnWrite = expected {
      #expect(Plan.WorkDirectory(host: host, keepsChanges: true) == .direct(path))
    }
  }

  @Test func pathEntriesThatHoldTheCommandStay() {
    let exposures: [Plan.Exposure] = [
      .link(.init(path: "/home/ann/.local/bin/tool", target: "../share/tool")), .file("/home/ann/.local/share/tool"),
    ]
    #expect(
      EnvironmentBlock.searchPath(host: Self.host, exposures: exposures) == "/home/ann/.local/bin:/usr/bin:/opt/tool")
  }

  @Test func localesOfTheWholeMatrixAreThere() {
    #expect(plan(Self.assignment, .init(locales: ["de_DE.UTF-8"])).locales == ["de_DE.UTF-8", "zh_CN.UTF-8"])
  }

  @Test func aPlanCanBeDumpedAndReadBack() throws {
    let settings = PlanSettings(
      keepsChanges: true, streams: .terminal(columns: 80, rows: 24), traceLevel: .full,
      authority: .init(pem: "pem", subjectHash: "01234567"), uptime: 7200)
    let plan = plan(Self.assignment, settings)
    #expect(try JSONDecoder().decode(Plan.self, from: JSONEncoder().encode(plan)) == plan)
    #expect(
      try JSONDecoder().decode(HostFacts.self, from: JSONEncoder().encode(Self.host)) == Self.host)
  }

  @Test func surroundingsSayWhatAProgramCanKnow() {
    let surroundings = plan().surroundings
    #expect(surroundings.home == "/home/wei" && surroundings.user == "wei")
    #expect(surroundings.hostname == "dev-17.corp.example.cn" && surroundings.workingDirectory == "/srv/project")
    #expect(surroundings.utcOffset == 28800 && surroundings.zoneAbbreviation == "CST")
  }

  @Test func nothingInAPlanNamesTheTool() throws {
    let text = String(decoding: try JSONEncoder().encode(plan()), as: UTF8.self)
    #expect(!text.lowercased().contains("envprobe"))
  }
}
