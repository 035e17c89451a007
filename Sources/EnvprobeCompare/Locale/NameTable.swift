/// The names of weekdays and months of one vocabulary, to be found in a text.
final class NameTable: Sendable {
  struct Name: Sendable {
    /// From Sunday or January.
    let index: Int
    /// Of its list, with `*` before it where that is not English: `*B`.
    let letter: String
    /// `B` or `b` and the like: whether it is written in full.
    let form: Character
    let bytes: [UInt8]
  }

  struct List: Sendable {
    /// By first byte, those of the lists that come first, first.
    private var names: [[Name]] = Array(repeating: [], count: 256)
    private(set) var starts = StartTable()

    fileprivate init(_ letters: [String], of names: [String: [[UInt8]]], foreign: Set<String>) {
      for letter in letters {
        for (index, bytes) in (names[letter] ?? []).enumerated() {
          guard let first = bytes.first, let form = letter.first else { continue }
          self.names[Int(first)].append(
            Name(index: index, letter: (foreign.contains(letter) ? "*" : "") + letter, form: form, bytes: bytes))
          starts.insert(bytes)
        }
      }
    }

    /// The longest name that stands at a place, in the first of the lists that have it, and whether it is the same in
    /// full and in short.
    func longest(in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (name: Name, isAmbiguous: Bool)? {
      guard place < bytes.count, starts.contains(bytes, at: place) else { return nil }
      var best: Name?
      var isAmbiguous = false
      for name in names[Int(bytes[place])] where name.bytes.count >= best?.bytes.count ?? 1 {
        guard Self.stands(name, in: bytes, at: place) else { continue }
        let end = place + name.bytes.count
        guard end == bytes.count || !isWord(bytes[end - 1]) || !isWord(bytes[end]) else { continue }
        if let best, best.bytes.count == name.bytes.count {
          if best.form != name.form { isAmbiguous = true }
        } else {
          best = name
        }
      }
      return best.map { ($0, isAmbiguous) }
    }

    /// Whether some name stands at a place, also within a word.
    func stands(in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
      starts.contains(bytes, at: place)
        && names[Int(bytes[place])].contains { Self.stands($0, in: bytes, at: place) }
    }

    private static func stands(_ name: Name, in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Bool {
      guard place + name.bytes.count <= bytes.count else { return false }
      for offset in 0..<name.bytes.count where bytes[place + offset] != name.bytes[offset] { return false }
      return true
    }
  }

  let weekdays: List
  let months: List
  /// With what a name can begin.
  let starts: StartTable

  init(_ names: [String: [[UInt8]]], foreign: Set<String>) {
    weekdays = List(["A", "A'", "a", "a'"], of: names, foreign: foreign)
    months = List(["B", "B'", "b", "b'"], of: names, foreign: foreign)
    var starts = weekdays.starts
    starts.formUnion(months.starts)
    self.starts = starts
  }
}
