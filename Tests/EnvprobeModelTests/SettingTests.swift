import EnvprobeModel
import Testing

@Suite struct SettingTests {
  static let settings: [(String, Factor, Level?)] = [
    ("timezone=Asia/Shanghai", .timezone, .timezone("Asia/Shanghai")),
    ("endpoint=", .endpoint, nil),
    ("endpoint=https://gw.example.com/", .endpoint, .endpoint("https://gw.example.com")),
    ("locale=de_DE.UTF-8", .locale, .locale(.init(lang: "de_DE.UTF-8"))),
    (
      "locale={LANG: C, LC_TIME: de_DE.UTF-8}", .locale,
      .locale(.init(lang: "C", overrides: ["LC_TIME": "de_DE.UTF-8"]))
    ),
    ("proxy=http://p.example:1", .proxy, .proxy(.init(url: "http://p.example:1"))),
    ("proxy={all: 'socks5://p.example:1'}", .proxy, .proxy(.init(all: "socks5://p.example:1"))),
    ("env.FOO=bar", .variable("FOO"), .variable("bar")),
    ("env.FOO=a=b, {c: d} # e", .variable("FOO"), .variable("a=b, {c: d} # e")),
    ("env.FOO=@im=fcitx", .variable("FOO"), .variable("@im=fcitx")),
    ("env.FOO=~", .variable("FOO"), .variable("~")),
    ("env.FOO=\"\"", .variable("FOO"), .variable("")),
    ("env.FOO=", .variable("FOO"), nil),
    ("resolver={nameservers: [1.1.1.1]}", .resolver, .resolver(.init(nameservers: ["1.1.1.1"]))),
    ("mirrors={npm: https://npm.example.com}", .mirrors, .mirrors(["npm": "https://npm.example.com"])),
    (
      "network={address: 10.1.2.3, public_address: 203.0.113.7, country: CN}", .network,
      .network(.init(address: "10.1.2.3", publicAddress: "203.0.113.7", country: "CN"))
    ),
    ("mirrors=~", .mirrors, nil),
  ]

  @Test(arguments: settings.indices) func reads(setting index: Int) throws {
    let (text, factor, level) = Self.settings[index]
    #expect(try Setting(parsing: text) == Setting(factor: factor, level: level))
  }

  static let mistakes: [(String, String)] = [
    ("timezone", "--set timezone: write factor=value, such as timezone=Asia/Shanghai"),
    ("timezne=UTC", "--set: unknown factor 'timezne' (did you mean 'timezone'?)"),
    (
      "FOO=bar",
      "--set: unknown factor 'FOO' (known: timezone, locale, hostname, proxy, endpoint, resolver, mirrors, identity, "
        + "network, clock, env.NAME)"
    ),
    (
      "env.=x",
      "--set: unknown factor 'env.' (known: timezone, locale, hostname, proxy, endpoint, resolver, mirrors, "
        + "identity, network, clock, env.NAME)"
    ),
    ("env.A B=x", "--set: 'A B' is no name of an environment variable; write letters, digits and _"),
    ("env.LANG=C", "--set: LANG belongs to the factor 'locale'; set that instead"),
    (
      "timezone=Mars/Base",
      "--set timezone: unknown time zone area 'Mars'; write a zone of the IANA database, such as Asia/Shanghai"
    ),
    (
      "network={adress: 10.1.2.3, public_address: 1.2.3.4, country: CN}",
      "--set network: unknown key 'adress' (did you mean 'address'?)"
    ),
    (
      "network=10.1.2.3",
      "--set network: 'network' is a map, not text; write {address: 10.32.4.17, public_address: 203.0.113.7, country: CN}"
    ),
    ("network={address", "--set network: not YAML: did not find expected ',' or '}'"),
  ]

  @Test(arguments: mistakes.indices) func saysWhatIsWrong(mistake index: Int) {
    let (text, expected) = Self.mistakes[index]
    let error = #expect(throws: ProfileError.self) { try Setting(parsing: text) }
    #expect(error?.description == expected)
  }

  /// What a report says to type is what is read.
  @Test(arguments: settings.indices) func writtenAndReadBackIsTheSame(setting index: Int) throws {
    let (_, factor, level) = Self.settings[index]
    let setting = Setting(factor: factor, level: level)
    #expect(try Setting(parsing: setting.description) == setting)
  }

  @Test func appliesToAnAssignment() throws {
    var assignment = Assignment([.endpoint: .endpoint("https://a.example"), .timezone: .timezone("UTC")])
    assignment.apply(try Setting(parsing: "endpoint="))
    assignment.apply(try Setting(parsing: "timezone=Asia/Tokyo"))
    #expect(assignment == Assignment([.timezone: .timezone("Asia/Tokyo")]))
  }
}
