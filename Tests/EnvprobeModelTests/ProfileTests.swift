import EnvprobeModel
import Testing

@Suite struct ProfileTests {
  static let awkward: [Assignment] = [
    ProfileParserTests.completeAssignment,
    Assignment(),
    Assignment([.variable("A"): .variable("null"), .variable("B"): .variable("~"), .variable("C"): .variable("")]),
    Assignment([
      .variable("A"): .variable("- x"), .variable("B"): .variable("a: b # c"), .variable("C"): .variable(" x "),
    ]),
    Assignment([.variable("A"): .variable("two\nlines\n"), .variable("B"): .variable("\u{1B}[0m\t’\u{200B}")]),
    Assignment([.locale: .locale(.init(lang: "C", overrides: ["LC_TIME": "de_DE.UTF-8", "LANGUAGE": "de:en"]))]),
    Assignment([.proxy: .proxy(.init(https: "http://a.example:1", noProxy: ["*", ".b.example"]))]),
    Assignment([.network: .network(.init(address: "10.0.0.1", publicAddress: "2001:db8::1", country: "NO"))]),
    Assignment([.resolver: .resolver(.init(nameservers: ["::1", "1.1.1.1"]))]),
  ]

  @Test(arguments: awkward) func writtenAndReadBackIsTheSame(assignment: Assignment) throws {
    let profile = Profile(name: "x", description: "said: \"so\"", assignment: assignment)
    let document = try ProfileParser.parse(profile.yaml, file: "x.yaml")
    #expect(document.assignment == assignment)
    #expect(document.unset.isEmpty)
    #expect(document.description == profile.description)
  }

  @Test func isWrittenInTheOrderOfTheReference() {
    let profile = Profile(name: "cn-corp", assignment: ProfileParserTests.completeAssignment)
    #expect(
      profile.yaml == """
        schema: envprobe.profile/1
        name: cn-corp
        timezone: Asia/Shanghai
        locale: zh_CN.UTF-8
        hostname: dev-17.corp.example.cn
        proxy: http://proxy.corp.example.cn:8080
        endpoint: https://llm.corp.example.cn
        resolver:
          nameservers: [223.5.5.5]
          search: [corp.example.cn]
        mirrors:
          npm: https://npm.example.cn
          pip: https://pip.example.cn/simple
          go: https://goproxy.cn,direct
        identity:
          user: wei
          name: Wei Lin
          email: wei@corp.example.cn
        network:
          address: 10.32.4.17
          public_address: 203.0.113.7
          country: CN
        clock: 2026-06-30T04:00:00Z
        env:
          DEBUG: 1
          EMPTY: ""
          XMODIFIERS: '@im=fcitx'

        """)
  }
}
