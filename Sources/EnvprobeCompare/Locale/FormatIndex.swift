/// Formats of one kind, found by the bytes that a text in them begins with.
struct FormatIndex: Sendable {
  private var formats: [CompiledFormat] = []
  /// By format: what it is called, in every locale: `%x`, `yMMMd`. Several where the formats are the same in this one.
  private var names: [Set<String>] = []
  /// By first byte: the second one, where the format tells it, and which format it is.
  private var starts: [[(second: UInt8?, format: Int)]] = Array(repeating: [], count: 256)
  private(set) var table = StartTable()

  /// Adds a format; one that reads the same as another becomes another name of that.
  mutating func add(_ format: CompiledFormat, _ names: Set<String>) {
    let same = formats.firstIndex {
      $0.segments == format.segments && $0.day == format.day && $0.vocabulary.halves == format.vocabulary.halves
        && $0.vocabulary.zero == format.vocabulary.zero && $0.vocabulary.numerals == format.vocabulary.numerals
    }
    if let same {
      self.names[same].formUnion(names)
      return
    }
    var seen: Set<[UInt8]> = []
    for start in format.starts where !start.isEmpty && seen.insert(start).inserted {
      starts[Int(start[0])].append((start.count > 1 ? start[1] : nil, formats.count))
      table.insert(start)
    }
    formats.append(format)
    self.names.append(names)
  }

  /// Calls `found` with every format in which something stands at a place, and with its names.
  func read(
    _ bytes: UnsafeBufferPointer<UInt8>, at place: Int,
    _ found: (CompiledFormat, Set<String>, CompiledFormat.Reading) -> Void
  ) {
    guard place < bytes.count else { return }
    let second = place + 1 < bytes.count ? bytes[place + 1] : nil
    var last = -1
    for start in starts[Int(bytes[place])] where start.second == nil || start.second == second {
      // Two halves of the day, one format.
      guard start.format != last else { continue }
      last = start.format
      let format = formats[start.format]
      if let reading = format.read(bytes, at: place) { found(format, names[start.format], reading) }
    }
  }
}

extension CompiledFormat {
  /// The first bytes, one or two, of all texts in this format.
  fileprivate var starts: [[UInt8]] {
    for segment in segments {
      switch segment {
      case .text(let text): return [Array(text.prefix(2))]
      case .half:
        // A language without halves of the day writes nothing.
        if vocabulary.halves.isEmpty { continue }
        return vocabulary.halves.map { Array($0.prefix(2)) }
      case .hour, .minute, .second:
        return (0..<10).flatMap { digit in
          [vocabulary.number(digit, .none, isAlternative: true), "\(digit)"].compactMap { text in
            text.utf8.first.map { [$0] }
          }
        }
      }
    }
    return []
  }
}
