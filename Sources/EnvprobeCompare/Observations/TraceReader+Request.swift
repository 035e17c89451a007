import EnvprobeModel

extension TraceReader {
  /// The observations of one request. Its place is named by method, host and path: the order of requests is chance, and
  /// equal requests are a multiset.
  mutating func request(_ request: HTTPRequest) {
    let role = hosts.role(of: request.host)
    let (path, query) = Self.target(request.target)
    var relative = path
    if let base = role?.basePath, !base.isEmpty, relative.hasPrefix(base) {
      relative = String(relative.dropFirst(base.count))
    }
    let canonicalPath = substitute(relative)
    let template = IdentifierMask.template(canonicalPath)
    let host = role?.placeholder ?? placeName(hosts.name(request.host))
    let label = "\(request.method) \(host)\(template)"
    labels[request.exchange] = label
    let isCall = ModelAPI.isCall(method: request.method, path: path)
    let tier: Observation.Tier = isCall ? .trusted : .low

    run.add("sent", at: Place(.http, label), tier: .trusted)
    destination(of: request, role: role, label: label)
    if Text(template) != Text(canonicalPath) { run.add(canonicalPath, at: Place(.http, "\(label) path"), tier: .low) }
    if let query { fields(of: query, .http, "\(label) query", tier) }
    run.add(request.version, at: Place(.http, "\(label) version"), tier: .low)
    if request.truncated { run.add("truncated", at: Place(.http, "\(label) end"), tier: .low) }
    headers(of: request, label: label, role: role, tier)
    body(of: request, label: label, tier)
  }

  /// Where the request really went, and over what: apart from the place, so that a request that goes elsewhere is one
  /// difference and not one for each of its fields.
  private mutating func destination(of request: HTTPRequest, role: HostNames.Role?, label: String) {
    let place = Place(.http, "\(label) destination")
    if let role, role.isConfigured {
      let scheme = request.scheme == role.scheme ? "<scheme>" : request.scheme
      let port = request.port == role.port ? "" : ":\(request.port)"
      run.add("\(scheme)://\(role.placeholder)\(port)", at: place, tier: .trusted)
    } else {
      let isDefault = request.port == (request.scheme == "http" ? 80 : 443)
      add(
        .http, place.location,
        "\(request.scheme)://\(hosts.name(request.host))\(isDefault ? "" : ":\(request.port)")", .trusted)
    }
    if request.via.contains("proxy"), trace.manifest.assignment.proxy != nil { proxied(request.host, request.port) }
    let overProxy = request.via.contains { $0 != "tls" }
    let asConfigured = overProxy == (trace.manifest.assignment.proxy != nil)
    run.add(
      asConfigured ? "as configured" : overProxy ? "over a proxy that is not configured" : "past the proxy",
      at: Place(.http, "\(label) route"), tier: .low, shape: .set)
  }

  /// The path and the query of a target, which is a whole URL where a proxy was asked.
  private static func target(_ target: String) -> (path: String, query: String?) {
    var rest = target[...]
    if let mark = rest.firstRange(of: "://"), !rest[..<mark.lowerBound].contains("/") {
      rest = rest[mark.upperBound...]
      rest = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
    }
    guard let question = rest.firstIndex(of: "?") else { return (String(rest), nil) }
    return (String(rest[..<question]), String(rest[rest.index(after: question)...]))
  }

  // MARK: Headers

  private mutating func headers(of request: HTTPRequest, label: String, role: HostNames.Role?, _ tier: Observation.Tier)
  {
    let lines = Self.rawLines(request, blobs: trace.blobs)
    var names: [String] = []
    for (header, line) in zip(request.headers, lines) {
      let name = header.name.lowercased()
      names.append(name)
      // The one follows from the body, the others (HTTP/2) are observed as what they are made of.
      if ["content-length", ":method", ":scheme", ":path"].contains(name) { continue }
      // What a client says to the proxy, not to the host.
      let headerTier: Observation.Tier = name.hasPrefix("proxy-") ? .low : tier
      run.add(
        headerValue(header, line: line, role: role), at: Place(.http, "\(label) header.\(name)"), tier: headerTier)
    }
    addOrder(.http, "\(label) header order", names, tier)
    for trailer in request.trailers {
      add(.http, "\(label) trailer.\(trailer.name.lowercased())", "\(trailer.name): \(trailer.value)", tier)
    }
  }

  /// A header line as it was written, name and all: case and spaces are observed.
  private mutating func headerValue(_ header: HTTPHeader, line: String, role: HostNames.Role?) -> String {
    let lower = header.name.lowercased()
    if lower == "host" || lower == ":authority", let role, role.isConfigured {
      let value = header.value
      let host = value.prefix { $0 != ":" }
      let port = value.dropFirst(host.count).dropFirst()
      if host.lowercased() == host, port.isEmpty || Int(port) == role.port,
        let place = line.firstRange(of: value)
      {
        return line.replacingCharacters(in: place, with: role.placeholder)
      }
    }
    // Values that stand for themselves only as a whole are whole without the name.
    guard let place = line.firstRange(of: header.value) else { return substitute(line) }
    return line.replacingCharacters(in: place, with: substitute(header.value))
  }

  /// The header lines as they came, where the head was kept: `Name:value` and `Name: value ` are two.
  private static func rawLines(_ request: HTTPRequest, blobs: [String: [UInt8]]) -> [String] {
    let composed = request.headers.map { "\($0.name): \($0.value)" }
    guard let head = request.head.flatMap({ blobs[$0.sha256] }) else { return composed }
    var lines = head.split(separator: 0x0A, omittingEmptySubsequences: true).dropFirst().map { line in
      String(escapingInvalid: line.last == 0x0D ? line.dropLast() : line)
    }
    lines.removeAll { $0.isEmpty }
    let matches =
      lines.count == composed.count
      && zip(lines, request.headers).allSatisfy { line, header in line.hasPrefix(header.name) }
    return matches ? lines : composed
  }

  // MARK: Body

  private mutating func body(of request: HTTPRequest, label: String, _ tier: Observation.Tier) {
    let type = request.headers.first { $0.name.lowercased() == "content-type" }?.value
    if let blob = request.decodedBody ?? request.body, blob.size > 0 {
      guard let bytes = trace.blobs[blob.sha256] else {
        run.add("sha256 \(blob.sha256)", at: Place(.http, "\(label) body"), tier: tier)
        return
      }
      content(bytes, type: type, .http, "\(label) body", tier)
    }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
