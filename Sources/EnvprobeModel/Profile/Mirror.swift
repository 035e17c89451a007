/// A package index that a profile can redirect.
public struct Mirror: Hashable, Sendable {
  /// The key below `mirrors:`.
  public var name: String
  /// The variables that are set to the mirror's URL.
  public var variables: [String]
  /// A per-user configuration file, relative to HOME, and its text with `{url}` and `{host}` for the mirror's.
  public var file: (path: String, template: String)?
  /// The host that stands for an unset mirror.
  public var officialHost: String
  /// Whether the value may be several URLs with commas or bars between them, and `direct` and `off` among them.
  public var isList = false

  public static func == (a: Mirror, b: Mirror) -> Bool { a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  public static let all: [Mirror] = [
    .init(
      name: "npm", variables: ["NPM_CONFIG_REGISTRY"], file: (".npmrc", "registry={url}\n"),
      officialHost: "registry.npmjs.org"),
    .init(
      name: "pip", variables: ["PIP_INDEX_URL"],
      file: (".config/pip/pip.conf", "[global]\nindex-url = {url}\ntrusted-host = {host}\n"),
      officialHost: "pypi.org"),
    .init(name: "go", variables: ["GOPROXY"], file: nil, officialHost: "proxy.golang.org", isList: true),
    .init(name: "huggingface", variables: ["HF_ENDPOINT"], file: nil, officialHost: "huggingface.co"),
    .init(
      name: "cargo", variables: [],
      file: (
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"mirror\"\n\n[source.mirror]\nregistry = \"sparse+{url}\"\n"
      ),
      officialHost: "index.crates.io"),
  ]

  public static func named(_ name: String) -> Mirror? { all.first { $0.name == name } }
}
