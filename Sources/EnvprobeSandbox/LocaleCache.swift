import CEnvprobeSandbox
import EnvprobeModel
import Glibc
import SystemPackage

/// Locales that the host lacks, built once and kept.
///
/// Each is in a folder of its own, so that a run sees exactly those it asks for, and all runs of a matrix the same.
struct LocaleCache: Sendable {
  static let systemFolder = "/usr/lib/locale"
  var folder: String

  /// For root a folder that an ordinary user can reach, as the program is one. Its name does not say whose it is, as
  /// the program can read it in its mount table.
  static func standardFolder() -> String {
    if OuterIdentity.isRoot { return "/var/cache/glibc-locales" }
    if let cache = HostFiles.environment("XDG_CACHE_HOME"), cache.hasPrefix("/") { return cache + "/glibc-locales" }
    return (HostFiles.environment("HOME") ?? "/tmp") + "/.cache/glibc-locales"
  }

  /// Folders to lay over the system's one, so that every one of `locales` exists.
  func layers(for locales: [String]) throws(LaunchError) -> [String] {
    var result: [String] = []
    for name in locales where !Self.isInstalled(name) { result.append(try layer(for: name)) }
    return result
  }

  /// The name of the folder in which the C library looks for a locale: the codeset in lower case, letters and digits.
  static func folderName(of locale: String) -> String {
    guard let dot = locale.firstIndex(of: ".") else { return locale }
    let rest = locale[locale.index(after: dot)...]
    let codeset = rest.prefix { $0 != "@" }
    return locale[..<dot] + "." + codeset.lowercased().filter { $0.isLetter || $0.isNumber }
      + rest.dropFirst(codeset.count)
  }

  static func isInstalled(_ locale: String) -> Bool {
    let name = folderName(of: locale)
    if name == "C.utf8" || name == "C" || name == "POSIX" { return true }
    if [name, locale].contains(where: { HostFiles.isFolder("\(systemFolder)/\($0)") }) { return true }
    // The archive lists its locales by name, each ending with a zero byte.
    guard let archive = try? HostFiles.bytes(systemFolder + "/locale-archive") else { return false }
    return archive.withUnsafeBytes { bytes in
      let key = [0] + Array(name.utf8) + [0]
      return envprobe_contains(bytes.baseAddress, bytes.count, key, key.count) != 0
    }
  }

  /// Locales are bound to the C library they were built for.
  private func layerFolder(named name: String) -> String {
    "\(folder)/glibc-\(String(cString: envprobe_libc_version()))/\(name)"
  }

  /// Where the files of a locale are, once it is built.
  func builtFolder(named name: String) -> String { "\(layerFolder(named: name))/\(name)" }

  private func layer(for locale: String) throws(LaunchError) -> String {
    let name = Self.folderName(of: locale)
    let layer = layerFolder(named: name)
    if HostFiles.isFolder("\(layer)/\(name)") { return layer }
    try HostFiles.makeFolders(layer)
    let building = try HostFiles.makeTemporaryFolder(in: layer)
    defer { try? HostFiles.removeTree(building) }  // what is left of a failed attempt; the next one uses another name
    try build(locale, into: "\(building)/\(name)")
    guard chmod("\(building)/\(name)", 0o755) == 0, rename("\(building)/\(name)", "\(layer)/\(name)") == 0 else {
      // Another process was faster.
      if HostFiles.isFolder("\(layer)/\(name)") { return layer }
      throw LaunchError(.buildLocale, subject: locale, errno: Errno(rawValue: errno))
    }
    return layer
  }

  private func build(_ locale: String, into target: String) throws(LaunchError) {
    let base = String(locale.prefix { $0 != "." && $0 != "@" })
    let modifier = locale.firstIndex(of: "@").map { String(locale[$0...]) } ?? ""
    let sources = "/usr/share/i18n/locales"
    let hint = "install the packages locales and libc-bin, which bring the sources and localedef"
    guard let input = [base + modifier, base].first(where: { HostFiles.kind("\(sources)/\($0)") != nil }) else {
      let isThere = HostFiles.isFolder(sources) && HostFiles.kind(sources + "/en_US") != nil
      throw LaunchError(
        .buildLocale, subject: locale, errno: .noSuchFileOrDirectory,
        hint: isThere ? "the C library knows no locale of that name" : hint)
    }
    var codeset = locale.firstIndex(of: ".").map { String(locale[locale.index(after: $0)...].prefix { $0 != "@" }) }
    if let given = codeset, given.lowercased() == "utf8" { codeset = "UTF-8" }
    if codeset == nil { codeset = try Self.codeset(of: locale) }
    let arguments = ["localedef", "--no-archive", "-i", input, "-f", codeset!, target]
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    let environment = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C"]
    var environmentPointers = environment.map { strdup($0) } + [nil]
    defer { for pointer in environmentPointers { free(pointer) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // It warns about its own sources.
    for standard in [Int32(0), 1, 2] { posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0) }
    var process = pid_t()
    let error = posix_spawnp(&process, "localedef", &actions, nil, &pointers, &environmentPointers)
    guard error == 0 else {
      throw LaunchError(.buildLocale, subject: locale, errno: Errno(rawValue: error), hint: hint)
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    // Its status is 1 after mere warnings.
    guard HostFiles.kind(target + "/LC_CTYPE") != nil else {
      throw LaunchError(.buildLocale, subject: locale, errno: .invalidArgument, hint: hint)
    }
  }

  /// The codeset of a locale without one in its name.
  private static func codeset(of locale: String) throws(LaunchError) -> String {
    let list = "/usr/share/i18n/SUPPORTED"
    guard HostFiles.kind(list) != nil else { return "ISO-8859-1" }
    for line in try HostFiles.text(list).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == locale { return String(words[1]) }
    }
    return "ISO-8859-1"
  }
}
