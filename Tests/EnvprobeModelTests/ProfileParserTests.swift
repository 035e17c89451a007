import EnvprobeModel
import Testing

@Suite struct ProfileParserTests {
  static let complete = """
    schema: envprobe.profile/1
    name: cn-corp
    description: Developer in Shanghai behind a corporate gateway
    extends: cn                       # optional
    timezone: Asia/Shanghai
    locale: zh_CN.UTF-8
    hostname: dev-17.corp.example.cn
    proxy: http://proxy.corp.example.cn:8080
    endpoint: https://llm.corp.example.cn
    resolver: {nameservers: [223.5.5.5], search: [corp.example.cn]}
    mirrors: {npm: https://npm.example.cn, pip: https://pip.example.cn/simple, go: "https://goproxy.cn,direct"}
    identity: {user: wei, name: Wei Lin, email: wei@corp.example.cn}
    network: {address: 10.32.4.17, public_address: 203.0.113.7, country: CN}
    clock: 2026-06-30T04:00:00Z
    env: {XMODIFIERS: "@im=fcitx", DEBUG: 1, EMPTY: ""}
    """

  static let completeAssignment = Assignment([
    .timezone: .timezone("Asia/Shanghai"),
    .locale: .locale(.init(lang: "zh_CN.UTF-8")),
    .hostname: .hostname("dev-17.corp.example.cn"),
    .proxy: .proxy(.init(url: "http://proxy.corp.example.cn:8080")),
    .endpoint: .endpoint("https://llm.corp.example.cn"),
    .resolver: .resolver(.init(nameservers: ["223.5.5.5"], search: ["corp.example.cn"])),
    .mirrors: .mirrors([
      "npm": "https://npm.example.cn", "pip": "https://pip.example.cn/simple", "go": "https://goproxy.cn,direct",
    ]),
    .identity: .identity(.init(user: "wei", name: "Wei Lin", email: "wei@corp.example.cn")),
    .network: .network(.init(address: "10.32.4.17", publicAddress: "203.0.113.7", country: "CN")),
    .clock: .clock("2026-06-30T04:00:00Z"),
    .variable("XMODIFIERS"): .variable("@im=fcitx"),
    .variable("DEBUG"): .variable("1"),
    .variable("EMPTY"): .variable(""),
  ])

  @Test func readsEveryFactor() throws {
    let document = try ProfileParser.parse(Self.complete, file: "profiles/x.yaml")
    #expect(document.name == "cn-corp")
    #expect(document.description == "Developer in Shanghai behind a corporate gateway")
    #expect(document.extends == "cn")
    #expect(document.extendsPlace == .init(line: 4, column: 10))
    #expect(document.assignment == Self.completeAssignment)
    #expect(document.unset.isEmpty)
    #expect(Set(document.assignment.factors.prefix(10)) == Set(Factor.keyed))
  }

  @Test func namesAProfileAfterItsFileWhereItHasNoName() throws {
    #expect(try ProfileParser.parse("timezone: UTC", file: "a/b/mine.yml").name == "mine")
    #expect(try ProfileParser.parse("timezone: UTC", file: "mine.yaml").name == "mine")
  }

  static let forms: [(String, Factor, Level)] = [
    (
      "locale: {LANG: de_DE.UTF-8, LC_TIME: C, LANGUAGE: 'de:en'}", .locale,
      .locale(.init(lang: "de_DE.UTF-8", overrides: ["LC_TIME": "C", "LANGUAGE": "de:en"]))
    ),
    ("locale: sr_RS.UTF-8@latin", .locale, .locale(.init(lang: "sr_RS.UTF-8@latin"))),
    ("locale: POSIX", .locale, .locale(.init(lang: "POSIX"))),
    ("timezone: America/Argentina/Buenos_Aires", .timezone, .timezone("America/Argentina/Buenos_Aires")),
    ("timezone: Etc/GMT+8", .timezone, .timezone("Etc/GMT+8")),
    ("timezone: UTC", .timezone, .timezone("UTC")),
    (
      "proxy: {all: 'socks5h://user:secret@[::1]:1080', no_proxy: [localhost, .example.com, 10.0.0.0/8]}", .proxy,
      .proxy(.init(all: "socks5h://user:secret@[::1]:1080", noProxy: ["localhost", ".example.com", "10.0.0.0/8"]))
    ),
    ("proxy: http://proxy.example.com:8080/", .proxy, .proxy(.init(url: "http://proxy.example.com:8080"))),
    ("endpoint: https://gw.example.com:8443/v1/", .endpoint, .endpoint("https://gw.example.com:8443/v1")),
    ("endpoint: http://192.0.2.1:80", .endpoint, .endpoint("http://192.0.2.1:80")),
    (
      "resolver: {nameservers: ['2001:db8::1', 9.9.9.9]}", .resolver,
      .resolver(.init(nameservers: ["2001:db8::1", "9.9.9.9"]))
    ),
    (
      "network: {address: 10.0.0.1, public_address: '2001:db8::7', country: NO}", .network,
      .network(.init(address: "10.0.0.1", publicAddress: "2001:db8::7", country: "NO"))
    ),
    ("clock: 2024-02-29T23:59:59.25Z", .clock, .clock("2024-02-29T23:59:59.25Z")),
    ("env: {ON: yes}", .variable("ON"), .variable("yes")),
    ("env: {TEXT: \"a\\nb\"}", .variable("TEXT"), .variable("a\nb")),
  ]

  @Test(arguments: forms.indices) func reads(form index: Int) throws {
    let (text, factor, level) = Self.forms[index]
    #expect(try ProfileParser.parse(text, file: "p.yaml").assignment == Assignment([factor: level]))
  }

  @Test(arguments: ["endpoint:", "endpoint: ~", "endpoint: null"])
  func takesAFactorAwayThatHasNoValue(text: String) throws {
    let document = try ProfileParser.parse("name: x\n" + text, file: "p.yaml")
    #expect(document.unset == [.endpoint])
    #expect(document.assignment == Assignment())
  }

  static let mistakes: [(String, String)] = [
    ("", "p.yaml: the file is empty; write at least one factor"),
    ("# nothing but a comment\n", "p.yaml: the file is empty; write at least one factor"),
    ("- timezone", "p.yaml:1:1: a profile is a map of factors, not a list"),
    ("timezone", "p.yaml:1:1: a profile is a map of factors, not text"),
    ("timezne: UTC", "p.yaml:1:1: unknown key 'timezne' (did you mean 'timezone'?)"),
    ("name: x\n\n  \nlocal: C", "p.yaml:4:1: unknown key 'local' (did you mean 'locale'?)"),
    (
      "wibble: 1",
      "p.yaml:1:1: unknown key 'wibble' (known: schema, name, description, extends, timezone, locale, hostname, proxy, "
        + "endpoint, resolver, mirrors, identity, network, clock, env)"
    ),
    ("? [a]\n: b", "p.yaml:1:3: a key is text, not a list"),
    (
      "schema: envprobe.profile/2",
      "p.yaml:1:9: unknown schema 'envprobe.profile/2'; this envprobe reads envprobe.profile/1"
    ),
    ("name: a b", "p.yaml:1:7: 'a b' is no profile name; write letters, digits, '.', '_' and '-'"),
    ("name: [a]", "p.yaml:1:7: 'name' is text, not a list"),
    ("extends: ''", "p.yaml:1:10: 'extends' names a profile or a path"),
    ("timezone: [UTC]", "p.yaml:1:11: 'timezone' is text, not a list"),
    ("timezone: {zone: UTC}", "p.yaml:1:11: 'timezone' is text, not a map"),
    (
      "timezone: UTC+8",
      "p.yaml:1:11: unknown time zone 'UTC+8'; write a zone of the IANA database, such as Asia/Shanghai"
    ),
    (
      "timezone: Asia/Shang hai",
      "p.yaml:1:11: 'Asia/Shang hai' is no time zone name; write one of the IANA database, such as Asia/Shanghai"
    ),
    ("timezone: Aisa/Shanghai", "p.yaml:1:11: unknown time zone area 'Aisa' (did you mean 'Asia'?)"),
    (
      "timezone: ../../etc/passwd",
      "p.yaml:1:11: '../../etc/passwd' is no time zone name; write one of the IANA database, such as Asia/Shanghai"
    ),
    ("timezone: Singapor", "p.yaml:1:11: unknown time zone 'Singapor' (did you mean 'Singapore'?)"),
    ("locale: zh-CN", "p.yaml:1:9: 'zh-CN' is no locale; write language_COUNTRY.CODESET, such as zh_CN.UTF-8"),
    ("locale: zh_CN", "p.yaml:1:9: 'zh_CN' names no codeset; write zh_CN.UTF-8"),
    (
      "locale: zh_cn.UTF-8",
      "p.yaml:1:9: 'zh_cn.UTF-8' is no locale; write language_COUNTRY.CODESET, such as zh_CN.UTF-8"
    ),
    ("locale: [C]", "p.yaml:1:9: 'locale' is a map, not a list; write {LANG: zh_CN.UTF-8, LC_TIME: en_US.UTF-8}"),
    ("locale: {LC_TIME: C}", "p.yaml:1:9: 'locale' lacks LANG, the locale of what is not set apart"),
    ("locale:\n  LANG: C\n  LC_TIM: C", "p.yaml:3:3: unknown key 'LC_TIM' (did you mean 'LC_TIME'?)"),
    (
      "locale: {LANG: C, LANGUAGE: 'a b'}",
      "p.yaml:1:29: 'a b' is no list of languages; write them by preference, such as zh_CN:en_US"
    ),
    ("hostname: a_b", "p.yaml:1:11: 'a_b' is no host name; write letters, digits and '-' between dots"),
    ("hostname: -a.example", "p.yaml:1:11: '-a.example' is no host name; write letters, digits and '-' between dots"),
    (
      "hostname: example..com",
      "p.yaml:1:11: 'example..com' is no host name; write letters, digits and '-' between dots"
    ),
    (
      "hostname: \(String(repeating: "a.", count: 32))b",
      "p.yaml:1:11: '\(String(repeating: "a.", count: 32))b' is longer than the 64 bytes that the kernel has for a host name"
    ),
    (
      "proxy: proxy.example.com:8080",
      "p.yaml:1:8: 'proxy.example.com:8080' is no proxy URL; write one such as http://proxy.example.com:8080"
    ),
    (
      "proxy: ftp://proxy.example.com",
      "p.yaml:1:8: unknown proxy scheme 'ftp' (known: http, https, socks4, socks4a, socks5, socks5h)"
    ),
    ("proxy: socks://proxy.example.com", "p.yaml:1:8: unknown proxy scheme 'socks' (did you mean 'socks4'?)"),
    (
      "proxy: http://proxy.example.com:99999",
      "p.yaml:1:8: 'http://proxy.example.com:99999' is no proxy URL; write one such as http://proxy.example.com:8080"
    ),
    ("proxy: http://proxy.example.com/x", "p.yaml:1:8: a proxy URL has no path: 'http://proxy.example.com/x'"),
    ("proxy: {no_proxy: [localhost]}", "p.yaml:1:8: 'proxy' names no proxy; write at least one of http, https and all"),
    ("proxy: {htp: http://p.example.com}", "p.yaml:1:9: unknown key 'htp' (did you mean 'http'?)"),
    (
      "proxy: {all: 'http://p.example.com', no_proxy: localhost}",
      "p.yaml:1:48: 'proxy.no_proxy' is a list, not text; write [localhost]"
    ),
    (
      "endpoint: gw.example.com",
      "p.yaml:1:11: 'gw.example.com' is no base URL; write one such as https://gw.example.com"
    ),
    ("endpoint: https://a b", "p.yaml:1:11: 'https://a b' is no base URL; write one such as https://gw.example.com"),
    ("endpoint: https://me:pw@gw.example.com", "p.yaml:1:11: a base URL bears no credentials; take 'me:pw@' out"),
    (
      "endpoint: https://gw.example.com/?a=b",
      "p.yaml:1:11: a base URL has no query and no fragment: 'https://gw.example.com/?a=b'"
    ),
    (
      "resolver: 1.1.1.1",
      "p.yaml:1:11: 'resolver' is a map, not text; write {nameservers: [223.5.5.5], search: [corp.example.cn]}"
    ),
    ("resolver: {search: [example.com]}", "p.yaml:1:11: 'resolver' lacks 'nameservers'"),
    ("resolver: {nameservers: 1.1.1.1}", "p.yaml:1:25: 'resolver.nameservers' is a list, not text; write [223.5.5.5]"),
    ("resolver: {nameservers: [1.1.1]}", "p.yaml:1:26: '1.1.1' is no IP address; write one such as 223.5.5.5"),
    ("resolver: {nameservers: []}", "p.yaml:1:25: 'resolver.nameservers' holds one to three addresses, not 0"),
    (
      "resolver: {nameservers: [1.1.1.1], search: [a_b]}",
      "p.yaml:1:45: 'a_b' is no domain; write one such as corp.example.com"
    ),
    ("mirrors: {nmp: https://x.example}", "p.yaml:1:11: unknown key 'nmp' (did you mean 'npm'?)"),
    ("mirrors: {}", "p.yaml:1:10: 'mirrors' names no mirror (known: npm, pip, go, huggingface, cargo)"),
    (
      "mirrors: {npm: direct}",
      "p.yaml:1:16: 'direct' is no URL of a package index; write one such as https://npm.example.com"
    ),
    (
      "identity: {user: Wei, name: Wei Lin, email: wei@example.cn}",
      "p.yaml:1:18: 'Wei' is no login name; write lower-case letters, digits, _ and -, such as wei"
    ),
    (
      "identity: {user: root, name: Root, email: root@example.cn}",
      "p.yaml:1:18: the program never runs as root; name an ordinary user"
    ),
    (
      "identity: {user: wei, name: 'Wei: Lin', email: wei@example.cn}",
      #"p.yaml:1:29: 'Wei: Lin' is no person's name; leave out : , < > " and \"#
    ),
    (
      "identity: {user: wei, name: Wei Lin, email: wei}",
      "p.yaml:1:45: 'wei' is no mail address; write one such as wei@corp.example.cn"
    ),
    ("identity: {user: wei}", "p.yaml:1:11: 'identity' lacks 'name'\np.yaml:1:11: 'identity' lacks 'email'"),
    (
      "network: {address: 10.0.0.256, public_address: 1.2.3.4, country: CN}",
      "p.yaml:1:20: '10.0.0.256' is no IPv4 address; write one such as 10.32.4.17"
    ),
    (
      "network: {address: 127.0.0.1, public_address: 1.2.3.4, country: CN}",
      "p.yaml:1:20: '127.0.0.1' cannot be the address of an interface"
    ),
    (
      "network: {address: 10.0.0.1, public_address: 1.2.3.4, country: cn}",
      "p.yaml:1:64: 'cn' is no country code; write 'CN'"
    ),
    (
      "network: {address: 10.0.0.1, public_address: 1.2.3.4, country: China}",
      "p.yaml:1:64: 'China' is no country code; write two letters of ISO 3166-1, such as CN"
    ),
    (
      "network: {adress: 10.0.0.1, public_address: 1.2.3.4, country: CN}",
      "p.yaml:1:11: unknown key 'adress' (did you mean 'address'?)"
    ),
    (
      "clock: yesterday",
      "p.yaml:1:8: 'yesterday' is no instant; write it in UTC as RFC 3339 has it: 2026-06-30T04:00:00Z"
    ),
    (
      "clock: 2026-06-30T04:00:00+08:00",
      "p.yaml:1:8: '2026-06-30T04:00:00+08:00' is no instant; write it in UTC as RFC 3339 has it: 2026-06-30T04:00:00Z"
    ),
    (
      "clock: 2025-02-29T04:00:00Z",
      "p.yaml:1:8: '2025-02-29T04:00:00Z' is no instant; write it in UTC as RFC 3339 has it: 2026-06-30T04:00:00Z"
    ),
    ("env: X=1", "p.yaml:1:6: 'env' is a map, not text; write {NAME: value}"),
    ("env: {1X: 1}", "p.yaml:1:7: '1X' is no name of an environment variable; write letters, digits and _"),
    ("env: {TZ: UTC}", "p.yaml:1:7: TZ belongs to the factor 'timezone'; set that instead"),
    ("env: {https_proxy: x}", "p.yaml:1:7: https_proxy belongs to the factor 'proxy'; set that instead"),
    ("env: {OPENAI_BASE_URL: x}", "p.yaml:1:7: OPENAI_BASE_URL belongs to the factor 'endpoint'; set that instead"),
    ("env: {X: [1]}", "p.yaml:1:10: 'env.X' is text, not a list"),
    ("env: {X: \"a\\0b\"}", "p.yaml:1:10: an environment variable cannot hold a NUL"),
    ("timezone: UTC\ntimezone: UTC", "p.yaml:1:1: the key 'timezone' is there twice; keep one"),
    ("network:\n  country: CN\n  country: CN", "p.yaml:2:3: the key 'country' is there twice; keep one"),
    ("timezone: 'UTC", "p.yaml:1:15: not YAML: found unexpected end of stream"),
    ("env: {A: *nothing}", "p.yaml:1:10: not YAML: found undefined alias"),
    ("timezone: UTC\n---\ntimezone: UTC", "p.yaml:2:1: not YAML: but found another document"),
    ("timezone: U\u{1}", "p.yaml:1:12: not YAML: control characters are not allowed"),
    (
      "locle: C\ntimezone: Aisa/Tokyo\nnetwork:\n  adress: x\n  country: xx",
      """
      p.yaml:1:1: unknown key 'locle' (did you mean 'locale'?)
      p.yaml:2:11: unknown time zone area 'Aisa' (did you mean 'Asia'?)
      p.yaml:4:3: unknown key 'adress' (did you mean 'address'?)
      p.yaml:5:12: 'xx' is no country code; write two letters of ISO 3166-1, such as CN
      """
    ),
  ]

  @Test(arguments: mistakes.indices) func saysWhatIsWrongAndWhere(mistake index: Int) {
    let (text, expected) = Self.mistakes[index]
    let error = #expect(throws: ProfileError.self) { try ProfileParser.parse(text, file: "p.yaml") }
    #expect(error?.description == expected)
  }

  /// Random bytes and torn files must end in a document or in problems, never in a trap.
  @Test func survivesTornFiles() {
    let bytes = Array(Self.complete.utf8)
    var generator = SplitMix(state: 42)
    for _ in 0..<500 {
      var torn = bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        torn[Int.random(in: 0..<torn.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      torn.removeLast(Int.random(in: 0..<torn.count, using: &generator))
      _ = try? ProfileParser.parse(String(decoding: torn, as: UTF8.self), file: "p.yaml")
    }
  }
}

/// A seeded generator, so that a failure can be seen again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
