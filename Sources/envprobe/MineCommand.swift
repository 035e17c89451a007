import ArgumentParser
import EnvprobeMatrix
import EnvprobeModel
import FoundationEssentials
import Glibc

struct MineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mine", abstract: "Read a program for names of places that it may look for.",
    discussion: """
      Lists time zones, locales, codes of countries and currencies, hosts and the names of variables that stand in a \
      file: as plain text, in UTF-16, in base64, under a mask of one byte (XOR), under such a mask in base64, and in \
      what is packed within it (zip, gzip). The most telling come first: what was hidden, and what does not stand in a \
      table of all its kind.

      A name in a program says nothing about what the program does with it. Try it: 'envprobe matrix --set' or a \
      profile of your own gives it as a level, and only what is then seen to differ is a finding.

      EXAMPLES
        envprobe mine ./agent
        envprobe mine ./agent --kind zone --kind host --limit 20
        envprobe mine bundle.js --format json
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: "The file to read.", completion: .file())
  var path: String

  @Option(help: ArgumentHelp("Only this kind of name: \(Self.kinds) (may be repeated).", valueName: "kind"))
  var kind: [Kind] = []

  @Option(help: ArgumentHelp("How many names to list; 0 for all.", valueName: "n"))
  var limit = 40

  @Option(help: "The form of the list: text or json.")
  var format = Format.text

  private static let kinds = MinedName.Kind.allCases.map(\.rawValue).joined(separator: ", ")

  /// A kind of name, as an argument.
  struct Kind: ExpressibleByArgument {
    var kind: MinedName.Kind
    init?(argument: String) {
      guard let kind = MinedName.Kind(rawValue: argument) else { return nil }
      self.kind = kind
    }
    static var allValueStrings: [String] { MinedName.Kind.allCases.map(\.rawValue) }
  }

  func run() throws {
    do {
      let names = try Self.names(in: path).filter { name in kind.isEmpty || kind.contains { $0.kind == name.kind } }
      let listed = limit > 0 ? Array(names.prefix(limit)) : names
      switch format {
      case .json:
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.print(String(decoding: try encoder.encode(listed), as: UTF8.self))
      case .text:
        for name in listed { Terminal.print(Self.line(name)) }
        if listed.count < names.count { Terminal.print("and \(names.count - listed.count) more (--limit 0)") }
      }
    } catch {
      throw Failure.report(error, otherwise: .inconclusive)
    }
  }

  private static func line(_ name: MinedName) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    let place = "0x" + String(name.offsets[0], radix: 16) + (name.count > 1 ? " (\(name.count) times)" : "")
    let encoding = name.encodings.isEmpty ? "" : "  \(name.encodings.joined(separator: ", "))"
    return padded(name.kind.rawValue, 10) + padded(name.text, 42) + place + encoding
  }

  /// Maps the file rather than reading it: programs are large, and most of one is looked at once.
  static func names(in path: String) throws -> [MinedName] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size > 0 else { return [] }
    // A folder has a size too, but cannot be mapped.
    guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
      throw UsageError("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { munmap(memory, size) }
    return Mine.names(in: UnsafeBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: size))
  }
}
