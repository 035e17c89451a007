import EnvprobeModel

/// The answers of an earlier run, for answering another one the same way.
public struct Recording: Sendable {
  /// A request as far as it must be the same to be answered the same.
  struct Key: Hashable, Sendable {
    var method: String
    /// With the host and port that it was for; credentials in it are one and the same.
    var url: String

    init(method: String, scheme: String, host: String, port: Int, target: String) {
      self.method = method
      var rest = target[...]
      // A proxy is asked by the whole URL, and a server by what follows its own name.
      if let mark = rest.firstRange(of: "://"), !rest[..<mark.lowerBound].contains("/") {
        rest = rest[mark.upperBound...].drop { $0 != "/" && $0 != "?" }
      }
      url = "\(scheme)://\(host.lowercased()):\(port)" + Self.withoutMarkers(String(rest))
    }

    /// Markers of redacted values hold a hash under a key that each run has for itself.
    private static func withoutMarkers(_ text: String) -> String {
      var result = ""
      var rest = text[...]
      while let mark = rest.firstRange(of: "<redacted "), let end = rest[mark.upperBound...].firstIndex(of: ">") {
        result += rest[..<mark.upperBound]
        rest = rest[end...]
      }
      return result + rest
    }
  }

  struct Entry: Sendable {
    /// SHA-256 of the request's body as recorded, in hex; empty for none.
    var bodyDigest: String
    var response: Response
  }

  private var entries: [Key: [Entry]] = [:]

  /// - Parameter trace: of a run that was answered by whatever origin.
  public init(_ trace: Trace) {
    var requests: [Int: HTTPRequest] = [:]
    for event in trace.events {
      switch event.payload {
      case .request(let request): requests[request.exchange] = request
      case .response(let response):
        guard let request = requests[response.exchange] else { continue }
        let key = Key(
          method: request.method, scheme: request.scheme, host: request.host, port: request.port,
          target: request.target)
        entries[key, default: []].append(
          Entry(bodyDigest: request.body?.sha256 ?? "", response: Response(recorded: response, in: trace)))
      default: break
      }
    }
  }

  /// The place among the answers to like requests: that to the same body before any other, one that was not given yet
  /// before one that was. A request beyond the recorded ones gets no answer, unless it is one of them again.
  ///
  /// - Parameter given: places of the answers that were given.
  func choose(_ key: Key, bodyDigest: String, given: Set<Int>) -> (place: Int, response: Response)? {
    guard let candidates = entries[key] else { return nil }
    let places = Array(candidates.indices)
    let place =
      places.first { !given.contains($0) && candidates[$0].bodyDigest == bodyDigest }
      ?? places.first { !given.contains($0) } ?? places.last { candidates[$0].bodyDigest == bodyDigest }
    return place.map { ($0, candidates[$0].response) }
  }
}

extension Response {
  /// Fields that are about one connection and not about the answer (RFC 9110, section 7.6.1), in lower case.
  static let connectionFields: Set<String> = [
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "upgrade", "te", "trailer",
    "proxy-authenticate",
  ]

  fileprivate init(recorded: HTTPResponse, in trace: Trace) {
    self.init(
      status: recorded.status,
      headers: recorded.headers.filter { !Self.connectionFields.contains($0.name.lowercased()) },
      body: recorded.body.flatMap { trace.blobs[$0.sha256] } ?? [], source: "replay")
    isForeign = true
  }
}
