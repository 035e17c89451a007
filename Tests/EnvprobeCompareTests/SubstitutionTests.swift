import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct SubstitutionTests {
  static func substitute(_ place: SyntheticPlace, _ text: String) -> String {
    let run = SyntheticTrace(place, repetition: 1)
    var substitution = Substitution(manifest: run.trace.manifest, duration: 2)
    return substitution(text)
  }

  /// 1,782,792,007 s: 2026-06-30 04:00:07 UTC, a Tuesday; 00:00:07 in New York, 12:00:07 in Shanghai.
  @Test(arguments: [
    ("Today is 2026-06-30.", "Today is <local-date:Y-m-d>."),
    ("Today is 2026/06/30.", "Today is <local-date:Y/m/d>."),
    ("2026\u{2010}06\u{2010}30", "<local-date:Y\u{2010}m\u{2010}d>"),
    ("30.06.2026", "<local-date:d.m.Y>"),
    ("06/30/2026", "<local-date:m/d/Y>"),
    ("6/30/26, 12:00 PM", "<instant:n/d/y, h:M p>"),
    ("20260630", "<local-date:Ymd>"),
    ("20260630T040007Z", "<instant:YmdTHMSZ>"),
    ("June 30, 2026", "<local-date:B d, Y>"),
    ("Jun 30 2026", "<local-date:b d Y>"),
    ("30 June 2026", "<local-date:d B Y>"),
    ("Tuesday, June 30, 2026", "<local-date:A, B d, Y>"),
    ("JUNE 30th", "<local-date:^B dth>"),
    ("2026年6月30日", "<local-date:Y年n月j日>"),
    ("2026-06-30T04:00:07Z", "<instant:Y-m-dTH:M:SZ>"),
    ("2026-06-30T04:00:07.123Z", "<instant:Y-m-dTH:M:S.3Z>"),
    ("2026-06-30T04:00:07.12345Z", "<instant:Y-m-dTH:M:S.6Z>"),
    ("2026-06-30T12:00:07+08:00", "<instant:Y-m-dTH:M:S±hh:mm>"),
    ("2026-06-30 12:00:07", "<instant:Y-m-d H:M:S>"),
    ("Tue, 30 Jun 2026 04:00:07 GMT", "<instant:a, d b Y H:M:S GMT>"),
    ("Tue Jun 30 12:00:07 CST 2026", "<instant:a b d H:M:S X Y>"),
    ("at 12:00:08", "at <instant:H:M:S>"),
    ("1782792007", "<instant:epoch-s>"),
    ("1782792007123", "<instant:epoch-ms>"),
    ("1782792007.123456", "<instant:epoch-s.f>"),
    ("x=1782792007123456789;", "x=<instant:epoch-ns>;"),
    ("zone CST", "zone <zone-abbreviation>"),
    ("GMT+0800 (China)", "GMT<utc-offset:±hhmm> (China)"),
    ("-480", "<utc-offset:-minutes>"),
    ("28800", "<utc-offset:seconds>"),
    ("offset=28800 name=CST", "offset=<utc-offset:seconds> name=<zone-abbreviation>"),
    ("Asia/Shanghai -480\n", "<timezone> <utc-offset:-minutes>\n"),
    ("took 3.480 s, 2026-480, v480.1, /480/", "took 3.480 s, 2026-480, v480.1, /480/"),
  ]) func clockInShanghai(_ text: String, _ expected: String) {
    #expect(Self.substitute(.cn, text) == expected)
  }

  /// Not the run's own time, or no time at all.
  @Test(arguments: [
    "2025-01-31", "2026-07-30", "1999-12-31T04:00:07Z", "05:31:00", "version 2026.1", "1234567890", "abc2026-06-30x",
    "1.2.3", "12:61", "May the force", "17827920071", "2026-06-30T19:00:07Z-", "it’s - “x” \u{200B}",
  ]) func leavesAlone(_ text: String) {
    let result = Self.substitute(.cn, text)
    // A date within a longer text that is not a time of the run may still be a date of it.
    if text.hasPrefix("2026-06-30T19") {
      #expect(!result.contains("instant"))
    } else {
      #expect(result == text)
    }
  }

  @Test(arguments: [
    ("Asia/Shanghai", "<timezone>"), ("asia/shanghai", "<timezone|lower>"), ("Asia%2FShanghai", "<timezone|url>"),
    ("Asia\\/Shanghai", "<timezone|json>"), ("x\\nAsia/Shanghai", "x\\n<timezone>"),
    ("tz=Asia%2FShanghai&", "tz=<timezone|url>&"),
    ("%20Asia%2FShanghai", "%20<timezone|url>"),
    (Base64.encode(Array("Asia/Shanghai".utf8)), "<timezone|base64>"), ("417369612f5368616e67686169", "<timezone|hex>"),
    ("Asia/ShanghaiX", "Asia/ShanghaiX"), ("EuroAsia/Shanghai", "EuroAsia/Shanghai"),
    ("zh_CN.UTF-8", "<locale>"), ("zh_CN", "<locale:ll_CC>"), ("zh-CN,zh;q=0.9", "<locale:ll-CC><language;>q=0.9"),
    ("zh", "<language>"), ("a zh b", "a zh b"), ("CN", "<country>"), ("CNN", "CNN"), ("in CN now", "in CN now"),
    ("https://llm.bigcorp.cn:8443/api/v1", "<endpoint>/v1"), ("llm.bigcorp.cn:8443", "<endpoint-host>"),
    ("host llm.bigcorp.cn.", "host <endpoint-host>."), ("LLM.BIGCORP.CN", "<endpoint-host|upper>"),
    ("/home/ucc/work/x", "<cwd>/x"), ("/home/ucc/.cache", "<home>/.cache"), ("-home-ucc-work", "<cwd-dashed>"),
    ("ucc", "<user>"), ("ucc@lan.example.net", "<email>"), ("dev-cc.lan.example.net", "<hostname>"),
    ("dev-cc", "<hostname-short>"),
    ("10.9.99.1", "<nameserver-1>"), ("10.0.99.17", "<address>"), ("203.0.113.99", "<public-address>"),
  ]) func values(_ text: String, _ expected: String) {
    #expect(Self.substitute(.cnCorp, text) == expected)
  }

  @Test func hashes() throws {
    let run = SyntheticTrace(.cnCorp, repetition: 1)
    var substitution = Substitution(manifest: run.trace.manifest, duration: 2)
    var digest = BinaryDigest()
    digest.update(Array("https://llm.bigcorp.cn:8443/api".utf8))
    let hex = digest.hex
    #expect(substitution("id=\(hex)") == "id=<sha256(endpoint)>")
    #expect(substitution("id-\(hex.prefix(12))") == "id-<sha256(endpoint)[0:12]>")
    #expect(substitution("\(hex.prefix(12).uppercased())") == "<sha256(endpoint)[0:12]|upper>")
    #expect(substitution("\(hex.prefix(7))") == "\(hex.prefix(7))")
    #expect(substitution("\(hex.prefix(11))0") == "\(hex.prefix(11))0" || hex.prefix(12).last == "0")
  }

  @Test func placeholdersCanBeUndone() {
    var run = RunObservations(id: "x", assignment: Assignment())
    run.seal(echoes: ["<timezone>": "Asia/Shanghai", "<user>": "wei"])
    #expect(run.unsubstituted("a <timezone> <b> <user>> <") == "a Asia/Shanghai <b> wei> <")
  }

  /// The same program in two places, whose local dates differ.
  @Test func midnightDoesNotShow() {
    var us = SyntheticTrace(.us, repetition: 1)
    us.start -= 3600
    var substitution = Substitution(manifest: us.trace.manifest, duration: 2)
    #expect(us.date() == "2026-06-29")
    #expect(substitution("Today is \(us.date()).") == Self.substitute(.cn, "Today is 2026-06-30."))
  }
}
