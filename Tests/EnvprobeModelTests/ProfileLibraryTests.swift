import EnvprobeModel
import Testing

@Suite struct ProfileLibraryTests {
  struct NoSuchFile: Error, CustomStringConvertible { var description: String { "No such file or directory (ENOENT)" } }

  /// A library of one bundled profile over a file system of these files.
  static func library(_ files: [String: String] = [:], bundled: [String: String] = [:]) -> ProfileLibrary {
    let sources = bundled.sorted { $0.key < $1.key }
      .map { ProfileLibrary.Source(name: $0.key, file: "\($0.key).yaml (bundled)", text: $0.value) }
    return ProfileLibrary(sources: sources) { path in
      guard let text = files[path] else { throw NoSuchFile() }
      return text
    }
  }

  @Test func childWinsFactorByFactor() throws {
    let library = Self.library(bundled: [
      "base": "timezone: UTC\nlocale: C\nendpoint: https://a.example\nenv: {A: 1, B: 2}",
      "middle": "extends: base\nlocale: POSIX\nendpoint:\nenv: {B: 3}",
      "leaf": "extends: middle\ndescription: d\nenv: {C: 4, A: ~}",
    ])
    let leaf = try library.profile("leaf")
    #expect(leaf.ancestors == ["middle", "base"])
    #expect(leaf.description == "d")
    #expect(
      leaf.assignment
        == Assignment([
          .timezone: .timezone("UTC"), .locale: .locale(.init(lang: "POSIX")), .variable("B"): .variable("3"),
          .variable("C"): .variable("4"),
        ]))
  }

  @Test func findsPathsBesideTheFileThatExtendsThem() throws {
    let library = Self.library(
      ["team/a.yaml": "extends: ../shared/b.yaml\nlocale: C", "shared/b.yaml": "extends: base\nhostname: b"],
      bundled: ["base": "timezone: UTC"])
    let profile = try library.profile("team/a.yaml")
    #expect(profile.name == "a")
    #expect(profile.ancestors == ["b", "base"])
    #expect(profile.assignment.factors == [.timezone, .locale, .hostname])
  }

  /// A file of the user's may bear the name of a bundled profile and extend it.
  @Test func tellsAFileFromABundledProfileOfTheSameName() throws {
    let library = Self.library(["cn.yaml": "extends: cn\nlocale: C"], bundled: ["cn": "timezone: UTC"])
    #expect(try library.profile("cn.yaml").assignment.factors == [.timezone, .locale])
    #expect(try library.profile("./cn.yaml").assignment.factors == [.timezone, .locale])
  }

  static let mistakes: [(String, [String: String], [String: String], String)] = [
    ("cm", [:], ["cn": "", "us": ""], "--profile: unknown profile 'cm' (did you mean 'cn'?)"),
    ("nowhere", [:], ["cn": "", "us": ""], "--profile: unknown profile 'nowhere' (known: cn, us)"),
    ("x.yaml", [:], [:], "--profile: cannot read the profile x.yaml: No such file or directory (ENOENT)"),
    (
      "d/x.yaml", ["d/x.yaml": "name: x\nextends: y.yaml"], [:],
      "d/x.yaml:2:10: cannot read the profile d/y.yaml: No such file or directory (ENOENT)"
    ),
    ("x.yaml", ["x.yaml": "extends: uss"], ["us": ""], "x.yaml:1:10: unknown profile 'uss' (did you mean 'us'?)"),
    (
      "a", [:], ["a": "extends: b", "b": "extends: c", "c": "extends: b"],
      "c.yaml (bundled):1:10: 'extends' goes in a circle: b.yaml (bundled) → c.yaml (bundled) → b.yaml (bundled)"
    ),
    ("a.yaml", ["a.yaml": "extends: ./a.yaml"], [:], "a.yaml:1:10: 'extends' goes in a circle: a.yaml → a.yaml"),
    (
      "a.yaml", ["a.yaml": "extends: sub/../b.yaml", "b.yaml": "extends: a.yaml"], [:],
      "b.yaml:1:10: 'extends' goes in a circle: a.yaml → b.yaml → a.yaml"
    ),
    (
      "a.yaml", ["a.yaml": "extends: b.yaml", "b.yaml": "timezne: UTC"], [:],
      "b.yaml:1:1: unknown key 'timezne' (did you mean 'timezone'?)"
    ),
  ]

  @Test(arguments: mistakes.indices) func saysWhatIsWrongAndWhere(mistake index: Int) {
    let (name, files, bundled, expected) = Self.mistakes[index]
    let error = #expect(throws: ProfileError.self) { try Self.library(files, bundled: bundled).profile(name) }
    #expect(error?.description == expected)
  }
}
