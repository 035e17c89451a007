import EnvprobeModel
import FoundationEssentials

/// DNS over HTTPS (RFC 8484), and the JSON form that public resolvers share
/// (https://developers.google.com/speed/public-dns/docs/doh/json).
enum DNSOverHTTPS {
  static let responders: [Responder] = [
    Responder(name: "dns.query") { request, _, world in
      guard let query = question(in: request) else { return nil }
      guard let (response, record) = world.names.respond(to: query, transport: .tcp, server: request.host) else {
        return nil
      }
      var answer = Response.json(json(response))
      if !wantsJSON(request) {
        answer.headers = [HTTPHeader(name: "Content-Type", value: "application/dns-message")]
        answer.body = response.bytes
      }
      answer.dnsQuery = record
      return answer
    }
  ]

  private static func wantsJSON(_ request: ScenarioRequest) -> Bool {
    request.head.query.contains { $0.name == "name" }
  }

  /// The query that a request carries, in whichever of the three ways.
  static func question(in request: ScenarioRequest) -> DNSMessage? {
    if request.method == "POST" { return DNSMessage(request.body) }
    let parameters = request.head.query
    if let text = parameters.first(where: { $0.name == "dns" })?.value {
      // base64url without padding; the query's decoder turns no `-` or `_` into anything else.
      let standard = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
      let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
      return Base64.decode(String(standard) + padding).flatMap { DNSMessage($0) }
    }
    guard let name = parameters.first(where: { $0.name == "name" })?.value else { return nil }
    let type = parameters.first { $0.name == "type" }?.value ?? "A"
    return DNSMessage(
      id: 0, flags: DNSMessage.recursionDesiredFlag,
      questions: [.init(name: DNSName(name), type: DNSMessage.RecordType(name: type) ?? .a)])
  }

  private static func json(_ message: DNSMessage) -> JSON {
    let answers = message.answers.map { record -> JSON in
      [
        "name": .string(record.name.text), "type": .integer(Int(record.type.rawValue)),
        "TTL": .integer(Int(record.timeToLive)), "data": .string(NameService.presentation(record)),
      ]
    }
    var result: JSON = [
      "Status": .integer(Int(message.flags & 15)), "TC": false, "RD": true, "RA": true, "AD": false, "CD": false,
      "Question": .array(
        message.questions.map {
          ["name": .string($0.name.text), "type": .integer(Int($0.type.rawValue))]
        }),
    ]
    if !answers.isEmpty { result = result.with("Answer", .array(answers)) }
    return result
  }
}
