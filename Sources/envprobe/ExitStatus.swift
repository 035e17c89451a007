import ArgumentParser

/// What envprobe's own exit status means. One row serves the code, the help text and the reference page.
struct ExitStatus {
  var code: Int32
  var commands: String
  var meaning: String

  static let same = ExitStatus(
    code: 0, commands: "matrix, compare, report", meaning: "nothing unexplained of the classes that decide")
  static let ready = ExitStatus(code: 0, commands: "doctor", meaning: "everything that the default level needs works")
  static let different = ExitStatus(
    code: 1, commands: "matrix, compare, report", meaning: "an unexplained finding of a class that decides")
  static let notReady = ExitStatus(
    code: 1, commands: "doctor", meaning: "something that the default level needs is missing")
  static let unchanged = ExitStatus(code: 0, commands: "verify", meaning: "the pack is as it was written")
  static let changed = ExitStatus(
    code: 1, commands: "verify", meaning: "something in the pack was changed, or its signature is not of the key")
  static let unreadable = ExitStatus(code: 2, commands: "pack, verify", meaning: "an error")
  static let inconclusive = ExitStatus(
    code: 2, commands: "matrix, compare, report", meaning: "an error, or evidence too incomplete to say 'same'")
  static let usage = ExitStatus(code: 64, commands: "all", meaning: "a usage error")
  static let timeout = ExitStatus(code: 124, commands: "run", meaning: "the program ran longer than --timeout")
  static let failed = ExitStatus(code: 125, commands: "run", meaning: "envprobe itself failed")
  static let cannotExecute = ExitStatus(code: 126, commands: "run", meaning: "the command cannot be executed")
  static let notFound = ExitStatus(code: 127, commands: "run", meaning: "the command was not found")
  /// The statuses of the program under audit are passed on; these are the rows around them.
  static let table: [ExitStatus] = [
    same, ready, unchanged, different, notReady, changed, inconclusive, unreadable, usage, timeout, failed,
    cannotExecute, notFound,
  ]

  static var helpText: String {
    let rows = table.map { "  \(String($0.code).padded(to: 4))\($0.commands.padded(to: 25))\($0.meaning)" }
    return "EXIT STATUS\n" + rows.joined(separator: "\n")
      + "\n  run passes on the program's own status, and 128 + n where signal n ended it."
  }

  var exitCode: ExitCode { ExitCode(code) }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
