import Crypto
import EnvprobeModel
import FoundationEssentials
import Glibc

/// How long runs of a program took, kept from one matrix to the next for the estimates of plans.
struct RunTimes {
  private let file: String?

  /// - Parameter subject: another program, or other arguments, have times of their own.
  init(of subject: Subject, trace: String) {
    let key = SubjectReader.digest(
      of: Array(([subject.executable.sha256, trace] + subject.argv.dropFirst()).joined(separator: "\0").utf8))
    file = SubjectReader.cacheFolder.map { "\($0)/envprobe/times/\(key.prefix(32))" }
  }

  /// Seconds of a typical run; `nil` where none is known.
  var typical: Double? {
    guard let file, let data = FileManager.default.contents(atPath: file),
      let seconds = Double(String(decoding: data, as: UTF8.self).prefix { $0 != "\n" }), seconds > 0
    else { return nil }
    return seconds
  }

  /// Without a cache the next plan makes a run to learn it.
  func keep(_ seconds: Double) {
    guard let file, seconds > 0 else { return }
    let folder = String(file[..<file.lastIndex(of: "/")!])
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? Data("\(seconds)\n".utf8).write(to: URL(filePath: file), options: .atomic)
  }
}
