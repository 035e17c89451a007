import EnvprobeModel

/// What an observation's place is called in a sentence.
struct PlaceWords: Hashable, Sendable {
  /// `apostrophe in ⟨a request body⟩`
  var noun: String
  /// `whether ⟨a request is sent⟩`
  var presence: String

  private init(_ noun: String, _ presence: String) {
    self.noun = noun
    self.presence = presence
  }

  init(_ channel: Channel, _ location: String) {
    switch channel {
    case .http: self = Self.http(location)
    case .dns: self.init("the set of names asked for", "a name is asked for")
    case .connect: self.init("the set of connections made", "a connection is made")
    case .tcp: self.init("what is sent over TCP", "bytes are sent over TCP")
    case .udp: self.init("a datagram", "a datagram is sent")
    case .tls: self.init("a TLS client hello", "a part of a TLS client hello is there")
    case .file where location.hasPrefix("path asked for"):
      self.init("the set of paths asked for", "a path is asked for")
    case .file: self.init("a file that is written", "a file is written")
    case .exec where location.hasPrefix("looked for"):
      self.init("the set of programs looked for", "a program is looked for")
    case .exec: self.init("a program that is run", "a program is run")
    case .env where location == "all variables copied":
      self.init("the set of programs that copy all variables", "all variables are copied")
    case .env where location.hasSuffix(" asked for"):
      self.init("the set of programs that ask for a variable", "an environment variable is asked for")
    case .env: self.init("an environment variable that is passed on", "an environment variable is passed on")
    case .syscall: self.init("the set of system calls made", "a system call is made")
    case .stdout: self.init("standard output", "a line is written to standard output")
    case .stderr: self.init("standard error", "a line is written to standard error")
    case .exit: self.init("the exit status", "there is an exit status")
    case .timing: self.init("a duration", "there is a duration")
    }
  }

  /// A request's location is `METHOD host/path part`.
  private static func http(_ location: String) -> PlaceWords {
    let parts = location.split(separator: " ", maxSplits: 2)
    guard parts.count == 3 else { return .init("a request", "a request is sent") }
    let part = parts[2]
    if part.hasPrefix("header order") { return .init("the order of request headers", "request headers have an order") }
    if part.hasSuffix(" order") { return .init("the order of parts of a request", "parts of a request have an order") }
    if part.hasSuffix(" length") { return .init("the number of elements in a request", "a list is sent") }
    if part.hasPrefix("header.") { return .init("a request header", "a request header is sent") }
    if part.hasPrefix("body") { return .init("a request body", "a field of a request body is sent") }
    if part.hasPrefix("query") { return .init("the query of a request", "a field of a query is sent") }
    if part.hasPrefix("destination") { return .init("the destination of a request", "a request is sent") }
    if part.hasPrefix("route") { return .init("the way that a request takes", "a request is sent") }
    return .init("a request", "a request is sent")
  }

  /// What a kind of difference is called; a kind that is not listed is its own name.
  private static let kinds: [String: String] = [
    "bidi-control": "text direction", "invisible": "an invisible character", "whitespace": "white space",
    "normalisation-NFC": "the composition of characters", "normalisation-NFKC": "the form of characters",
    "confusable": "a look-alike character", "case": "upper and lower case", "quote": "quotation marks",
    "script-mix": "letters of several scripts",
  ]

  /// `apostrophe`, `date separator`
  static func kind(_ kind: String) -> String {
    kinds[kind] ?? VisibleText.escape(String(kind.map { $0 == "-" ? " " : $0 }))
  }
}
