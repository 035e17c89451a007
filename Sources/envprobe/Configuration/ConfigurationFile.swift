import EnvprobeModel
import EnvprobeSandbox
import EnvprobeWire
import FoundationEssentials
import Glibc

/// `envprobe.yaml`, schema `envprobe.config/1`: what calls in its folder and below do where no flag says otherwise.
///
/// Every scalar is text, as in profiles.
struct ConfigurationFile: Sendable {
  static let name = "envprobe.yaml"
  static let schema = "envprobe.config/1"

  struct Entry: Hashable, Sendable {
    /// One word for a text, a file or a list of profiles; all the words of a command.
    var words: [String]
    var line: Int
  }

  /// As error messages and `config` call it.
  var path: String
  /// By the names of keys.
  var entries: [String: Entry]

  /// Reads a file. Throws every problem that it finds, but stops at the first where the text is no YAML.
  init(_ text: String, path: String) throws(ConfigurationError) {
    self.path = path
    entries = [:]
    let document: KeyedText
    do { document = try KeyedText(parsing: text, source: path) } catch { throw ConfigurationError(error.problems) }
    var problems: [ProfileError.Problem] = []
    for entry in document.entries {
      do throws(Complaint) { try read(entry) } catch {
        problems.append(.init(source: path, line: error.place.line, column: error.place.column, text: error.text))
      }
    }
    if !problems.isEmpty { throw ConfigurationError(problems) }
  }

  private struct Complaint: Error {
    var text: String
    var place: KeyedText.Place
  }

  private mutating func read(_ entry: KeyedText.Entry) throws(Complaint) {
    func complaint(_ text: String) -> Complaint { Complaint(text: text, place: entry.valuePlace) }
    if entry.key == "schema" {
      guard entry.texts == [Self.schema] else { throw complaint("unknown schema; this envprobe reads \(Self.schema)") }
      return
    }
    guard let key = ConfigurationKey.all.first(where: { $0.name == entry.key }) else {
      let names = ConfigurationKey.all.map(\.name)
      let near = nearestName(to: entry.key, among: names).map { "did you mean '\($0)'?" }
      throw Complaint(
        text: "unknown key '\(entry.key)' (\(near ?? "known: \(names.joined(separator: ", "))"))", place: entry.place)
    }
    // A key without a value is one that is not set.
    if entry.texts.isEmpty, !entry.isList { return }
    if entry.isList, !key.takesList { throw complaint("'\(key.name)' is a text, not a list") }
    guard let first = entry.texts.first, !first.isEmpty else { throw complaint("'\(key.name)' is empty") }
    entries[key.name] = Entry(words: try words(of: key, from: entry, complaint), line: entry.place.line)
  }

  private func words(
    of key: ConfigurationKey, from entry: KeyedText.Entry, _ complaint: (String) -> Complaint
  ) throws(Complaint) -> [String] {
    let text = entry.texts[0]
    switch key.shape {
    case .text(let rule):
      if let expected = rule(text) { throw complaint("'\(key.name)' is \(expected), not '\(text)'") }
      return [text]
    case .file: return [beside(text)]
    case .scenario: return [Scenario.bundled(text) == nil ? beside(text) : text]
    case .profiles:
      let names = entry.texts.flatMap { $0.split(separator: ",").map(String.init) }
      if !key.takesList, names.count > 1 {
        throw complaint("'\(key.name)' is one profile; 'profiles' names those of 'matrix'")
      }
      let known = ProfileLibrary.standard.names
      if let unknown = names.first(where: { !Self.isFile($0) && !known.contains($0) }) {
        let near = nearestName(to: unknown, among: known).map { "did you mean '\($0)'?" }
        throw complaint("unknown profile '\(unknown)' (\(near ?? "'envprobe profiles' lists them"))")
      }
      return [names.map { Self.isFile($0) ? beside($0) : $0 }.joined(separator: ",")]
    case .outputs:
      return try entry.texts.map { text throws(Complaint) in
        let outputs: ReportOutputs
        do { outputs = try ReportOutputs(parsing: text) } catch { throw complaint("'\(key.name)' is \(error)") }
        return try outputs.list.map { output throws(Complaint) in
          guard let file = output.file else { return output.description }
          guard let path = inside(file) else {
            throw complaint("'\(file)' is not below the folder of this file; a flag can name any file")
          }
          return ReportOutput(output.format, file: path).description
        }.joined(separator: ",")
      }
    case .command:
      if entry.isList { return entry.texts }
      // A text is split at spaces only: no shell reads it, and so none of its rules may seem to hold.
      if text.contains(where: { "\"'\\$`*?|&;<>()".contains($0) }) {
        throw complaint("'command' with quotes or special characters is a list: [claude, -p, say hi]")
      }
      return text.split(separator: " ").map(String.init)
    }
  }

  private static func isFile(_ profile: String) -> Bool {
    profile.contains("/") || profile.hasSuffix(".yaml") || profile.hasSuffix(".yml")
  }

  /// A path that is relative to the folder of this file.
  private func beside(_ file: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    return path[...slash] + file
  }

  /// A path below the folder of this file, `nil` where it leads elsewhere: what somebody's repository brings along must
  /// not choose which files of the user are overwritten.
  private func inside(_ file: String) -> String? {
    guard !file.hasPrefix("/"), !file.split(separator: "/").contains("..") else { return nil }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard let root = Self.resolved(folder.isEmpty ? "/" : folder) else { return nil }
    // A link on the way or in its place could lead out; what is not there yet cannot.
    if let there = FileIdentity(link: beside(file)), there.kind != .regular { return nil }
    var parent = beside(file)
    while let slash = parent.lastIndex(of: "/") {
      parent = String(parent[..<slash])
      guard let real = Self.resolved(parent) else { continue }
      return real == root || real.hasPrefix(root == "/" ? "/" : root + "/") ? beside(file) : nil
    }
    return beside(file)
  }

  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  // MARK: Finding it

  /// The nearest file of the name in this folder or above, `nil` where there is none.
  static func find() throws -> ConfigurationFile? {
    let here = FileManager.default.currentDirectoryPath
    guard let own = FileIdentity(path: here) else { return nil }
    var folder = here[...]
    while true {
      let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
      // In /tmp and the like anybody can leave a file for those who work below.
      if let file = FileIdentity(path: path), [geteuid(), 0, own.owner].contains(file.owner) {
        return try ConfigurationFile(readText(path), path: folder == here[...] ? name : path)
      }
      guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
      folder = slash == folder.startIndex ? "/" : folder[..<slash]
    }
  }
}

extension ConfigurationKey {
  fileprivate var takesList: Bool {
    switch shape {
    case .command: true
    case .outputs: true
    case .profiles: name == "profiles"
    case .text, .file, .scenario: false
    }
  }
}

/// What is wrong with a configuration file.
struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  var problems: [ProfileError.Problem]
  init(_ problems: [ProfileError.Problem]) {
    self.problems = problems.sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
  }

  var description: String { problems.map { "envprobe: \($0)" }.joined(separator: "\n") }
}
