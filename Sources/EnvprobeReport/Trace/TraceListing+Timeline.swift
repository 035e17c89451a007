import EnvprobeModel

extension TraceListing {
  /// Seconds since the launch, to the tenth of a millisecond.
  static func clock(_ time: Double) -> String {
    let text = Quantity.decimal(time, places: 4)
    return String(repeating: " ", count: max(0, 8 - text.utf8.count)) + text
  }

  func writeTimeline(on page: inout TextPage) {
    page.heading("TIMELINE", Quantity.count(timeline.count, "event") + (filter == nil ? "" : " of those asked for"))
    for event in timeline {
      let pid = event.pid.map(String.init) ?? "-"
      let lead =
        StyledText("  ")
        + StyledText(
          "\(Self.clock(event.time)) \(String(repeating: " ", count: max(0, 4 - pid.count)))\(pid)  ", .faint)
      page.paragraph(line(event.payload), first: lead, indent: lead.width)
    }
  }

  /// An event in one line, in the manner of strace where it is a call.
  private func line(_ payload: Event.Payload) -> String {
    switch payload {
    case .process(let process):
      return "process of \(process.parent)" + (process.executable.map { ", \(short($0))" } ?? "")
    case .exec(let call):
      let arguments = call.arguments.value?.map(\.displayText) ?? []
      let target = call.exists.map { $0 ? call.resolved.map { .elsewhere($0) } ?? .present : PathTarget.missing }
      return VisibleText.escape("execve(\(text(call.path)), \(ShellWord.join(arguments)))")
        + words([target ?? .unknown])
    case .syscall(let call):
      let arguments = call.arguments.map(text).joined(separator: ", ")
      let end = call.denied.map { " = -\($0)" } ?? ""
      return VisibleText.escape("\(call.name)(\(arguments))\(end)") + words(call.observed ?? [])
    case .output(let output): return "\(output.stream.rawValue)  \(Quantity.bytes(output.bytes.bytes.count))"
    case .file(let change): return "\(change.change.rawValue) \(change.kind.rawValue) \(path(of: change))"
    case .exit(let exit): return "exit \(exit.shellStatus)"
    case .connection(let connection):
      return VisibleText.escape(
        "\(connection.transport.rawValue) connection \(connection.id) to "
          + "\(connection.name ?? connection.address):\(connection.port)")
    case .connectionClosed(let end): return "connection \(end.connection) closed"
    case .dns(let query): return VisibleText.escape("name \(query.name) \(query.type) \(query.status)")
    case .tls(let hello): return VisibleText.escape("TLS client hello \(hello.serverName ?? "without a name")")
    case .tunnel(let tunnel): return VisibleText.escape("tunnel to \(tunnel.host):\(tunnel.port)")
    case .request(let request):
      return VisibleText.escape(
        "\(request.method) \(request.scheme)://\(request.host):\(request.port)\(request.target)")
    case .response(let response): return VisibleText.escape("answer \(response.status) (\(response.source))")
    case .raw(let bytes): return "\(Quantity.bytes(bytes.content.size)) \(bytes.direction.rawValue)"
    case .tlsSecret: return "a secret of TLS"
    case .segment(let segment):
      return "\(Quantity.bytes(segment.content.size)) \(segment.direction.rawValue) on connection \(segment.connection)"
    case .message(let message):
      return "WebSocket \(message.kind.rawValue) \(message.direction.rawValue), \(Quantity.bytes(message.content.size))"
    case .environmentRead(let read):
      let name = read.name.value?.displayText ?? "?"
      let reader = VariableReader(module: read.reader.module, symbol: read.reader.symbol, count: read.count).text
      let state = read.isSet.map { $0 ? "set" : "unset" } ?? "set or not"
      let times = read.count > 1 ? ", × \(read.count) in all" : ""
      return VisibleText.escape("getenv(\"\(name)\")  \(state), \(reader)\(times)")
    case .runtimeCall(let call):
      return VisibleText.escape(
        "\(call.name)  \(call.stack.first ?? "")" + (call.count > 1 ? ", × \(call.count) in all" : ""))
    case .instrumentation(let level): return VisibleText.escape("\(level.level.rawValue): \(level.reason)")
    case .gap(let gap): return VisibleText.escape("not seen: \(gap.detail)")
    case .diagnostic(let diagnostic): return VisibleText.escape(diagnostic.text)
    }
  }

  /// What was found of a call's paths, as seen next to it: its result is not known.
  private func words(_ targets: [PathTarget]) -> String {
    let texts = targets.compactMap { target -> String? in
      switch target {
      case .missing: "not there"
      case .elsewhere(let path): "→ \(short(path.displayText))"
      case .present, .unknown: nil
      }
    }
    return texts.isEmpty ? "" : "  (\(texts.joined(separator: ", ")))"
  }

  private func text(_ argument: SyscallCall.Argument) -> String {
    switch argument {
    case .number(let value): String(value)
    case .path(let value), .text(let value): text(value)
    case .flags(let names): names.isEmpty ? "0" : names.joined(separator: "|")
    case .address(let value):
      value.value.map { address in "\(address.family) \(address.address)\(address.port.map { ":\($0)" } ?? "")" } ?? "?"
    }
  }

  private func text(_ value: Observed<ByteString>) -> String {
    switch value {
    case .complete(let text): "\"\(text.displayText)\""
    case .truncated(let text, _): "\"\(text.displayText)\"…"
    case .unreadable(let errno): "?\(errno)"
    }
  }
}
