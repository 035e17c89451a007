/// The server's side of a SOCKS4, 4a or 5 negotiation (RFC 1928, RFC 1929; "SOCKS 4A", Ying-Da Lee) as values: every
/// destination is granted.
struct SOCKSNegotiation: Hashable, Sendable {
  enum Step: Hashable, Sendable {
    case send([UInt8])
    /// Granted; the stream goes on with what the client says to this destination.
    case established(host: String, port: Int)
    /// Refused, after what was sent.
    case refused
  }

  private enum Stage: Hashable {
    case greeting, password, request, done
  }

  private let version: UInt8
  private var stage: Stage
  private(set) var pending: [UInt8] = []

  /// - Parameter version: 4 or 5, as the first byte says.
  init(version: UInt8) {
    self.version = version
    stage = version == 5 ? .greeting : .request
  }

  /// Takes bytes in; those that follow the negotiation stay in ``pending``.
  mutating func receive(_ bytes: some Sequence<UInt8>) -> [Step] {
    pending += bytes
    var steps: [Step] = []
    while stage != .done, let next = version == 5 ? advance5() : advance4() { steps += next }
    return steps
  }

  private mutating func advance4() -> [Step]? {
    guard pending.count >= 9, let userEnd = pending[8...].firstIndex(of: 0) else { return overlong() }
    let port = Int(pending[2]) << 8 | Int(pending[3])
    let address = Array(pending[4..<8])
    var host = IPAddress(bytes: address)!.text
    var end = userEnd + 1
    if address.prefix(3) == [0, 0, 0], address[3] != 0 {
      guard let nameEnd = pending[end...].firstIndex(of: 0) else { return overlong() }
      host = String(decoding: pending[end..<nameEnd], as: UTF8.self)
      end = nameEnd + 1
    }
    let command = pending[1]
    pending.removeFirst(end)
    stage = .done
    guard command == 1 else { return [.send([0, 91, 0, 0, 0, 0, 0, 0]), .refused] }
    return [.send([0, 90, 0, 0, 0, 0, 0, 0]), .established(host: host, port: port)]
  }

  /// No field is allowed to grow without end.
  private mutating func overlong() -> [Step]? {
    guard pending.count > 1024 else { return nil }
    stage = .done
    return [.refused]
  }

  private mutating func advance5() -> [Step]? {
    switch stage {
    case .greeting:
      guard pending.count >= 2, pending.count >= 2 + Int(pending[1]) else { return nil }
      let methods = pending[2..<2 + Int(pending[1])]
      pending.removeFirst(2 + Int(pending[1]))
      if methods.contains(0) {
        stage = .request
        return [.send([5, 0])]
      }
      if methods.contains(2) {
        stage = .password
        return [.send([5, 2])]
      }
      stage = .done
      return [.send([5, 0xff]), .refused]
    case .password:
      guard pending.count >= 2, pending.count >= 3 + Int(pending[1]) else { return nil }
      let passwordAt = 3 + Int(pending[1])
      guard pending.count >= passwordAt + Int(pending[passwordAt - 1]) else { return nil }
      pending.removeFirst(passwordAt + Int(pending[passwordAt - 1]))
      stage = .request
      return [.send([1, 0])]
    case .request:
      guard pending.count >= 5 else { return nil }
      let length: Int
      switch pending[3] {
      case 1: length = 4
      case 3: length = 1 + Int(pending[4])
      case 4: length = 16
      default:
        stage = .done
        return [.send([5, 8, 0, 1, 0, 0, 0, 0, 0, 0]), .refused]
      }
      guard pending.count >= 4 + length + 2 else { return nil }
      let field = Array(pending[4..<4 + length])
      let host = pending[3] == 3 ? String(decoding: field.dropFirst(), as: UTF8.self) : IPAddress(bytes: field)!.text
      let port = Int(pending[4 + length]) << 8 | Int(pending[5 + length])
      let command = pending[1]
      pending.removeFirst(4 + length + 2)
      stage = .done
      guard command == 1 else { return [.send([5, 7, 0, 1, 0, 0, 0, 0, 0, 0]), .refused] }
      return [.send([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), .established(host: host, port: port)]
    case .done:
      return nil
    }
  }
}
