import EnvprobeModel
import Glibc

extension Sandbox {
  /// How the C library inside writes dates and times, as a program of this plan finds it; `nil` for its default, and
  /// where the category cannot be read or is not in UTF-8, in which case local dates are not explained.
  public func calendar(of plan: Plan) -> LocaleCalendar? {
    guard let name = plan.surroundings.value(ofFirst: ["LC_ALL", "LC_TIME", "LANG"]) else { return nil }
    return locales.calendar(of: name)
  }
}

extension LocaleCache {
  /// The category LC_TIME of a locale, from the file that the program inside reads.
  func calendar(of locale: String) -> LocaleCalendar? {
    let name = Self.folderName(of: locale)
    guard !["C.utf8", "C", "POSIX"].contains(name) else { return nil }
    let system = Self.systemFolder
    for folder in ["\(system)/\(name)", "\(system)/\(locale)", builtFolder(named: name)] {
      if let bytes = try? HostFiles.bytes(folder + "/LC_TIME"), let items = TimeCategory(bytes) {
        return LocaleCalendar(items)
      }
    }
    return LocaleArchive(locale).flatMap { LocaleCalendar($0) }
  }
}

/// Something that answers as nl_langinfo(3) does.
private protocol LanguageItems {
  /// The text of an item, a list of such texts for those that have several; `nil` where it is not in UTF-8.
  func text(_ item: Int) -> String?
  func texts(_ item: Int) -> [String]
}

/// A file of the category, as localedef(1) writes it (glibc, `locale/loadlocale.c`): a magic number, the number of items,
/// the offset of each, and texts that end with a zero byte.
private struct TimeCategory: LanguageItems {
  private let bytes: [UInt8]
  private let offsets: [Int]

  init?(_ bytes: [UInt8]) {
    func word(_ index: Int) -> Int? {
      let start = 4 * index
      guard start + 4 <= bytes.count else { return nil }
      return bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: start, as: UInt32.self)) }
    }
    guard word(0) == 0x2003_1115 ^ Int(LC_TIME), let count = word(1), count > 0, count < 10_000 else { return nil }
    self.bytes = bytes
    offsets = (0..<count).compactMap { word(2 + $0) }
    guard offsets.count == count else { return nil }
  }

  func text(_ item: Int) -> String? {
    guard item < offsets.count, offsets[item] < bytes.count else { return nil }
    return String(validating: bytes[offsets[item]...].prefix { $0 != 0 }, as: UTF8.self)
  }

  func texts(_ item: Int) -> [String] {
    guard item + 1 < offsets.count, offsets[item] < offsets[item + 1], offsets[item + 1] <= bytes.count else {
      return []
    }
    return bytes[offsets[item]..<offsets[item + 1]].split(separator: 0)
      .compactMap { String(validating: $0, as: UTF8.self) }
  }
}

/// A locale of the system's archive, asked for through the C library.
private final class LocaleArchive: LanguageItems {
  private let handle: locale_t

  init?(_ name: String) {
    guard let handle = newlocale(1 << LC_TIME, name, nil) else { return nil }
    self.handle = handle
  }

  deinit { freelocale(handle) }

  func text(_ item: Int) -> String? {
    nl_langinfo_l(nl_item(Int32(LC_TIME) << 16 | Int32(item)), handle).flatMap { String(validatingCString: $0) }
  }

  func texts(_ item: Int) -> [String] {
    // Lists have an empty text at their end.
    guard var pointer = UnsafePointer(nl_langinfo_l(nl_item(Int32(LC_TIME) << 16 | Int32(item)), handle)) else {
      return []
    }
    var result: [String] = []
    while pointer.pointee != 0, result.count < 200 {
      if let text = String(validatingCString: pointer) { result.append(text) }
      pointer += strlen(pointer) + 1
    }
    return result
  }
}

extension LocaleCalendar {
  /// The numbers of the items in the category (`langinfo.h`).
  private enum Item {
    static let weekdays = (abbreviated: 0, full: 7)
    static let months = (abbreviated: 14, full: 26, standalone: 111)
    static let halves = 38
    static let formats = ["%c": 40, "%x": 41, "%X": 42, "%r": 43, "%Ex": 46, "%Ec": 48, "%EX": 49, "date": 108]
    static let eras = 44
    static let digits = 47
    static let codeset = 110
  }

  fileprivate init?(_ items: some LanguageItems) {
    func list(_ first: Int, _ count: Int) -> [String] { (first..<first + count).compactMap { items.text($0) } }
    guard items.text(Item.codeset) == "UTF-8" else { return nil }
    let halves = list(Item.halves, 2)
    self.init(
      weekdays: list(Item.weekdays.full, 7), abbreviatedWeekdays: list(Item.weekdays.abbreviated, 7),
      months: list(Item.months.full, 12), abbreviatedMonths: list(Item.months.abbreviated, 12),
      standaloneMonths: list(Item.months.standalone, 12), halves: halves.contains("") ? [] : halves,
      formats: Item.formats.compactMapValues { items.text($0) }.filter { !$0.value.isEmpty },
      digits: items.texts(Item.digits), eras: items.texts(Item.eras).filter { $0.first == "+" || $0.first == "-" })
    guard weekdays.count == 7, abbreviatedWeekdays.count == 7, months.count == 12, abbreviatedMonths.count == 12,
      standaloneMonths.count == 12
    else { return nil }
  }
}
