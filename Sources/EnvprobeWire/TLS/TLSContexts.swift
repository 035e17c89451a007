import NIOCore
import NIOSSL
import Synchronization

/// The TLS side of every host, made when it is first asked for; shared by the runs of a matrix.
final class TLSContexts: Sendable {
  private let authority: CertificateAuthority
  private let contexts = Mutex<[String: NIOSSLContext]>([:])

  /// Contexts that are kept; a program that invents names must not fill memory.
  static let capacity = 4096

  private let keepSecret: (@Sendable (String) -> Void)?

  /// - Parameter keepSecret: given every line for a key log file, where secrets are kept.
  init(authority: CertificateAuthority, keepSecret: (@Sendable (String) -> Void)? = nil) {
    self.authority = authority
    self.keepSecret = keepSecret
  }

  /// - Parameter host: a name or an address.
  func context(for host: String) throws(GatewayError) -> NIOSSLContext {
    let name = host.lowercased()
    if let context = contexts.withLock({ $0[name] }) { return context }
    let context = try makeContext(name)
    contexts.withLock { contexts in
      if contexts.count >= Self.capacity { contexts.removeAll() }
      contexts[name] = context
    }
    return context
  }

  private func makeContext(_ name: String) throws(GatewayError) -> NIOSSLContext {
    let leaf = try authority.leaf(for: name)
    do {
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: [.certificate(try NIOSSLCertificate(bytes: leaf, format: .der))],
        privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(authority.leafKeyPEM.utf8), format: .pem)))
      // As old as clients may be: the gateway protects nothing.
      configuration.minimumTLSVersion = .tlsv1
      configuration.applicationProtocols = ["h2", "http/1.1"]
      if let keepSecret {
        configuration.keyLogCallback = { line in
          keepSecret(String(decoding: line.readableBytesView.prefix { $0 != 10 }, as: UTF8.self))
        }
      }
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw GatewayError(.makeContext, subject: name, reason: "\(error)")
    }
  }
}
