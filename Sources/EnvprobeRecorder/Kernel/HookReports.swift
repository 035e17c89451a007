import EnvprobeModel
import FoundationEssentials
import Glibc

/// What hooks inside language runtimes tell, as paths that they ask about (see ``RuntimeHook/reports``).
struct HookReports {
  private struct Key: Hashable {
    var process: Int
    var kind: String
    var name: String
  }

  /// When each was first told of, for the event with the whole count.
  private var first: [Key: Event.Payload] = [:]
  private let launched = Self.now()
  private let prefix = Array(RuntimeHook.reports.utf8)

  /// Names of one program that are kept; counts of others are lost.
  private static let limit = 100_000

  /// Whether a call is a report, and not the program's.
  func isReport(_ payload: Event.Payload) -> Bool {
    guard case .syscall(let call) = payload else { return false }
    for case .path(let path) in call.arguments { return path.value?.bytes.starts(with: prefix) ?? false }
    return false
  }

  /// The event that a report stands for; `nil` for one that no hook has written.
  mutating func event(_ payload: Event.Payload, of thread: TraceeThread) -> Event.Payload? {
    guard case .syscall(let call) = payload, let path = call.path,
      let report = try? JSONDecoder().decode(Report.self, from: Data(path.bytes[prefix.count...]))
    else { return nil }
    switch report.kind {
    case "hook": return .instrumentation(instrumentation(report, thread))
    case "count":
      let key = Key(process: thread.process.pid, kind: report.text ?? "", name: report.name)
      switch first[key] {
      case .environmentRead(var read):
        read.count = report.count
        return .environmentRead(read)
      case .runtimeCall(var call):
        call.count = report.count
        return .runtimeCall(call)
      default: return nil
      }
    case "env", "call":
      let event = event(report)
      let key = Key(process: thread.process.pid, kind: report.kind, name: report.name)
      if first.count < Self.limit, first[key] == nil { first[key] = event }
      return event
    default: return nil
    }
  }

  private func event(_ report: Report) -> Event.Payload {
    let time = Double((Self.now() - launched) / 1000) / 1_000_000
    guard report.kind == "env" else {
      return .runtimeCall(RuntimeCall(name: report.name, stack: report.stack, count: 1, firstTime: time))
    }
    let place = SourcePlace(report.stack.first ?? "")
    return .environmentRead(
      EnvironmentRead(
        name: .complete(ByteString(report.name.utf8)), isSet: report.isSet,
        reader: EnvironmentReader(module: place.file, symbol: place.function, offset: place.line), count: 1,
        firstTime: time, stack: report.stack))
  }

  private func instrumentation(_ report: Report, _ thread: TraceeThread) -> ProcessInstrumentation {
    let link = "/proc/\(thread.id)/exe"
    let executable = readLink(link).map {
      String(decoding: PathResolver().inside($0, link: link, of: thread.id), as: UTF8.self)
    }
    let version = report.text.map { " \($0)" } ?? ""
    return ProcessInstrumentation(
      level: .hooked, reason: "a hook in \(report.name)\(version) names what the program's own code looks at",
      runtime: report.name, executable: executable)
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// `["env", "TZ", true, ["f (/a.js:1:2)"], 1]`: the kind, a name, whether it was set or a text, a stack, a count.
private struct Report: Decodable {
  var kind: String
  var name: String
  var isSet: Bool?
  var text: String?
  var stack: [String] = []
  var count = 1

  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    kind = try list.decode(String.self)
    name = try list.decode(String.self)
    if try !list.decodeNil() {
      if let flag = try? list.decode(Bool.self) { isSet = flag } else { text = try list.decode(String.self) }
    }
    if !list.isAtEnd { stack = try list.decode([String].self) }
    if !list.isAtEnd { count = max(1, try list.decode(Int.self)) }
  }
}

/// A place in source code as a runtime writes it: `main (/work/a.js:3:7)`, `/work/a.js:3:7`, `main (/work/a.py:3)`.
struct SourcePlace: Hashable {
  var function: String?
  var file: String?
  var line: UInt64 = 0

  init(_ text: String) {
    var place = text[...]
    if place.hasSuffix(")"), let open = place.lastIndex(of: "(") {
      let name = place[..<open].split(separator: " ").joined(separator: " ")
      function = name.isEmpty ? nil : name
      place = place[place.index(after: open)...].dropLast()
    }
    var parts = place.split(separator: ":", omittingEmptySubsequences: false)
    var numbers: [UInt64] = []
    while parts.count > 1, numbers.count < 2, let number = UInt64(parts.last!) {
      numbers.append(number)
      parts.removeLast()
    }
    line = numbers.last ?? 0
    let path = parts.joined(separator: ":")
    file = path.isEmpty ? nil : path
  }
}
