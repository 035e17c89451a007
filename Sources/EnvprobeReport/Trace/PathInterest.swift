import EnvprobeModel

/// A path that a reader of a trace wants to know was asked for.
struct PathInterest: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable, Comparable, Encodable, CaseIterable {
    /// Keys, tokens, histories: what no program needs that was not told to.
    case secret
    /// What tells where, and on which machine, the program runs.
    case place

    static func < (a: Kind, b: Kind) -> Bool { allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)! }
  }

  var kind: Kind
  /// What the file holds.
  var meaning: String
  /// `~` is HOME. A pattern ending in a slash matches everything below, and the folder itself; `*` is one name.
  var patterns: [String]

  private init(_ kind: Kind, _ meaning: String, _ patterns: String...) {
    self.kind = kind
    self.meaning = meaning
    self.patterns = patterns
  }

  /// In the order in which they are shown.
  static let all: [PathInterest] = [
    .init(.secret, "SSH keys", "~/.ssh/", "/etc/ssh/"),
    .init(.secret, "cloud credentials", "~/.aws/", "~/.azure/", "~/.config/gcloud/", "~/.kube/", "~/.oci/"),
    .init(
      .secret, "tokens", "~/.netrc", "~/.git-credentials", "~/.config/git/credentials", "~/.npmrc", "~/.pypirc",
      "~/.config/gh/", "~/.docker/config.json", "~/.cargo/credentials.toml", "~/.huggingface/",
      "~/.cache/huggingface/token"),
    .init(.secret, "private keys and passwords", "~/.gnupg/", "~/.password-store/", "~/.local/share/keyrings/"),
    .init(.secret, "browser data", "~/.mozilla/", "~/.config/google-chrome/", "~/.config/chromium/"),
    .init(.secret, "shell history", "~/.bash_history", "~/.zsh_history", "~/.local/share/fish/"),
    .init(.secret, "passwords of the system", "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/root/"),
    .init(.secret, "container control", "/run/docker.sock", "/var/run/docker.sock", "/run/containerd/"),
    .init(.secret, "environments of processes", "/proc/*/environ"),
    .init(.place, "time zone", "/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo/"),
    .init(
      .place, "locale", "/etc/locale.conf", "/etc/default/locale", "/usr/lib/locale/", "/etc/locale.alias"),
    .init(.place, "host name", "/etc/hostname", "/proc/sys/kernel/hostname"),
    .init(.place, "network", "/etc/resolv.conf", "/etc/hosts", "/proc/net/", "/proc/*/net/", "/sys/class/net/"),
    .init(.place, "machine", "/etc/machine-id", "/var/lib/dbus/machine-id", "/sys/class/dmi/", "/proc/cpuinfo"),
    .init(.place, "user", "/etc/passwd", "~/.gitconfig", "~/.config/git/config"),
    .init(.place, "container", "/.dockerenv", "/run/.containerenv", "/proc/1/cgroup"),
  ]

  /// The first row that a path falls under, `nil` where it is of no interest.
  static func of(path: String, home: String) -> PathInterest? {
    all.first { row in row.patterns.contains { matches(path, $0, home: home) } }
  }

  private static func matches(_ path: String, _ pattern: String, home: String) -> Bool {
    let expanded = pattern.hasPrefix("~") ? home + pattern.dropFirst() : pattern
    // Most paths of a run are of libraries: they are told apart here, before anything is taken apart.
    guard path.utf8.starts(with: expanded.utf8.prefix { $0 != UInt8(ascii: "*") }.dropLast()) else { return false }
    let isFolder = expanded.hasSuffix("/")
    let wanted = expanded.split(separator: "/")
    let given = path.split(separator: "/")
    guard isFolder ? given.count >= wanted.count : given.count == wanted.count else { return false }
    return zip(given, wanted).allSatisfy { $1 == "*" || $0 == $1 }
  }
}
