import Crypto
import EnvprobeModel

extension ExplanationRule {
  /// Three places in which the examples are tried: what a program prints there is what the examples show.
  public static let samplePlaces: [RunManifest] = [
    place("us", "America/New_York", -14_400, "EDT", "en_US.UTF-8", "US", user: "ann"),
    place("de", "Europe/Berlin", 7_200, "CEST", "de_DE.UTF-8", "DE", user: "jan"),
    place("cn", "Asia/Shanghai", 28_800, "CST", "zh_CN.UTF-8", "CN", user: "wei"),
  ]

  private static func place(
    _ name: String, _ zone: String, _ offset: Int, _ abbreviation: String, _ locale: String, _ country: String,
    user: String
  ) -> RunManifest {
    RunManifest(
      tool: "envprobe", subject: Subject(argv: ["program"], executable: .init(path: "/usr/bin/program", sha256: "0")),
      profile: name,
      assignment: Assignment([
        .timezone: .timezone(zone), .locale: .locale(LocaleSetting(lang: locale)),
        .hostname: .hostname("dev-\(user).example.net"),
        .network: .network(
          NetworkSetting(address: "10.0.0.\(user.utf8.first!)", publicAddress: "203.0.113.9", country: country)),
      ]),
      repetition: 1, started: "2026-06-30T03:00:00Z",
      surroundings: Surroundings(
        environment: [
          .init(name: "HOME", value: "/home/\(user)", factor: .identity),
          .init(name: "LANG", value: locale, factor: .locale),
        ], home: "/home/\(user)",
        workingDirectory: "/home/\(user)/work", user: user, hostname: "dev-\(user).example.net", utcOffset: offset,
        zoneAbbreviation: abbreviation), exit: Exit(status: 0, wall: 1), complete: true)
  }

  /// What the made-up program sends to its model API in every example.
  static func requestBody(_ run: RunManifest) -> String {
    #"{"model":"m","messages":[{"role":"user","content":"from \#(run.surroundings.home)"}]}"#
  }

  /// What a run of an example leaves behind.
  public static func trace(of example: Example, in place: RunManifest, repetition: Int) -> Trace {
    var manifest = place
    manifest.repetition = repetition
    let body = Array(requestBody(place).utf8)
    let digest = sha256(requestBody(place))
    let request = HTTPRequest(
      exchange: 1, connection: 1, scheme: "https", host: "api.anthropic.com", port: 443, via: ["tls"], method: "POST",
      target: "/v1/messages", version: "HTTP/1.1", headers: [.init(name: "Host", value: "api.anthropic.com")],
      body: Blob(sha256: digest, size: body.count))
    let events: [Event.Payload] = [
      .request(request), .output(Output(stream: .stdout, bytes: ByteString(example(place).utf8))),
    ]
    return Trace(
      id: "\(place.profile ?? "")-\(repetition)", manifest: manifest,
      events: events.enumerated().map { Event(sequence: $0.offset, time: 0, pid: 2, payload: $0.element) },
      blobs: [digest: body])
  }

  static func sha256(_ text: String) -> String { Hexadecimal.encode(SHA256.hash(data: Array(text.utf8))) }

  /// The local date at the start of a run.
  static func date(_ run: RunManifest, separator: String) -> String {
    let seconds = Int(CivilTime.epoch(rfc3339: run.started) ?? 0) + run.surroundings.utcOffset
    let date = CivilTime.Date(dayNumber: Int((Double(seconds) / 86_400).rounded(.down)))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(date.year)\(separator)\(two(date.month))\(separator)\(two(date.day))"
  }
}
