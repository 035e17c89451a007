import EnvprobeModel

/// Bytes that a bundle keeps under their hash, and in how many runs they were the same.
struct EvidenceRow: Encodable {
  var sha256: String
  var size: Int
  /// What they were when they were first seen: `POST api.example.com/v1/messages`.
  var what: String
  var runs: Int

  /// The bytes of the requests, responses and files of all traces, those that the most runs share first.
  static func rows(_ traces: [Trace]) -> [EvidenceRow] {
    var rows: [String: EvidenceRow] = [:]
    var order: [String: Int] = [:]
    for trace in traces {
      var seen: Set<String> = []
      var exchanges: [Int: String] = [:]
      func note(_ blob: Blob?, _ what: String) {
        guard let blob, seen.insert(blob.sha256).inserted else { return }
        if rows[blob.sha256] == nil { order[blob.sha256] = order.count }
        rows[blob.sha256, default: EvidenceRow(sha256: blob.sha256, size: blob.size, what: what, runs: 0)].runs += 1
      }
      for event in trace.events {
        switch event.payload {
        case .request(let request):
          let path = request.target.prefix { $0 != "?" }
          let name = "\(request.method) \(request.host)\(path)"
          exchanges[request.exchange] = name
          note(request.body, "request \(name)")
          note(request.decodedBody, "request \(name), decoded")
        case .response(let response):
          note(response.body, "response to \(exchanges[response.exchange] ?? "a request")")
        case .file(let change): note(change.content, "\(change.root.rawValue)/\(change.path.displayText)")
        case .message(let message): note(message.content, "message \(message.direction.rawValue)")
        case .raw(let raw): note(raw.content, "bytes \(raw.direction.rawValue)")
        default: break
        }
      }
    }
    return rows.values.sorted { ($1.runs, order[$0.sha256]!) < ($0.runs, order[$1.sha256]!) }
  }
}
