extension SyscallRule {
  /// Sockets. Data that goes over a connected socket is recorded on the wire, not here.
  static let network: [SyscallRule] = [
    .init("socket", .socketFamily, .socketType, .int),
    .init("socketpair", .socketFamily, .socketType, .int, .opaque),
    .init("connect", .fd, .socketAddress, .int),
    .init("bind", .fd, .socketAddress, .int),
    .init("listen", .fd, .int),
    .init("accept", .fd, .opaque, .opaque),
    .init("accept4", .fd, .opaque, .opaque, .int),
    .init("getsockname", .fd, .opaque, .opaque),
    .init("getpeername", .fd, .opaque, .opaque),
    .init("getsockopt", .fd, .int, .int, .opaque, .opaque),
    .init("setsockopt", .fd, .int, .int, .opaque, .int),
    .init("shutdown", .fd, .int),
    .init(
      "sendto", .fd, .opaque, .number, .int, .socketAddress, .int,
      treatment: .recordedWhen(.notZero(argument: 4))),
    .init("sendmsg", .fd, .messageHeader, .int),
    .init("sendmmsg", .fd, .messageVector, .int, .int),
    .init("recvfrom", .fd, .opaque, .number, .int, .opaque, .opaque, treatment: .hot),
    .init("recvmsg", .fd, .opaque, .int, treatment: .hot),
    .init("recvmmsg", .fd, .opaque, .int, .int, .opaque),
    .init("sethostname", .sizedText, .int),
    .init("setdomainname", .sizedText, .int),
  ]
}
