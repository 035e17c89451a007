import EnvprobeModel
import EnvprobeRecorder
import EnvprobeTestSupport
import Foundation
import Testing

/// Programs of Debian under `strace`, and both of them under envprobe: every call that strace shows is in the trace, of the
/// same process and in the same order.
///
/// strace sees the same process at the same time, so that what a program does need not be the same in two runs.
@Suite(.asRoot, .requires("strace")) struct StraceTests {
  static let programs: [[String]] = [
    ["true"], ["date", "-u"], ["ls", "-la", "/usr"], ["cat", "/etc/hostname", "/etc/passwd"], ["id"], ["uname", "-a"],
    ["env"], ["sort", "/etc/passwd"], ["wc", "/etc/passwd"], ["head", "-n", "2", "/etc/passwd"],
    ["tail", "-n", "2", "/etc/passwd"], ["cut", "-d:", "-f1", "/etc/passwd"], ["tr", "a", "b"],
    ["grep", "root", "/etc/passwd"], ["sed", "s/a/b/", "/etc/passwd"], ["find", "/etc/ssl", "-name", "x*"],
    ["stat", "/etc/passwd"], ["readlink", "-f", "/etc/localtime"], ["md5sum", "/etc/passwd"],
    ["base64", "/etc/hostname"], ["cp", "/etc/passwd", "copy"], ["mkdir", "-p", "a/b/c"], ["rm", "-rf", "a"],
    ["touch", "note"], ["ln", "-sf", "note", "link"], ["tar", "cf", "archive.tar", "/etc/hostname"],
    ["gzip", "-c", "/etc/passwd"], ["expr", "1", "+", "2"], ["seq", "5"], ["du", "-s", "/etc/ssl"], ["df", "/"],
    ["diff", "/etc/passwd", "/etc/group"], ["cmp", "/etc/passwd", "/etc/passwd"], ["xargs", "echo"],
    ["nice", "true"], ["timeout", "5", "true"], ["sleep", "0.01"], ["mktemp", "-u"], ["locale"],
    ["getent", "hosts", "example.com"], ["perl", "-e", "print 2; system('/usr/bin/true')"],
    ["python3", "-S", "-c", "print(1)"], ["dash", "-c", "echo a; /usr/bin/true; (exit 3)"],
    ["bash", "-c", "x=$(uname); echo $x"],
  ]

  @Test(arguments: programs) func everyCallThatStraceShowsIsThere(command: [String]) async throws {
    try await Turns.shared.run {
      let folder = try TestFolder()
      // Not a version manager's or the like, which would be another program.
      let result = try folder.envprobe(
        [
          "run", "-q", "--trace", "full", "--env-reads", "off", "--clock", "host", "--keep-changes", "--out",
          "../bundle",
        ]
          + ["--", "/usr/bin/strace", "-f", "-qq", "-e", "signal=none", "-o", "shown", "--", "/usr/bin/" + command[0]]
          + command.dropFirst())
      #expect(!result.errorOutput.contains("envprobe:"))
      let shown = Self.calls(try String(contentsOfFile: folder.work + "/shown", encoding: .utf8))
      let recorded = Self.calls(try BundleReader.read(folder.path + "/bundle"))
      #expect(shown.values.map(\.count).reduce(0, +) >= 25, "strace shows what it should: \(shown)")
      for (pid, names) in shown {
        var rest = (recorded[pid] ?? [])[...]
        for (index, name) in names.enumerated() {
          guard let place = rest.firstIndex(of: name) else {
            Issue.record("\(name), call \(index) of process \(pid), is not in the trace")
            break
          }
          rest = rest[(place + 1)...]
        }
      }
      // The check notices what is missing.
      #expect(!Self.isSubsequence(["never_called"], of: recorded.values.flatMap { $0 }))
    }
  }

  private static func isSubsequence(_ names: [String], of all: [String]) -> Bool {
    var rest = all[...]
    for name in names {
      guard let place = rest.firstIndex(of: name) else { return false }
      rest = rest[(place + 1)...]
    }
    return true
  }

  /// The names of the calls in strace's output, by process; lines such as `12 openat(…` and not `12 <... resumed>`.
  private static func calls(_ text: String) -> [Int: [String]] {
    var result: [Int: [String]] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
      guard parts.count == 2, let pid = Int(parts[0]) else { continue }
      let call = parts[1].drop { $0 == " " }
      // A call that a signal interrupts and the kernel makes again is in the trace once.
      let isMadeAgain = call.contains("= ? ERESTART")
      if call.hasPrefix("<...") {
        if isMadeAgain { _ = result[pid]?.popLast() }
        continue
      }
      if isMadeAgain { continue }
      guard let end = call.firstIndex(of: "("), call[..<end].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
      else { continue }
      result[pid, default: []].append(String(call[..<end]))
    }
    return result
  }

  private static func calls(_ trace: Trace) -> [Int: [String]] {
    var result: [Int: [String]] = [:]
    for event in trace.events {
      switch event.payload {
      case .syscall(let call): result[event.pid ?? 0, default: []].append(call.name)
      case .exec: result[event.pid ?? 0, default: []].append("execve")
      default: break
      }
    }
    return result
  }
}
