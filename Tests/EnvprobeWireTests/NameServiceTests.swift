import EnvprobeModel
import Testing

@testable import EnvprobeWire

@Suite struct NameServiceTests {
  static let service = NameService(
    searchDomains: ["corp.example.cn"], knownHosts: ["proxy.corp.example.cn", "intranet"], book: NameBook())

  private func ask(
    _ name: String, _ type: DNSMessage.RecordType = .a, service: NameService = Self.service
  ) throws -> DNSQuery {
    let query = DNSMessage(id: 1, flags: 0x0100, questions: [.init(name: DNSName(name), type: type)])
    return try #require(service.respond(to: query, transport: .udp, server: "10.0.2.3")).record
  }

  @Test(arguments: [
    ("api.example.com", "NOERROR", 1),
    ("API.Example.COM", "NOERROR", 1),
    ("proxy.corp.example.cn", "NOERROR", 1),
    ("intranet", "NOERROR", 1),
    // These only arise because the resolver appends its search list.
    ("api.example.com.corp.example.cn", "NXDOMAIN", 0),
    ("wpad.corp.example.cn", "NXDOMAIN", 0),
    // Nobody delegates these.
    ("wpad", "NXDOMAIN", 0),
    ("metadata.google.internal", "NXDOMAIN", 0),
    ("printer.local", "NXDOMAIN", 0),
    ("x.home.arpa", "NXDOMAIN", 0),
    ("something.invalid", "NXDOMAIN", 0),
    // The domains themselves exist, without an address being asked for in vain.
    ("localhost", "NOERROR", 1),
    ("app.localhost", "NOERROR", 1),
    ("9.9.9.9.in-addr.arpa", "NXDOMAIN", 0),
  ])
  func answersAsAnOrdinaryNetworkDoes(name: String, status: String, answers: Int) throws {
    let record = try ask(name)
    #expect(record.status == status)
    #expect(record.answers.count == answers)
    #expect(record.name == name)
  }

  @Test(arguments: ["AAAA", "HTTPS", "TXT", "MX", "SRV", "NS", "CAA"])
  func otherTypesExistButAreEmpty(type: String) throws {
    let record = try ask("api.example.com", try #require(DNSMessage.RecordType(name: type)))
    #expect(record.status == "NOERROR")
    #expect(record.answers == [])
    #expect(record.type == type)
  }

  @Test func aNameHasOneAddressAndTheAddressHasItsName() throws {
    let service = NameService(searchDomains: [], knownHosts: [], book: NameBook())
    let first = try ask("api.example.com", service: service).answers
    #expect(try ask("API.example.com", service: service).answers == first)
    let address = try #require(first.first)
    let reverse = address.split(separator: ".").reversed().joined(separator: ".") + ".in-addr.arpa"
    #expect(try ask(reverse, .ptr, service: service).answers == ["api.example.com"])
  }

  @Test func addressesAreTheSameInEveryMatrix() {
    #expect(NameBook().address(of: "api.example.com") == NameBook().address(of: "api.example.com"))
  }

  @Test func addressesAreDistinctAndUsable() {
    let book = NameBook()
    let addresses = (0..<5000).map { book.address(of: "host\($0).example.com") }
    #expect(Set(addresses).count == 5000)
    for address in addresses {
      #expect(address.bytes[0] == 198 && (address.bytes[1] == 18 || address.bytes[1] == 19))
      #expect(address.bytes[3] != 0 && address.bytes[3] != 255)
    }
  }

  @Test func emptyAnswersComeWithAnAuthority() throws {
    let query = DNSMessage(
      id: 9, flags: 0x0100, questions: [.init(name: DNSName("www.example.com"), type: .aaaa)],
      additionals: [.init(name: DNSName(labels: []), type: .opt, recordClass: 4096, timeToLive: 0, data: [])])
    let response = try #require(Self.service.respond(to: query, transport: .udp, server: "")).response
    #expect(response.id == 9)
    #expect(response.flags == 0x8180)
    #expect(response.authorities.map(\.type) == [.soa])
    #expect(response.authorities.first?.name.text == "example.com")
    #expect(response.additionals.map(\.type) == [.opt])
  }

  @Test func otherOperationsAreNotImplemented() throws {
    let query = DNSMessage(id: 1, flags: 0x2800, questions: [.init(name: DNSName("example.com"), type: .soa)])
    let (response, record) = try #require(Self.service.respond(to: query, transport: .udp, server: ""))
    #expect(record.status == "NOTIMP")
    #expect(response.operation == 5)
  }

  @Test func responsesAreNotAnswered() {
    let message = DNSMessage(id: 1, flags: 0x8180, questions: [.init(name: DNSName("example.com"), type: .a)])
    #expect(Self.service.respond(to: message, transport: .udp, server: "") == nil)
  }

  @Test(arguments: [
    ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%lo", "fe80::1"), ("2001:DB8:0::1", "2001:db8::1"),
    ("192.0.2.1", "192.0.2.1"),
  ])
  func addressesHaveACanonicalForm(text: String, expected: String) {
    #expect(IPAddress(text)?.text == expected)
  }

  @Test(arguments: ["", "example.com", "1.2.3", "1.2.3.256", "[::1]"])
  func otherTextsAreNoAddresses(text: String) { #expect(IPAddress(text) == nil) }
}
