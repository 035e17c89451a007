/// Command lines as people type them. For display only: programs are launched from argument vectors.
public enum ShellWord {
  /// The argument as one word of a POSIX shell: as it is where that is safe, in single quotes otherwise.
  public static func quote(_ argument: String) -> String {
    let isPlain = { (byte: UInt8) -> Bool in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:=@%+,".utf8.contains(byte)
      }
    }
    if !argument.isEmpty, argument.utf8.allSatisfy(isPlain) { return argument }
    return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// A whole command line.
  public static func join(_ arguments: [String]) -> String { arguments.map(quote).joined(separator: " ") }
}
