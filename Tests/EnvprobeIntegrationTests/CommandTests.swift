import EnvprobeModel
import EnvprobeTestSupport
import Foundation
import Testing

/// `show`, `compare` and `profiles`, as a user calls them.
@Suite(.asRoot) struct CommandTests {
  @Test func aRunIsShown() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let script = "cat /etc/hostname; echo text > note; getent hosts example.com >/dev/null; exit 3"
      let run = try folder.envprobe(["run", "--profile", "jp", "--out", "r", "--", "/bin/sh", "-c", script])
      #expect(run.status == 3 && run.output == "dev-17.corp.example.jp\n")
      for part in ["exit status 3", "profile jp", "example.com", "note", "envprobe show r"] {
        #expect(run.errorOutput.contains(part), "\(part) in: \(run.errorOutput)")
      }
      let text = try folder.envprobe(["show", "r"])
      #expect(text.status == 0)
      for part in ["/etc/hostname", "example.com", "getent", "exit status 3", "+ \(folder.work)/note"] {
        #expect(text.output.contains(part), "\(part) in: \(text.output)")
      }
      let json = try folder.envprobe(["show", "r", "--json"])
      #expect(json.status == 0)
      let object = try #require(try JSONSerialization.jsonObject(with: json.outputBytes) as? [String: Any])
      #expect(Set(object.keys).isSuperset(of: ["files", "environment", "diagnostics"]))
    }
  }

  @Test func storedRunsAreCompared() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      for (profile, status) in [("us", "0"), ("cn", "0"), ("sg", "0")] {
        for repetition in 1...2 {
          let script = "case $TZ in Asia/Shanghai) echo 'it’s here';; *) echo \"it's here\";; esac; exit \(status)"
          let run = try folder.envprobe(
            ["run", "-q", "--profile", profile, "--out", "\(profile)-\(repetition)", "--", "/bin/sh", "-c", script])
          #expect(run.status == 0)
        }
      }
      let different = try folder.envprobe(
        ["compare", "--format", "json", "us-1", "us-2", "sg-1", "sg-2", "cn-1", "cn-2"])
      #expect(different.status == 1, "\(different.errorOutput)")
      let report = try Envprobe.report(different)
      let finding = try #require(report.geographic.first)
      #expect(report.geographic.count == 1 && finding.channel == .stdout)
      #expect(finding.causes.allSatisfy { $0.contains(.timezone) })
      #expect(finding.differences.map { $0.codepoints.after } == [["U+2019 RIGHT SINGLE QUOTATION MARK"]])
      #expect(try folder.envprobe(["compare", "us-1", "us-2", "sg-1", "sg-2"]).status == 0)
      let text = try folder.envprobe(["compare", "us-1", "us-2", "cn-1", "cn-2"])
      #expect(text.status == 1 && text.output.contains("U+2019"))
    }
  }

  @Test func profilesAreListedShownAndChecked() async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      let list = try folder.envprobe(["profiles", "list"])
      #expect(list.status == 0)
      for name in [
        "us", "us-gateway", "us-proxy", "de", "jp", "sg-gateway", "cn", "cn-gateway", "cn-corp", "cn-proxy",
        "ru", "ir", "in",
      ] {
        #expect(list.lines.contains { $0.dropFirst(2).hasPrefix(name + " ") }, "\(name)")
        // What is shown is a profile file.
        let shown = try folder.envprobe(["profiles", "show", name])
        #expect(shown.status == 0)
        try folder.write(shown.output, to: "\(name).yaml")
      }
      let check = try folder.envprobe(["profiles", "check", "us.yaml", "cn-corp.yaml"])
      #expect(check.status == 0 && check.lines == ["us.yaml: ok", "cn-corp.yaml: ok"], "\(check.errorOutput)")
      try folder.write("name: bad\ntimezone: Asia/Shanghai\nlocal: zh_CN.UTF-8\n", to: "bad.yaml")
      let bad = try folder.envprobe(["profiles", "check", "bad.yaml"])
      #expect(bad.status == 64)
      #expect(bad.errorOutput.contains("bad.yaml:3:1") && bad.errorOutput.contains("locale"), "\(bad.errorOutput)")
      #expect(try folder.envprobe(["profiles", "show", "atlantis"]).status == 64)
    }
  }
}
