import FoundationEssentials

/// Journal entries as lines of JSON. The file itself is somebody else's business.
public enum JournalCodec {
  /// One line, with its line feed: what to append in a single write.
  public static func line(_ entry: JournalEntry) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(entry)) + [0x0A]
  }

  /// The entries of a journal.
  ///
  /// A last line without its line feed is what a killed writer leaves behind; it is dropped, and the number of bytes
  /// before it is returned for the caller to cut the file back to. Anything else that cannot be read is an error.
  public static func decode(
    _ bytes: [UInt8], path: String
  ) throws(MatrixError) -> (entries: [JournalEntry], validBytes: Int) {
    let valid = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let decoder = JSONDecoder()
    var entries: [JournalEntry] = []
    for (index, line) in bytes[..<valid].split(separator: 0x0A).enumerated() {
      do {
        entries.append(try decoder.decode(JournalEntry.self, from: Data(line)))
      } catch {
        throw MatrixError(
          .readJournal, subject: "\(path):\(index + 1)", reason: "it is no line of a matrix's journal (\(error))",
          hint: "start anew with another --out")
      }
    }
    return (entries, valid)
  }
}
