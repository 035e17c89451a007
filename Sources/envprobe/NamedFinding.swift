import EnvprobeModel
import EnvprobeReport

extension Report {
  /// The finding with this number in the report, or whose id or fingerprint begins so.
  ///
  /// - Parameter folder: where the report lies, for the complaint that there is none, or that several begin so.
  func finding(named name: String, folder: String) throws -> Finding {
    let numbered = numberedFindings
    let matches = numbered.filter {
      $0.finding.id.hasPrefix(name) || FindingFingerprint.of($0.finding).hasPrefix(name)
    }
    let found =
      Int(name).flatMap { number in numbered.first { $0.number == number } } ?? (matches.count == 1 ? matches[0] : nil)
    guard let found else {
      let what = matches.isEmpty ? "there is no finding '\(name)'" : "several findings begin with '\(name)'"
      throw UsageError(
        "\(what) in the report of \(folder), which has \(numbered.count)\nhint: envprobe report \(ShellWord.quote(folder))"
      )
    }
    return found.finding
  }
}
