import EnvprobeCompare
import EnvprobeMatrix
import EnvprobeModel

/// A page of the reference, made from a table of the code.
struct ReferencePage {
  var name: String
  var title: String
  var introduction: String
  var columns: [String]
  var rows: [[String]]

  var text: String {
    let lines =
      ["# \(title)", "", introduction, "", "## Overview", "", line(columns), line(columns.map { _ in "---" })]
      + rows.map(line)
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
  }

  static let all = [factors, channels, syscalls, ambientReads, exitStatus, profiles, endpointVariables, mirrors, rules]

  static let rules = ReferencePage(
    name: "ExplanationRules", title: "Rules that explain a difference",
    introduction: """
      What makes a difference an expected one. The examples show what a program prints in Shanghai, with the language \
      zh_CN and the country CN; the first is expected, the second is a finding. `envprobe explain` tells which rules were \
      tried on a finding.
      """,
    columns: ["rule", "accounts for", "expected", "a finding"],
    rows: ExplanationRule.all.map { rule in
      let place = ExplanationRule.samplePlaces.last!
      return ["`\(rule.name)`", rule.summary, "`\(rule.expected(place))`", "`\(rule.unexplained(place))`"]
    })

  static let factors = ReferencePage(
    name: "Factors", title: "Factors",
    introduction: "The dimensions of the environment: keys of a profile, names after `--set`, causes in a report.",
    columns: ["factor", "sets inside", "where unset"],
    rows: (Factor.keyed + [.variable("NAME")]).map {
      ["`\($0.name)`", $0.summary, $0.isAlwaysPresent ? "an ordinary default" : "absent"]
    })

  static let channels = ReferencePage(
    name: "Channels", title: "Channels", introduction: "The ways by which behaviour can be seen from outside.",
    columns: ["channel", "what is observed"], rows: Channel.allCases.map { ["`\($0.rawValue)`", $0.summary] })

  static let syscalls = ReferencePage(
    name: "Syscalls", title: "System calls",
    introduction: """
      The calls whose arguments are decoded or that are treated in a special way. Every other call is recorded by name \
      with its raw arguments.
      """,
    columns: ["call", "arguments", "at the default level"],
    rows: SyscallRule.all.sorted { $0.name < $1.name }.map { rule in
      ["`\(rule.name)`", rule.roles.map(\.rawValue).joined(separator: ", "), text(rule.treatment)]
    })

  static let ambientReads = ReferencePage(
    name: "AmbientReads", title: "Reads of the place",
    introduction: """
      What `show --ambient` and the summary of a run find in a trace: every way by which a program learns of the place \
      that shows in a recorded event. `~` is HOME, `*` one name, and a path that ends in a slash stands for everything \
      below. A clock that is read without a system call does not show, nor does a call that is not recorded at the \
      level of the run.
      """,
    columns: ["subject", "decided by", "paths", "variables", "system calls"],
    rows: AmbientRead.all.map { row in
      [
        row.subject, row.factor.map { "`\($0.name)`" } ?? "", quoted(row.paths.map(\.text)), quoted(row.variables),
        quoted(row.calls.map(\.text)),
      ]
    })

  private static func quoted(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }

  private static func text(_ treatment: SyscallRule.Treatment) -> String {
    switch treatment {
    case .recorded: "recorded"
    case .hot: "not recorded; too frequent"
    case .denied(let errno): "recorded, and answered with \(errno)"
    case .recordedWhen(.notZero(let argument)): "recorded where argument \(argument) is not 0"
    case .recordedWhen(.masked(let argument, let mask, let value)):
      "recorded where argument \(argument) & 0x\(String(mask, radix: 16)) is 0x\(String(value, radix: 16))"
    }
  }

  static let exitStatus = ReferencePage(
    name: "ExitStatus", title: "Exit status",
    introduction: "`run` passes on the program's own status, and 128 + n where signal n ended it.",
    columns: ["status", "commands", "meaning"],
    rows: ExitStatus.table.map { [String($0.code), $0.commands, $0.meaning] })

  static let profiles = ReferencePage(
    name: "DefaultProfiles", title: "The default profiles",
    introduction: "What `matrix` compares where `--profiles` names none, and what each is there for.",
    columns: ["profile", "why", "controls for"],
    rows: DefaultProfile.all.map { ["`\($0.name)`", $0.role, $0.controls.map { "`\($0)`" }.joined(separator: ", ")] })

  static let endpointVariables = ReferencePage(
    name: "EndpointVariables", title: "Variables of the endpoint",
    introduction: "What the factor `endpoint` sets: the variables in which agents look for a model API's base URL.",
    columns: ["variable", "value", "API", "where unset, the host is"],
    rows: EndpointVariable.all.map {
      ["`\($0.name)`", "the endpoint" + ($0.path.isEmpty ? "" : " + `\($0.path)`"), $0.family, $0.officialHost]
    })

  static let mirrors = ReferencePage(
    name: "Mirrors", title: "Mirrors", introduction: "What the factor `mirrors` sets, by its keys.",
    columns: ["key", "variables", "file in HOME", "where unset, the host is"],
    rows: Mirror.all.map { mirror in
      [
        "`\(mirror.name)`", mirror.variables.map { "`\($0)`" }.joined(separator: ", "),
        mirror.file.map { "`\($0.path)`" } ?? "", mirror.officialHost,
      ]
    })
}
