import EnvprobeMatrix
import EnvprobeModel
import EnvprobeReport
import Glibc

/// Tells how far a matrix is: one line that changes on a terminal, a line per phase elsewhere. Findings are told
/// as their causes are confirmed.
final class ProgressDisplay {
  private let isQuiet: Bool
  private let isLive: Bool
  private var isLineOpen = false

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isLive = Terminal.isTerminal(2) && !Log.isJSON
  }

  func show(_ event: MatrixEvent) {
    switch event {
    case .failed(let run, let reason):
      clear()
      Log.say("envprobe: the run \(run.id) could not be made: \(reason)", level: "error")
    case .confirmed(let finding):
      if Log.isJSON {
        return Log.event(
          "confirmed", ["id": .text(finding.id), "class": .text(finding.class.rawValue), "title": .text(finding.title)])
      }
      guard !isQuiet else { return }
      clear()
      Log.say("envprobe: found: \(finding.title) (\(finding.class.rawValue))")
    case .phase(let phase):
      guard !isQuiet, !isLive else { return }
      Log.say("envprobe: \(Self.text(phase))")
    case .progress(let phase, let progress) where Log.isJSON:
      Log.event("progress", Self.fields(phase, progress))
    case .progress(let phase, let progress):
      guard !isQuiet, isLive else { return }
      let width = Terminal.size(of: 2)?.columns ?? 80
      Terminal.write("\r\u{1B}[K" + String(Self.line(phase, progress).prefix(width - 1)), to: 2)
      isLineOpen = true
    }
  }

  func end() { clear() }

  private func clear() {
    if isLineOpen { Terminal.write("\r\u{1B}[K", to: 2) }
    isLineOpen = false
  }

  private static func fields(_ phase: MatrixEvent.Phase, _ progress: RunProgress) -> [String: Log.Value] {
    var fields: [String: Log.Value] = [
      "phase": .text("\(phase)"), "done": .number(progress.done), "total": .number(progress.total),
      "failed": .number(progress.failed), "in_flight": .list(progress.inFlight),
    ]
    if let remaining = progress.remaining { fields["seconds_left"] = .number(Int(remaining.components.seconds)) }
    return fields
  }

  private static func text(_ phase: MatrixEvent.Phase) -> String {
    switch phase {
    case .settling: "comparing the baseline with itself"
    case .profiles: "running the profiles"
    case .confirmation: "repeating what differs only where runs differ by themselves"
    case .causes: "looking for causes"
    }
  }

  static func line(_ phase: MatrixEvent.Phase, _ progress: RunProgress) -> String {
    var parts = ["\(text(phase))  \(progress.done)/\(progress.total) runs"]
    if !progress.inFlight.isEmpty { parts.append("\(progress.inFlight.joined(separator: ", ")) going on") }
    if progress.failed > 0 { parts.append("\(progress.failed) failed") }
    if let remaining = progress.remaining { parts.append("~\(max(1, Int(remaining.components.seconds))) s left") }
    return parts.joined(separator: " · ")
  }
}
