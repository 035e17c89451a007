import ArgumentParser
import EnvprobeModel

/// A call of envprobe as it was typed, and what a configuration file adds to it.
///
/// The values of the file become flags in front of those that were typed, as ripgrep does it: so every command reads
/// them in one way, and what may stand in a flag may stand in the file.
struct Invocation {
  /// The words after `envprobe`.
  var words: [String]

  init(_ words: [String]) { self.words = words }

  /// What comes before `--`: envprobe's own part.
  var own: ArraySlice<String> { words.prefix { $0 != "--" } }

  /// What follows `--`, `nil` where there is none.
  var program: ArraySlice<String>? { words.firstIndex(of: "--").map { words[words.index(after: $0)...] } }

  /// The command that the words name, each with its type, from the root down; and the first word that names none where
  /// one was expected.
  var path: (commands: [any ParsableCommand.Type], unknown: String?) {
    var commands: [any ParsableCommand.Type] = [EnvprobeCommand.self]
    for word in own.first == "help" ? own.dropFirst() : own {
      let known = commands.last!.configuration.subcommands
      if known.isEmpty { break }
      if word.hasPrefix("-") { break }
      guard let next = known.first(where: { $0.name == word }) else { return (commands, word) }
      commands.append(next)
    }
    return (commands, nil)
  }

  /// Whether a flag was typed.
  func hasFlag(_ name: String) -> Bool {
    own.contains { $0 == "--\(name)" || $0.hasPrefix("--\(name)=") }
  }

  /// The value typed for an option, `nil` where there is none.
  func value(of name: String) -> String? {
    for (index, word) in zip(own.indices, own) {
      if word.hasPrefix("--\(name)=") { return String(word.dropFirst(name.count + 3)) }
      if word == "--\(name)", own.indices.contains(index + 1) { return own[index + 1] }
    }
    return nil
  }

  /// The values typed for an option that may be repeated.
  func values(of name: String) -> [String] {
    zip(own.indices, own).compactMap { index, word in
      if word.hasPrefix("--\(name)=") { return String(word.dropFirst(name.count + 3)) }
      return word == "--\(name)" && own.indices.contains(index + 1) ? own[index + 1] : nil
    }
  }

  /// The words without an option with its value, and without a flag.
  func without(option: String, flag: String) -> [String] {
    var result: [String] = []
    var isValue = false
    for word in own {
      if !isValue, word != "--\(option)", word != "--\(flag)", !word.hasPrefix("--\(option)=") { result.append(word) }
      isValue = !isValue && word == "--\(option)"
    }
    return result + words[own.endIndex...]
  }

  /// The help that is asked for, in one of its forms: `-h` and nothing at all for the short one, `--help` and `help` for
  /// the long one.
  var help: HelpPage.Length? {
    if own.isEmpty || own.contains("-h") { return .short }
    return own.contains("--help") || own.first == "help" ? .long : nil
  }

  /// Whether this is a call of the parser's own, such as a shell's for completions: then no configuration matters.
  var isParsersOwn: Bool {
    own.contains { $0 == "--version" || $0.hasPrefix("--generate-completion") }
      || own.first?.hasPrefix("---") == true || own.first?.hasPrefix("--experimental") == true
  }

  /// The configuration file of this call.
  func configuration() throws -> ConfigurationFile? {
    if hasFlag("no-config") { return nil }
    if let path = value(of: "config") { return try ConfigurationFile(readText(path), path: path) }
    return try ConfigurationFile.find()
  }

  /// The keys that the file adds to a call of a command: those that it has and that were not typed.
  func added(_ file: ConfigurationFile, to command: String) -> [(key: ConfigurationKey, entry: ConfigurationFile.Entry)]
  {
    ConfigurationKey.all.compactMap { key in
      guard key.commands.contains(command), let entry = file.entries[key.name] else { return nil }
      if case .command = key.shape { return program == nil ? (key, entry) : nil }
      return hasFlag(key.name) ? nil : (key, entry)
    }
  }

  /// The call with what the file adds to it.
  func completed(by file: ConfigurationFile?) -> Invocation {
    guard let file, let first = own.first else { return self }
    var flags: [String] = []
    var command: [String] = []
    for (key, entry) in added(file, to: first) {
      if case .command = key.shape {
        command = ["--"] + entry.words
      } else {
        flags += entry.words.map { "--\(key.name)=\($0)" }
      }
    }
    return Invocation([first] + flags + words.dropFirst() + command)
  }
}

extension ParsableCommand {
  /// The word by which the command is called.
  static var name: String { configuration.commandName ?? "\(Self.self)".lowercased() }
}

extension [any ParsableCommand.Type] {
  /// Such as `envprobe profiles show`. (A key path to a metatype's property crashes the compiler.)
  var fullName: String { map { $0.name }.joined(separator: " ") }
}
