import EnvprobeModel

/// What the name servers of the offline world answer: a pure function of the question.
///
/// Every name that could exist on the public Internet has one IPv4 address. Names that no public server knows get
/// NXDOMAIN as they would outside: single labels, the special-use domains, and everything in the profile's own search
/// domains but the hosts that the profile names. That last rule is what keeps a resolver's search list harmless:
/// `api.example.com.corp.example.cn` must not exist because `api.example.com` was asked for.
struct NameService: Sendable {
  /// Lower case, without dots at either end.
  var searchDomains: [String]
  /// Lower case.
  var knownHosts: Set<String>
  var book: NameBook
  /// Whether there is no network, and so no answer but for the machine's own name.
  var isOffline = false

  /// Seconds for which an answer may be cached; more than any run lasts.
  static let timeToLive: UInt32 = 300

  /// Domains that are not delegated in the root zone, or not answered in public: RFC 6761, 6762, 7686, 8375, 9476,
  /// ICANN's reservation of `internal`, and the usual names of private networks.
  static let privateDomains: Set<String> = [
    "alt", "corp", "home", "home.arpa", "internal", "intranet", "invalid", "lan", "local", "localdomain", "mail",
    "onion",
    "private", "resolver.arpa", "test", "workgroup",
  ]

  /// The response to a message with one question, and what to record of it; `nil` where there is nothing to answer.
  func respond(
    to query: DNSMessage, transport: Connection.Transport, server: String
  ) -> (response: DNSMessage, record: DNSQuery)? {
    guard !query.isResponse, let question = query.questions.first else { return nil }
    var response = DNSMessage(
      id: query.id,
      flags: DNSMessage.responseFlag | DNSMessage.recursionAvailableFlag
        | query.flags & (DNSMessage.recursionDesiredFlag | 0x7800))
    response.questions = [question]
    let (status, answers) = query.operation == 0 ? resolve(question) : (.notImplemented, [])
    response.flags |= status.rawValue
    response.answers = answers
    if answers.isEmpty, status == .noError || status == .nameError {
      response.authorities = [startOfAuthority(for: question.name)]
    }
    if query.additionals.contains(where: { $0.type == .opt }) {
      response.additionals = [
        .init(name: DNSName(labels: []), type: .opt, recordClass: 1232, timeToLive: 0, data: [])
      ]
    }
    let record = DNSQuery(
      name: question.name.text, type: question.type.name, transport: transport, server: server,
      answers: answers.map(Self.presentation), status: status.name)
    return (response, record)
  }

  private func resolve(_ question: DNSMessage.Question) -> (DNSMessage.Status, [DNSMessage.Record]) {
    let name = question.name.folded
    func record(_ type: DNSMessage.RecordType, _ data: [UInt8]) -> DNSMessage.Record {
      .init(name: question.name, type: type, timeToLive: Self.timeToLive, data: data)
    }
    if let address = question.name.reversedAddress {
      guard let target = address.isLoopback ? "localhost" : book.name(of: address) else { return (.nameError, []) }
      return (.noError, question.type == .ptr ? [record(.ptr, DNSName(target).wireFormat)] : [])
    }
    if name == "localhost" || name.hasSuffix(".localhost") {
      switch question.type {
      case .a: return (.noError, [record(.a, [127, 0, 0, 1])])
      case .aaaa: return (.noError, [record(.aaaa, [UInt8](repeating: 0, count: 15) + [1])])
      default: return (.noError, [])
      }
    }
    // As a stub resolver says that reaches no server.
    if isOffline { return (.serverFailure, []) }
    guard exists(name) else { return (.nameError, []) }
    // An IPv4-only network: nothing is more common, and a client's race between two families would be noise.
    guard question.type == .a || question.type == .any, question.recordClass == 1 else { return (.noError, []) }
    return (.noError, [record(.a, book.address(of: name).bytes)])
  }

  /// Whether a name exists. `name` is in lower case.
  func exists(_ name: String) -> Bool {
    if name.isEmpty || knownHosts.contains(name) { return true }
    if searchDomains.contains(where: { name.hasSuffix("." + $0) }) { return false }
    if !name.contains(".") { return searchDomains.contains { $0 == name || $0.hasSuffix("." + name) } }
    let labels = name.split(separator: ".")
    for count in 1...2 where Self.privateDomains.contains(labels.suffix(count).joined(separator: ".")) { return false }
    return labels.last != "arpa"
  }

  /// The SOA that accompanies an empty answer, for negative caching (RFC 2308).
  private func startOfAuthority(for name: DNSName) -> DNSMessage.Record {
    let zone = DNSName(labels: name.labels.suffix(name.labels.count > 2 ? 2 : 1))
    let numbers: [UInt32] = [2_026_010_101, 7200, 3600, 1_209_600, 60]
    let data =
      DNSName(labels: [Array("ns1".utf8)] + zone.labels).wireFormat
      + DNSName(labels: [Array("hostmaster".utf8)] + zone.labels).wireFormat
      + numbers.flatMap { number in stride(from: 24, through: 0, by: -8).map { UInt8(number >> $0 & 255) } }
    return .init(name: zone, type: .soa, timeToLive: 60, data: data)
  }

  static func presentation(_ record: DNSMessage.Record) -> String {
    switch record.type {
    case .a, .aaaa: IPAddress(bytes: record.data)?.text ?? ""
    default: DNSMessage.nameText(in: record.data)
    }
  }
}

extension DNSMessage {
  /// The text of a name that was written without pointers.
  fileprivate static func nameText(in data: [UInt8]) -> String {
    var labels: [[UInt8]] = []
    var rest = data[...]
    while let length = rest.popFirst(), length > 0 {
      labels.append(Array(rest.prefix(Int(length))))
      rest = rest.dropFirst(Int(length))
    }
    return DNSName(labels: labels).text
  }
}
