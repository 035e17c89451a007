import EnvprobeModel
import Testing

@testable import EnvprobeCompare

@Suite struct CatalogFoldersTests {
  private static let chinese = CatalogFolders(LocaleSetting(lang: "zh_CN.UTF-8"))
  private static let mixed = CatalogFolders(
    LocaleSetting(lang: "de_DE.ISO-8859-15@euro", overrides: ["LANGUAGE": "de:ja", "LC_TIME": "C"]))

  @Test(arguments: ["zh_CN.UTF-8", "zh_CN.utf8", "zh_CN", "zh.UTF-8", "zh.utf8", "zh"])
  func everyFolderOfTheLocaleIsOne(_ name: String) {
    #expect(
      Self.chinese.canonical("/usr/share/locale/\(name)/LC_MESSAGES/grep.mo")
        == "/usr/share/locale/<locale-folder>/LC_MESSAGES/grep.mo")
  }

  @Test(arguments: ["de_DE.ISO-8859-15@euro", "de_DE.iso885915@euro", "de_DE@euro", "de", "ja"])
  func modifiersAndLists(_ name: String) {
    #expect(Self.mixed.canonical("/x/\(name)/LC_TIME") == "/x/<locale-folder>/LC_TIME")
  }

  /// What is not the locale's own stays, and so does what is no folder of a catalog: lists of languages are constants.
  @Test(arguments: [
    "/usr/share/locale/en/LC_MESSAGES/grep.mo", "/srv/texts/zh/index.json", "zh/LC_MESSAGES", "/LC_MESSAGES/x",
    "/usr/share/locale/zh_TW/LC_MESSAGES/grep.mo", "/usr/share/locale/zh/lc_messages/x", "",
  ])
  func leavesAlone(_ path: String) { #expect(Self.chinese.canonical(path) == path) }

  @Test(arguments: [nil, "C", "C.UTF-8", "POSIX"]) func noLanguage(_ lang: String?) {
    let folders = CatalogFolders(lang.map { LocaleSetting(lang: $0) })
    #expect(folders.canonical("/usr/share/locale/C/LC_MESSAGES/x") == "/usr/share/locale/C/LC_MESSAGES/x")
  }
}
