import EnvprobeModel

/// The requests of a run as commands for a shell, one each. Credentials in them are the markers that were recorded.
public enum CurlExport {
  /// The longest body that stands in the command itself, in bytes.
  static let inlineLimit = 4096

  /// - Parameter bundle: the folder of the run, where longer bodies are read from.
  public static func text(_ trace: Trace, bundle: String) -> String {
    TraceExchange.all(in: trace).map { exchange in
      let answer = exchange.response.map { "answered \($0.status) (\($0.source))" } ?? "not answered"
      return "# \(exchange.request.exchange)  after \(milliseconds(exchange.time)) ms, \(answer)\n"
        + command(for: exchange, in: trace, bundle: bundle).joined(separator: " \\\n  ") + "\n"
    }.joined(separator: "\n")
  }

  private static func milliseconds(_ seconds: Double) -> String { String(Int((seconds * 1000).rounded())) }

  /// The command, a line an element.
  private static func command(for exchange: TraceExchange, in trace: Trace, bundle: String) -> [String] {
    let request = exchange.request
    let version = request.version.hasPrefix("HTTP/2") ? "--http2" : request.version == "HTTP/1.0" ? "-0" : "--http1.1"
    var first = ["curl", version]
    switch request.method {
    case "GET" where request.body == nil && request.decodedBody == nil: break
    case "HEAD": first.append("--head")
    default: first += ["--request", request.method]
    }
    var lines = [ShellWord.join(first + [exchange.url])]
    let body = exchange.body(in: trace)
    var left: Set<String> = ["content-length", "transfer-encoding", "connection"]
    if request.headers.first("host") == exchange.authority { left.insert("host") }
    if request.body == nil { left.insert("content-encoding") }
    for header in exchange.requestHeaders where !left.contains(header.name.lowercased()) {
      // A field without a value would be left out after a colon.
      let field = header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
      lines.append(ShellWord.join(["--header", field]))
    }
    if let body, let blob = request.body ?? request.decodedBody {
      if body.count <= inlineLimit, !body.contains(0), let text = String(validating: body, as: UTF8.self) {
        lines.append(ShellWord.join(["--data-raw", text]))
      } else {
        lines.append(ShellWord.join(["--data-binary", "@\(bundle)/blobs/\(blob.sha256)"]))
      }
      if request.headers.first("content-type") == nil { lines.append(ShellWord.join(["--header", "Content-Type:"])) }
    }
    return lines
  }
}
