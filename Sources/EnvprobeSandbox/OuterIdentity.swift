import CEnvprobeSandbox
import Glibc
import SystemPackage

/// Who the program is to the host's kernel.
enum OuterIdentity: Hashable, Sendable {
  /// The caller, who is an ordinary user.
  case caller(user: UInt32, group: UInt32)
  /// A user that owns nothing on the host, as the caller is root.
  ///
  /// Not the caller's own id before sudo: what that user may read would be open to the program, and the working
  /// directory, the only thing that should be, is shown with this user as its owner by an id-mapped mount.
  case stranger(user: UInt32, group: UInt32)

  static var isRoot: Bool { geteuid() == 0 }

  var user: UInt32 {
    switch self {
    case .caller(let user, _), .stranger(let user, _): user
    }
  }
  var group: UInt32 {
    switch self {
    case .caller(_, let group), .stranger(_, let group): group
    }
  }
  var isStranger: Bool { if case .stranger = self { true } else { false } }

  static func current() throws(LaunchError) -> OuterIdentity {
    let caller = OuterIdentity.caller(user: geteuid(), group: getegid())
    guard isRoot else { return caller }
    // The range that systemd leaves free below nobody (65534). In 16 bits, so that it exists in containers, too.
    let taken = Set(try accounts().map(\.user))
    let users = IDExchange.ranges(in: try HostFiles.text("/proc/self/uid_map"))
    let groups = IDExchange.ranges(in: try HostFiles.text("/proc/self/gid_map"))
    let free = (UInt64(65520)...65533).reversed().first { id in
      !taken.contains(UInt32(id)) && users.contains { $0.contains(id) } && groups.contains { $0.contains(id) }
    }
    // Root of a user namespace with few ids is an ordinary user itself.
    return free.map { .stranger(user: UInt32($0), group: UInt32($0)) } ?? caller
  }

  struct Account: Hashable {
    var name: String
    var user: UInt32
    var home: String
    var shell: String
  }

  /// The host's `/etc/passwd`.
  static func accounts() throws(LaunchError) -> [Account] {
    guard HostFiles.kind("/etc/passwd") != nil else { return [] }
    return try HostFiles.text("/etc/passwd").split(separator: "\n").compactMap { line in
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count >= 7, let user = UInt32(fields[2]) else { return nil }
      return Account(name: String(fields[0]), user: user, home: String(fields[5]), shell: String(fields[6]))
    }
  }
}

/// The ids of a mount: two ids exchanged, every other one itself.
///
/// With the working directory's owner exchanged for the program's outer user, the program owns the files that its
/// caller owns, although to the rest of the host it is a stranger.
struct IDExchange: Hashable, Sendable {
  /// Ids that exist in the user namespace of the caller.
  var ranges: [Range<UInt64>]
  var first: UInt64
  var second: UInt64

  /// Lines of `uid_map`.
  var map: String {
    var result = ""
    func line(_ inside: UInt64, _ outside: UInt64, _ count: UInt64) {
      if count > 0 { result += "\(inside) \(outside) \(count)\n" }
    }
    let low = min(first, second)
    let high = max(first, second)
    for range in ranges {
      var start = range.lowerBound
      for special in low == high ? [] : [low, high] where range.contains(special) {
        line(start, start, special - start)
        line(special, special == low ? high : low, 1)
        start = special + 1
      }
      line(start, start, range.upperBound - start)
    }
    return result
  }

  /// The ids in a `uid_map` of the caller.
  static func ranges(in map: String) -> [Range<UInt64>] {
    map.split(separator: "\n").compactMap { line in
      let numbers = line.split(separator: " ").compactMap { UInt64($0) }
      guard numbers.count == 3 else { return nil }
      return numbers[0]..<numbers[0] + numbers[2]
    }
  }
}
