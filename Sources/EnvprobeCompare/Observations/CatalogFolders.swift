import EnvprobeModel

/// The folders in which the C library and its imitators look for the texts of a locale.
///
/// They are tried from the most specific to the least, `zh_CN.UTF-8`, `zh_CN.utf8`, `zh_CN`, `zh.UTF-8`, `zh.utf8`, `zh`,
/// up to the first that is there (glibc, `intl/l10nflist.c`). Which of them are asked for follows from the locale and
/// from what the machine has installed, so all of them are one.
struct CatalogFolders: Sendable {
  private var names: Set<Text> = []

  init(_ locale: LocaleSetting?) {
    guard let locale else { return }
    let values = [locale.lang] + locale.overrides.values
    // LANGUAGE is a list.
    for name in values.flatMap({ $0.split(separator: ":") }) { add(name) }
  }

  private mutating func add(_ name: Substring) {
    guard !["C", "POSIX", "C.UTF-8"].contains(name) else { return }
    let modifier = name.firstIndex(of: "@").map { name[$0...] } ?? ""
    let plain = name.prefix { $0 != "@" }
    let codeset = plain.firstIndex(of: ".").map { plain[plain.index(after: $0)...] } ?? ""
    let region = plain.prefix { $0 != "." }
    let language = region.prefix { $0 != "_" }
    var endings: [String] = [""]
    if !codeset.isEmpty {
      endings += [".\(codeset)", ".\(codeset.lowercased().filter { $0.isLetter || $0.isNumber })"]
    }
    for base in [region, language] where !base.isEmpty {
      for ending in endings { for part in ["", modifier] { names.insert(Text("\(base)\(ending)\(part)")) } }
    }
  }

  /// A path in which the folder of the locale, where there is one, has one name.
  func canonical(_ path: String) -> String {
    guard !names.isEmpty, path.utf8.contains(UInt8(ascii: "_")), let mark = path.firstRange(of: "/LC_") else {
      return path
    }
    let head = path[..<mark.lowerBound]
    guard let slash = head.lastIndex(of: "/"), names.contains(Text(String(head[head.index(after: slash)...]))) else {
      return path
    }
    return "\(head[...slash])<locale-folder>\(path[mark.lowerBound...])"
  }
}
