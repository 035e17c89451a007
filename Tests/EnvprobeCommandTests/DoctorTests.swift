import Foundation
import Testing

@Suite struct DoctorTests {
  struct Examination: Decodable {
    struct Check: Decodable {
      var name: String
      var area: String
      var title: String
      var required: Bool
      var status: String
      var evidence: String
      var cost: String?
      var remedy: String?
    }
    var schema: String
    var tool: String
    var host: String
    var ready: Bool
    var checks: [Check]

    subscript(name: String) -> Check? { checks.first { $0.name == name } }
  }

  private func decode(_ call: Call) throws -> Examination {
    try JSONDecoder().decode(Examination.self, from: Data(call.output.utf8))
  }

  @Test func tellsEveryCheckAsJSON() throws {
    let call = try Call.envprobe(["doctor", "--json"], in: Folder())
    let examination = try decode(call)
    #expect(examination.schema == "envprobe.doctor/1")
    #expect(
      examination.checks.map(\.name) == [
        "kernel", "user-namespaces", "namespaces", "mounts", "proc", "terminals", "overlay", "id-mapped-mounts",
        "network", "clocks", "max-user-namespaces", "unprivileged-user-namespaces", "apparmor-user-namespaces",
        "ptrace-scope", "notifications", "notifications-killable", "notifications-same-cpu", "descriptors", "memory",
        "tracing", "processor", "libseccomp", "locales", "time-zones", "certificates", "stage", "records", "run",
      ])
    let isBlocked = examination.checks.contains { $0.required && $0.status == "missing" }
    #expect(examination.ready == !isBlocked)
    #expect(call.status == (examination.ready ? 0 : 1))
    for check in examination.checks {
      #expect(!check.evidence.isEmpty, "\(check.name)")
      #expect((check.cost != nil) == ["missing", "limited"].contains(check.status), "\(check.name)")
    }
  }

  /// The check notices: the same call where user namespaces are used up.
  @Test(.enabled(if: requires("unshare"), "needs unshare(1)")) func noticesWhatIsMissing() throws {
    let folder = try Folder()
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" \"$@\""
    let inside = ["/usr/bin/unshare", "--user", "--map-root-user", "/bin/sh", "-c", script, Call.binary, "doctor"]
    let call = try Call.run(inside + ["--json"], in: folder)
    let examination = try decode(call)
    #expect(call.status == 1)
    #expect(!examination.ready)
    let check = try #require(examination["user-namespaces"])
    #expect(check.status == "missing")
    #expect(check.evidence == "clone: No space left on device (ENOSPC)")
    #expect(check.cost == "no program can be run")
    #expect(check.remedy == "raise the limit (it is 0): sudo sysctl user.max_user_namespaces=15000")
    #expect(examination["max-user-namespaces"]?.status == "limited")
    #expect(examination["run"]?.status == "unneeded")
    // What does not depend on it still works.
    #expect(examination["notifications"]?.status == "works")

    let text = try Call.run(inside + ["--quiet"], in: folder)
    #expect(text.status == 1)
    #expect(text.output.contains("✗ user namespaces"))
    #expect(text.output.contains("enable  raise the limit (it is 0): sudo sysctl user.max_user_namespaces=15000"))
    #expect(text.output.contains("Not ready: the default level needs user namespaces"))
  }

  /// The check notices: the same call where somebody else supervises already.
  @Test func noticesThatItIsSupervisedItself() throws {
    let folder = try Folder()
    try FileManager.default.copyItem(atPath: Call.binary, toPath: folder.path + "/copy")
    let call = try Call.envprobe(["run", "--quiet", "--", "./copy", "doctor", "--json"], in: folder)
    let examination = try decode(call)
    #expect(call.status == 1)
    let check = try #require(examination["notifications"])
    #expect(check.status == "missing")
    #expect(check.evidence == "a filter with a listener: Device or resource busy (EBUSY)")
    #expect(
      check.remedy
        == "a program that is already supervised cannot supervise another one: do not run envprobe inside envprobe")
  }
}
