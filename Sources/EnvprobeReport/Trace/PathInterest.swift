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
  var patterns: [PathPattern]

  private init(_ kind: Kind, _ meaning: String, _ patterns: PathPattern...) {
    self.kind = kind
    self.meaning = meaning
    self.patterns = patterns
  }

  /// In the order in which they are shown.
  static let all = secrets + AmbientRead.all.filter { !$0.paths.isEmpty }.map { PathInterest($0) }

  private static let secrets: [PathInterest] = [
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
  ]

  private init(_ ambient: AmbientRead) {
    kind = .place
    meaning = ambient.subject
    patterns = ambient.paths
  }

  /// The first row that a path falls under, `nil` where it is of no interest.
  static func of(path: String, home: String) -> PathInterest? {
    all.first { row in row.patterns.contains { $0.matches(path, home: home) } }
  }
}
