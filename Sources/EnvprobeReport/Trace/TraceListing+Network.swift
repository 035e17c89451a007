import EnvprobeModel

extension TraceListing {
  func writeNetwork(on page: inout TextPage) {
    page.heading("HOSTS", hosts.isEmpty ? "none contacted" : "bytes are the program's: out is what it sent")
    let rows = hosts.map(row(of:))
    let widths = (0..<4).map { column in rows.map { DisplayWidth.of($0[column]) }.max() ?? 0 }
    for (host, row) in zip(hosts, rows) {
      let columns = zip(row, widths).map { StyledText($0).padded(to: $1 + 2) }
      page.line(columns.reduce("  ", +))
      for tunnel in host.tunnels { page.paragraph("on to \(VisibleText.escape(tunnel))", first: "    ", style: .faint) }
      for failure in host.failures { page.paragraph(VisibleText.escape(failure), first: "    ", style: .caution) }
    }
    page.heading("NAMES", Quantity.count(names.count, "name"))
    for name in names {
      let status = name.status == "NOERROR" ? "" : "  \(VisibleText.escape(name.status))"
      page.line(
        "  " + StyledText(VisibleText.escape(name.name))
          + StyledText("  \(VisibleText.escape(name.types.joined(separator: " ")))", .faint)
          + StyledText(name.count > 1 ? "  × \(name.count)" : "", .faint)
          + StyledText(name.callers.isEmpty ? "" : "  \(VisibleText.escape(Self.by(name.callers)))", .faint)
          + StyledText(status, .caution))
    }
    if handshakes.isEmpty { return }
    page.heading("TLS", Quantity.count(handshakes.count, "handshake"))
    // Clients shake hands in the same way again and again.
    var counts: [TLSHandshake: Int] = [:]
    var order: [TLSHandshake] = []
    for var shake in handshakes {
      shake.connection = 0
      if counts.updateValue(counts[shake, default: 0] + 1, forKey: shake) == nil { order.append(shake) }
    }
    for shake in order {
      let offers = [
        shake.versions.joined(separator: " "), shake.alpn.joined(separator: " "), shake.ja4 ?? "", shake.failure ?? "",
      ]
      let times = counts[shake]! > 1 ? " × \(counts[shake]!)" : ""
      page.paragraph(
        VisibleText.escape(offers.filter { !$0.isEmpty }.joined(separator: " · ")) + times,
        first: "  " + StyledText(VisibleText.escape(shake.serverName ?? "(no server name)")) + "  ", indent: 4,
        style: .faint)
    }
  }

  /// Host with port, requests or connections, and bytes.
  func row(of host: Host) -> [String] {
    let isName = host.host.contains(":") ? "[\(host.host)]" : host.host
    let what =
      host.requests > 0
      ? Quantity.count(host.requests, "request") : Quantity.count(host.connections, "connection")
    return [
      VisibleText.escape("\(isName):\(host.port)") + (host.transport == .udp ? " (UDP)" : ""), what,
      "\(Quantity.bytes(host.received)) out, \(Quantity.bytes(host.sent)) in",
      host.callers.isEmpty ? "" : VisibleText.escape(Self.by(host.callers)),
    ]
  }

  /// `by curl (3), git (7) and 4 more`
  static func by(_ callers: [String]) -> String {
    let named = callers.prefix(3).joined(separator: ", ")
    return "by \(named)" + (callers.count > 3 ? " and \(callers.count - 3) more" : "")
  }

  // MARK: - Requests

  func writeRequests(on page: inout TextPage) {
    page.heading("REQUESTS", exchanges.isEmpty ? "none" : "")
    for exchange in exchanges {
      let number = StyledText("  \(exchange.number)  ", .faint)
      let request = exchange.request
      page.paragraph(
        VisibleText.escape(exchange.url),
        first: number + StyledText(VisibleText.escape(request.method) + " ", .strong), style: .strong)
      let size = (request.decodedBody ?? request.body).map { ", body of \(Quantity.bytes($0.size))" } ?? ""
      let via = request.via.isEmpty ? "" : " over \(request.via.joined(separator: ", "))"
      let cut = request.truncated ? ", broken off" : ""
      let answer =
        exchange.response.map { response in
          let body = response.body.map { ", \(Quantity.bytes($0.size))" } ?? ""
          return "answered \(response.status) (\(response.source)\(body))"
        } ?? "not answered"
      let indent = String(repeating: " ", count: number.width)
      let caller = exchange.caller.map { " by \($0)" } ?? ""
      page.paragraph(
        VisibleText.escape("\(request.version)\(caller)\(via)\(size)\(cut); \(answer)"), first: StyledText(indent),
        style: .faint
      )
      if exchange.requestBody == nil, page.options.verbosity < .verbose { continue }
      for header in request.headers + request.trailers {
        page.paragraph(
          VisibleText.escape(header.value),
          first: StyledText(indent) + StyledText(VisibleText.escape(header.name) + ": ", .faint),
          indent: number.width + 4)
      }
      if let body = exchange.requestBody { writeBody(body, label: "body", indent: indent, on: &page) }
      if let body = exchange.responseBody { writeBody(body, label: "answer", indent: indent, on: &page) }
    }
  }

  private func writeBody(_ body: ByteString, label: String, indent: String, on page: inout TextPage) {
    page.line(StyledText(indent) + StyledText("\(label), \(Quantity.bytes(body.bytes.count)):", .faint))
    writeLines(body, indent: indent + "  ", on: &page)
  }

  /// Bytes by line; those that are no text in hex.
  func writeLines(_ bytes: ByteString, indent: String, on page: inout TextPage) {
    guard let text = bytes.text else {
      page.paragraph(
        bytes.bytes.prefix(256).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined(separator: " ")
          + (bytes.bytes.count > 256 ? " …" : ""), first: StyledText(indent), style: .faint)
      return
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    for line in lines { page.paragraph(VisibleText.escape(String(line)), first: StyledText(indent)) }
  }
}
