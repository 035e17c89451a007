import EnvprobeModel
import Foundation
import Testing

@testable import EnvprobeWire

/// A request to the offline world.
func scenarioRequest(
  _ method: String, _ url: String, headers: [(String, String)] = [], body: String = ""
) -> ScenarioRequest {
  let rest = url.drop { $0 != "/" }.dropFirst(2)
  let host = String(rest.prefix { $0 != "/" })
  let target = String(rest.dropFirst(host.count))
  let head = RequestHead(
    method: method, target: target.isEmpty ? "/" : target, version: "HTTP/1.1",
    headers: headers.map { HTTPHeader(name: $0.0, value: $0.1) })
  return ScenarioRequest(scheme: "https", host: host, head: head, body: Array(body.utf8))
}

let testWorld = World(
  network: NetworkSetting(address: "10.32.4.17", publicAddress: "203.0.113.7", country: "CN"), now: 1_782_792_000,
  names: NameService(searchDomains: [], knownHosts: [], book: NameBook()))

extension Response {
  var text: String { String(decoding: body, as: UTF8.self) }
  func value(of name: String) -> String? { headers.first { $0.name.equalsIgnoringCase(name) }?.value }
}

@Suite struct ScenarioTests {
  private func answer(_ request: ScenarioRequest, by scenario: Scenario = .hello) -> Response {
    scenario.respond(to: request, in: testWorld)
  }

  // MARK: Quiet defaults

  @Test(arguments: [
    ("GET", 404, "{}"), ("HEAD", 404, "{}"), ("POST", 200, "{}"), ("PUT", 200, "{}"), ("DELETE", 200, "{}"),
    ("OPTIONS", 200, "{}"),
  ])
  func whatNobodyKnowsIsAnsweredQuietly(method: String, status: Int, body: String) {
    let response = answer(scenarioRequest(method, "https://unknown.example.com/some/path"))
    #expect(response.status == status)
    #expect(response.text == body)
    #expect(response.value(of: "content-type") == "application/json")
    #expect(response.source == "default")
  }

  @Test func websocketsToModelsAreRefused() {
    let upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")]
    let response = answer(scenarioRequest("GET", "https://api.openai.com/v1/responses", headers: upgrade))
    #expect(response.status == 426)
    #expect(response.source == "websocket")
  }

  // MARK: Where am I

  @Test(arguments: [
    ("https://api.ipify.org/", "203.0.113.7"), ("https://api.ipify.org/?format=json", #"{"ip":"203.0.113.7"}"#),
    ("http://ifconfig.me/", "203.0.113.7"), ("http://ifconfig.me/ip", "203.0.113.7\n"),
    ("https://icanhazip.com/", "203.0.113.7\n"), ("https://checkip.amazonaws.com/", "203.0.113.7\n"),
    ("https://ipinfo.io/country", "CN\n"), ("https://ipinfo.io/timezone", "Asia/Shanghai\n"),
    ("https://api.country.is/", #"{"ip":"203.0.113.7","country":"CN"}"#),
    ("http://clients3.google.com/generate_204", ""),
  ])
  func servicesThatTellWhereOneIsAnswerFromTheProfile(url: String, body: String) {
    #expect(answer(scenarioRequest("GET", url)).text == body)
  }

  @Test(arguments: [
    ("https://ipinfo.io/json", "country", "CN"), ("http://ip-api.com/json/", "countryCode", "CN"),
    ("https://ipapi.co/json/", "country_code", "CN"), ("https://ipwho.is/", "country_code", "CN"),
    ("https://api.ip.sb/geoip", "country_code", "CN"),
    ("https://get.geojs.io/v1/ip/geo.json", "timezone", "Asia/Shanghai"),
    ("https://freeipapi.com/api/json", "cityName", "Shanghai"), ("https://ifconfig.co/json", "country_iso", "CN"),
  ])
  func geographicServicesAnswerWellFormedJSON(url: String, key: String, value: String) throws {
    let response = answer(scenarioRequest("GET", url))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
    #expect(object[key] as? String == value)
    #expect(response.text.contains("203.0.113.7"))
  }

  @Test func traceIsTextInLines() {
    let response = answer(
      scenarioRequest("GET", "https://www.cloudflare.com/cdn-cgi/trace", headers: [("User-Agent", "ua/1")]))
    #expect(response.text.contains("\nip=203.0.113.7\n"))
    #expect(response.text.contains("\nloc=CN\n"))
    #expect(response.text.contains("\nuag=ua/1\n"))
    #expect(response.text.contains("\nts=1782792000.000\n"))
  }

  @Test func everyPlaceIsWhole() {
    #expect(GeographicPlace.all.count > 30)
    #expect(Set(GeographicPlace.all.map(\.country)).count == GeographicPlace.all.count)
    for place in GeographicPlace.all {
      #expect(place.country.count == 2 && place.timezone.contains("/") && Double(place.latitude) != nil)
      #expect(TimeZone(identifier: place.timezone) != nil, "\(place.timezone)")
    }
    #expect(GeographicPlace.inCountry("ZZ").countryName == "ZZ")
  }

  // MARK: DNS over HTTPS

  @Test func nameServiceOverHTTPS() throws {
    let question = DNSMessageTests.question
    var post = scenarioRequest("POST", "https://dns.example.com/dns-query")
    post.body = question
    let response = answer(post)
    #expect(response.value(of: "content-type") == "application/dns-message")
    let message = try #require(DNSMessage(response.body))
    #expect(message.id == 0x1234 && message.answers.count == 1)
    #expect(response.dnsQuery?.name == "api.example.com")

    let parameter = Base64.encode(question).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    #expect(answer(scenarioRequest("GET", "https://dns.example.com/dns-query?dns=\(parameter)")).body == response.body)

    let json = answer(scenarioRequest("GET", "https://dns.google/resolve?name=api.example.com&type=A")).text
    #expect(json.contains(#""Answer":[{"name":"api.example.com","type":1,"#))
  }

  // MARK: The file

  static let file = """
    schema: envprobe.scenario/1
    name: custom
    turns:
      - text: first
        tools:
          - name: Bash
            input: {command: date, count: 3, quiet: true, "n": null, list: [1.5, "2"]}
      - text: last
    side: aside
    models: [claude-x, gpt-x]
    rules:
      - name: mine
        match: {host: "*.example.com", path: ["/a/*", "/b"], method: post, header: {x-kind: "k*"}, query: {q: "1"}}
        answer: {status: 418, headers: {X-Y: z}, body: "from {{host}}"}
      - match: {path: /json}
        answer: {json: {country: "{{country}}", deep: [{"a": {"b": 1}}]}}
    """

  @Test func rulesMatchOnEveryPart() throws {
    let scenario = try Scenario(yaml: Self.file, file: "f.yaml")
    let good = scenarioRequest("POST", "https://one.example.com/a/b?q=1", headers: [("X-Kind", "kind")])
    let response = answer(good, by: scenario)
    #expect(response.status == 418)
    #expect(response.text == "from one.example.com")
    #expect(response.source == "mine")
    #expect(
      response.headers == [
        HTTPHeader(name: "Content-Type", value: "text/plain; charset=utf-8"), HTTPHeader(name: "X-Y", value: "z"),
      ])
    for bad in [
      scenarioRequest("GET", "https://one.example.com/a/b?q=1", headers: [("X-Kind", "kind")]),
      scenarioRequest("POST", "https://example.org/a/b?q=1", headers: [("X-Kind", "kind")]),
      scenarioRequest("POST", "https://one.example.com/c?q=1", headers: [("X-Kind", "kind")]),
      scenarioRequest("POST", "https://one.example.com/a/b?q=2", headers: [("X-Kind", "kind")]),
      scenarioRequest("POST", "https://one.example.com/a/b?q=1"),
    ] {
      #expect(answer(bad, by: scenario).source == "default")
    }
    #expect(
      answer(scenarioRequest("GET", "https://x/json"), by: scenario).text == #"{"country":"CN","deep":[{"a":{"b":1}}]}"#
    )
  }

  @Test func toolInputsKeepTheirTypesAndOrder() throws {
    let scenario = try Scenario(yaml: Self.file, file: "f.yaml")
    #expect(
      scenario.script.turns[0].tools[0].alternatives[0].input.text
        == #"{"command":"date","count":3,"quiet":true,"n":null,"list":[1.5,"2"]}"#)
  }

  @Test(arguments: [
    ("name: x", "f.yaml:1:1: no schema is named\nhint: envprobe.scenario/1"),
    ("schema: envprobe.scenario/2", "f.yaml:1:9: this schema is not known\nhint: expected envprobe.scenario/1"),
    ("schema: envprobe.scenario/1\nturn: []", "f.yaml:2:1: unknown key 'turn'\nhint: did you mean 'turns'?"),
    (
      "schema: envprobe.scenario/1\nrules:\n  - match: {hots: a}\n    answer: {status: 200}",
      "f.yaml:3:13: unknown key 'hots'\nhint: did you mean 'host'?"
    ),
    (
      "schema: envprobe.scenario/1\nrules:\n  - answer: {api: anthropic.message}",
      "f.yaml:3:19: unknown api 'anthropic.message'\nhint: did you mean 'anthropic.messages'?"
    ),
    (
      "schema: envprobe.scenario/1\nrules:\n  - answer: {status: 99}",
      "f.yaml:3:22: a status is a number from 200 to 599"
    ),
    (
      "schema: envprobe.scenario/1\nrules:\n  - answer: {body: \"{{contry}}\"}",
      "f.yaml:3:20: unknown place '{{contry}}'\nhint: did you mean '{{country}}'?"
    ),
    ("schema: envprobe.scenario/1\nrules:\n  - match: {}", "f.yaml:3:5: a rule has no answer"),
    ("schema: envprobe.scenario/1\nturns:\n  - {}", "f.yaml:3:5: a turn has neither text nor tools"),
    ("schema: envprobe.scenario/1\nturns: 3", "f.yaml:2:8: expected a list"),
    ("", "f.yaml:1:1: the file is empty"),
  ])
  func errorsSayWhere(yaml: String, expected: String) {
    do throws(ScenarioError) {
      _ = try Scenario(yaml: yaml, file: "f.yaml")
      Issue.record("no error")
    } catch {
      #expect(error.description == expected)
    }
  }

  @Test(arguments: ["a: [", "\t", "a: b: c", "&a *a", "- \u{1}"]) func whatIsNoYAMLIsAnError(yaml: String) {
    #expect(throws: ScenarioError.self) { try Scenario(yaml: yaml, file: "f.yaml") }
  }

  @Test func survivesAnyText() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<300 {
      var bytes = Array(Self.file.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 9...126, using: &generator)
      }
      _ = try? Scenario(yaml: String(decoding: bytes, as: UTF8.self), file: "f.yaml")
    }
  }

  @Test(arguments: [
    ("*", "", true), ("*", "abc", true), ("abc", "abc", true), ("abc", "abcd", false), ("a*", "a", true),
    ("*c", "abc", true),
    ("a*c", "ac", true), ("a*c", "abcd", false), ("*b*", "abc", true), ("a*b*c", "aXbYc", true),
    ("a*b*c", "aXcYb", false),
    ("*/messages", "/v1/messages", true), ("*.example.com", "example.com", false), ("ab*ba", "aba", false),
    ("", "", true),
    ("", "a", false),
  ])
  func starsStandForAnything(pattern: String, text: String, expected: Bool) {
    #expect(Glob(pattern).matches(text) == expected)
  }

  @Test func jsonIsEscaped() {
    #expect(JSON.string("a\"\\\n\u{1}é").text == #""a\"\\\n\u0001é""#)
    #expect(JSON.number(.infinity).text == "null")
  }

  @Test func nothingAnsweredNamesTheTool() {
    for text in [Scenario.commonRulesText] + Scenario.bundledTexts.map(\.text) {
      let bodies = text.split(separator: "\n").filter { !$0.contains("schema:") }.joined()
      #expect(!bodies.lowercased().contains("envprobe"))
    }
  }
}
