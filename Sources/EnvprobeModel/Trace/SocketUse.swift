/// Which process is about to connect a socket, or to send from it, and which socket that is.
public struct SocketUse: Hashable, Sendable {
  /// As the program sees it.
  public var pid: Int?
  /// Whether the socket is one of TCP; `nil` where that is not known.
  public var isStream: Bool?
  /// The kernel's own number of the socket, never given again (`SO_COOKIE`); `nil` where it is not known.
  public var cookie: UInt64?

  public init(pid: Int? = nil, isStream: Bool? = nil, cookie: UInt64? = nil) {
    self.pid = pid
    self.isStream = isStream
    self.cookie = cookie
  }
}
