#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the gateway could not do.
public struct GatewayError: Error, Hashable, Sendable {
  public enum Operation: String, Hashable, Sendable {
    case makeCertificate = "make a certificate for"
    case makeContext = "prepare TLS for"
    case makeSocket = "make a socket for"
    case listen = "listen on"
  }
  public var operation: Operation
  /// A host, or an address and port.
  public var subject: String
  public var errno: CInt?
  /// What a library said where no call to the kernel failed.
  public var reason: String?

  public init(_ operation: Operation, subject: String, errno: CInt? = nil, reason: String? = nil) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.reason = reason
  }
}

extension GatewayError: CustomStringConvertible {
  public var description: String {
    let cause = errno.map { String(cString: strerror($0)) } ?? reason
    return "cannot \(operation.rawValue) \(subject)" + (cause.map { ": \($0)" } ?? "")
  }
}
