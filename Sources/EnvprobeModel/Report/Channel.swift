/// A way by which behaviour can be seen from outside.
public enum Channel: String, Sendable, Codable, CaseIterable, Comparable {
  case http, dns, connect, tcp, udp, tls, file, exec, env, syscall, stdout, stderr, exit, timing

  public static func < (a: Channel, b: Channel) -> Bool {
    allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)!
  }

  /// For help texts and the reference page.
  public var summary: String {
    switch self {
    case .http: "requests: target, header lines with order and case, bodies by field"
    case .dns: "names that were asked for"
    case .connect: "addresses and ports that were connected to"
    case .tcp: "bytes of TCP protocols that are not taken apart"
    case .udp: "datagrams"
    case .tls: "client hellos: server name, protocols offered, fingerprint"
    case .file: "files created, changed or removed in HOME, /tmp and the working directory; paths asked for"
    case .exec: "programs run, with their arguments"
    case .env: "environment variables asked for, and those passed on to children"
    case .syscall: "system calls by name"
    case .stdout: "standard output, by line"
    case .stderr: "standard error, by line"
    case .exit: "exit status or signal"
    case .timing: "durations"
    }
  }
}
