import EnvprobeModel
import EnvprobeSandbox
import EnvprobeWire
import SystemPackage

/// What the gateway is told of a run.
enum GatewayWorld {
  static func configuration(
    assignment: Assignment, sink: any EventSink, scenario: Scenario?, program: RunningProgram
  ) -> SessionConfiguration {
    let resolver = assignment.resolver ?? Plan.Default.resolver
    let proxies = assignment.proxy.map { [$0.http, $0.https, $0.all].compactMap { $0 } } ?? []
    let urls = (assignment.endpoint.map { [$0] } ?? []) + proxies + (assignment.mirrors.map { Array($0.values) } ?? [])
    let addresses = urls.compactMap(WebAddress.init)
    return SessionConfiguration(
      sink: sink, scenario: scenario, network: assignment.network, nameservers: resolver.nameservers,
      searchDomains: resolver.search, knownHosts: addresses.map(\.host),
      loopbackPorts: Set(addresses.filter(\.isLoopback).compactMap(\.effectivePort))
    ) { transport, address, port throws(GatewayError) in
      let name = "\(transport.rawValue) \(address) port \(port)"
      guard let port = UInt16(exactly: port) else { throw GatewayError(.makeSocket, subject: name, reason: "no port") }
      do throws(LaunchError) {
        return try program.makeListener(transport: transport, address: address, port: port)
      } catch {
        throw GatewayError(.makeSocket, subject: name, errno: error.errno.rawValue)
      }
    }
  }
}
