import EnvprobeModel
import FoundationEssentials

/// The levels of a factor that a sweep goes through, as `--sweep` names them.
///
/// `timezone=all`, `timezone=Asia/Tokyo,Asia/Seoul`, `endpoint=@hosts.txt`; a factor alone takes the levels that the
/// profiles offer.
public struct LevelList: Hashable, Sendable {
  public var factor: Factor
  /// `nil`: those of the profiles.
  public var levels: [Level]?
  /// Entries of a catalogue of the system that no profile could have, by name.
  public var skipped: [String] = []

  /// - Parameter read: the text of a file; what it throws is passed on.
  public init(parsing text: String, read: (String) throws -> String) throws {
    let name = String(text.prefix { $0 != "=" })
    factor = try Factor(parsing: name, option: "--sweep")
    guard text.utf8.count > name.utf8.count else { return }
    let value = String(text.dropFirst(name.count + 1))
    if value == "all" {
      let names = try Self.catalogue(of: factor)
      var known: [Level] = []
      for name in names {
        if let level = try? Level(of: factor, parsing: name) { known.append(level) } else { skipped.append(name) }
      }
      levels = known
    } else if value.hasPrefix("@") {
      let lines = try read(String(value.dropFirst())).split(whereSeparator: \.isNewline)
        .map { $0.trimming { $0 == " " || $0 == "\t" } }
      levels = try lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }.compactMap { try Self.level(of: factor, $0) }
    } else {
      levels = try value.split(separator: ",").compactMap { try Self.level(of: factor, String($0)) }
    }
  }

  /// A host alone stands for the URL of its root.
  private static func level(of factor: Factor, _ text: String) throws(ProfileError) -> Level? {
    switch factor {
    case .endpoint where !text.contains("://"): try Level(of: factor, parsing: "https://\(text)")
    case .proxy where !text.contains("://") && !text.hasPrefix("{"): try Level(of: factor, parsing: "http://\(text)")
    default: try Level(of: factor, parsing: text)
    }
  }

  private static func catalogue(of factor: Factor) throws(MatrixError) -> [String] {
    switch factor {
    case .timezone: try SystemCatalogue.zones()
    case .locale: try SystemCatalogue.locales()
    default:
      throw MatrixError(
        .plan, subject: "", reason: "the system has no list of all levels of \(factor)",
        hint: "name them: --sweep \(factor)=a,b,c, or --sweep \(factor)=@file with one on each line")
    }
  }
}

/// What the system has of something that machines differ in.
enum SystemCatalogue {
  /// Every name of the time zone database, aliases included, in their order.
  static func zones(in folder: String = "/usr/share/zoneinfo") throws(MatrixError) -> [String] {
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    let names = paths.filter { path in
      // The same zones again, and with leap seconds; and files that are no zone.
      guard !path.hasPrefix("posix/"), !path.hasPrefix("right/"), path.first?.isUppercase == true else { return false }
      guard let file = FileManager.default.contents(atPath: "\(folder)/\(path)") else { return false }
      return file.prefix(4).elementsEqual("TZif".utf8)
    }
    guard !names.isEmpty else {
      throw MatrixError(
        .plan, subject: folder, reason: "there are no time zones", hint: "install tzdata, or name the zones")
    }
    return names.sorted()
  }

  /// Every locale in UTF-8 that can be built, in their order.
  static func locales(in file: String = "/usr/share/i18n/SUPPORTED") throws(MatrixError) -> [String] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw MatrixError(
        .plan, subject: file, reason: "it cannot be read", hint: "install locales, or name the locales")
    }
    let names = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line -> String? in
      let words = line.split(separator: " ")
      guard words.count == 2, words[1] == "UTF-8" else { return nil }
      let name = String(words[0])
      if name.contains(".") { return name }
      let parts = name.split(separator: "@", maxSplits: 1)
      return parts.count == 2 ? "\(parts[0]).UTF-8@\(parts[1])" : "\(name).UTF-8"
    }
    return Set(names).sorted()
  }
}

extension Substring {
  fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
    var result = self
    while let first = result.first, isBlank(first) { result = result.dropFirst() }
    while let last = result.last, isBlank(last) { result = result.dropLast() }
    return String(result)
  }
}
